"""What a remote engine adds to a run: `python -m benchmarks.remote [ADDRESS]`.

Without an address, of a server that has the models of models/, the service of this checkout is started for it. The same
digit goes to a model embedded and remote by turns, as bytes and as JSON.
"""

import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.measure import by_turns, report
from glassbox.digits.reader import Reader
from glassbox.digits.tensors import feed
from glassbox.engine import inference_protocol as protocol
from glassbox.engine.choice import EMBEDDED, Engine, ModelSession
from glassbox.engine.remote_server import Server, Settings
from glassbox.zoo import digit_models

SERVE = """
import sys, uvicorn
from starlette.applications import Starlette
from glassbox.serving.service import Service
from glassbox.serving.settings import Settings
app = Starlette(routes=Service(Settings(rate=0)).routes())
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False)
"""
REPOSITORY = Path(__file__).parent.parent


def main() -> None:
    if len(sys.argv) > 1:
        measure(sys.argv[1])
        return
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", SERVE, str(port)], cwd=REPOSITORY)
    try:
        measure(f"http://127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait(10)


def measure(address: str) -> None:
    served = Server(Settings(address, seconds=30))
    while not served.health().ready:
        time.sleep(0.1)
    zoo = digit_models.load()
    here, there = Reader(zoo, engine=EMBEDDED), Reader(zoo, engine=Engine(served))
    for name in zoo.article:
        compare(name, here.session(name), there.session(name))


def compare(name: str, embedded: ModelSession, remote: ModelSession) -> None:
    feeds = feed(embedded, np.random.default_rng(0).random((28, 28), np.float32))
    calls = {
        "embedded": lambda: embedded.run(feeds),
        "remote": lambda: remote.run(feeds),
        "bytes": lambda: protocol.request(feeds, embedded.outputs, binary=True),
        "JSON": lambda: protocol.request(feeds, embedded.outputs, binary=False),
    }
    seconds = by_turns(calls, rounds=500)
    microseconds = {call: round(1e6 * one) for call, one in seconds.items()}
    report(f"{name}: remote - embedded", 1e3 * (seconds["remote"] - seconds["embedded"]), "ms", 3)
    print(f"{'':4}microseconds: {microseconds}, bytes and JSON being what it takes to write the request")


if __name__ == "__main__":
    main()
