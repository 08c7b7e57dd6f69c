"""How fast the service is: `python -m benchmarks.serving [PYTHON]`.

One digit as bytes through the CNN, from one client and from 32; other networks with dynamic batching and without, of
which some have little to compute and some much, by answers a second and by processor time; and, where PYTHON is
an interpreter that has benchmarks/serving_peers/requirements.txt, the same model on MLServer and on LitServe, each with
its own batching. Server and client share the machine; what is compared runs by turns. Linux only.
"""

import base64
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np

from benchmarks import http_load
from benchmarks.dashboard import free_port
from benchmarks.http_load import Load, post
from benchmarks.measure import processor_seconds, report
from glassbox.paths import MODELS, ROOT

PEERS = Path(__file__).parent / "serving_peers"
CLIENTS, ROUNDS, SECONDS = 32, 5, 2.0
BATCHED = ("cnn", "mlp", "lstm", "cnn_deep", *(f"poet_en {tokens}" for tokens in (1, 4, 8, 16, 32, 128)), "poet_zh 8")
"""Networks; behind a transformer's name stand the tokens of a request."""
PATIENCE = 120.0
NUMBERS = np.random.default_rng(0)


def main() -> None:
    with ExitStack() as running:
        on, off = (running.enter_context(glassbox("--batch", rows)) for rows in ("64", "1"))
        single = [http_load.run(on[0], infer("cnn"), 1, SECONDS) for _ in range(ROUNDS)]
        report("one client, p50", min(load.percentile(50) for load in single), "ms", 2)
        for model in BATCHED:
            loads = by_turns({"batches": on, "none": off}, {name: infer(model) for name in ("batches", "none")})
            tell(f"{model}, {CLIENTS} clients", loads)
            print(
                f"{'':4}with batches {ratio(loads['batches'], loads['none']):.2f} times what it is without", flush=True
            )
    if len(sys.argv) > 1:
        beside_peers(sys.argv[1])


def beside_peers(python: str) -> None:
    """Measure the service beside its peers."""
    with ExitStack() as running:
        servers = {"glassbox": running.enter_context(glassbox("--batch", "64"))}
        servers["mlserver"] = running.enter_context(mlserver(python))
        servers["litserve"] = running.enter_context(litserve(python))
        digit = base64.b64encode(pixels("cnn").tobytes()).decode()
        servers["glassbox, JSON"] = servers["glassbox"]
        requests = {
            "glassbox": infer("cnn"),
            "glassbox, JSON": infer("cnn", binary=False),
            "mlserver": infer("cnn", binary=False),  # its REST takes no bytes
            "litserve": post("/predict", json.dumps({"picture": digit}).encode(), content_type="application/json"),
        }
        loads = by_turns(servers, requests)
        tell(f"cnn, {CLIENTS} clients", loads)
        for peer in ("mlserver", "litserve"):
            times = {name: f"{ratio(loads[name], loads[peer]):.1f}" for name in ("glassbox", "glassbox, JSON")}
            print(f"{'':4}times {peer}: {times}")


def by_turns(servers: Mapping[str, tuple[int, int]], requests: Mapping[str, bytes]) -> dict[str, list[Load]]:
    """Load each server (its port and process) by turns, and print what a request costs the processor."""
    loads: dict[str, list[Load]] = {name: [] for name in servers}
    spent = dict.fromkeys(servers, 0.0)
    for _ in range(ROUNDS):
        for name, (port, process) in servers.items():
            before = spent_by(process)
            loads[name].append(http_load.run(port, requests[name], CLIENTS, SECONDS))
            spent[name] += spent_by(process) - before
    for name, found in loads.items():
        share = spent[name] / sum(len(load.seconds) for load in found) / (1 + http_load.WARMING / SECONDS)
        print(f"{'':4}{name}: {1e6 * share:.0f} us of the server's processor a request")
    return loads


def spent_by(process: int) -> float:
    """Return the processor time of a process and of those that it has started, in seconds."""
    children = (one for file in Path(f"/proc/{process}/task").glob("*/children") for one in file.read_text().split())
    return processor_seconds(process) + sum(spent_by(int(child)) for child in children)


def tell(what: str, loads: Mapping[str, list[Load]]) -> None:
    """Print the best of each server's rounds, as whatever else the machine does only takes away from it."""
    for name, found in loads.items():
        best = max(found, key=lambda load: load.rate)
        told = f"p50 {best.percentile(50):.1f} ms, p99 {best.percentile(99):.1f} ms"
        print(f"{what}, {name}: {best.rate:.0f}/s, {told}")


def ratio(these: list[Load], those: list[Load]) -> float:
    """Return the median over the rounds of how many times the answers of those these gave."""
    return median(a.rate / b.rate for a, b in zip(these, those, strict=True))


def pixels(model: str) -> np.ndarray:
    return NUMBERS.random((1, 1, 28, 28) if "cnn" in model else (1, 28, 28), np.float32)


def infer(asked_of: str, *, binary: bool = True) -> bytes:
    """Return a request of one digit, or of one text of as many tokens as `asked_of` says, as bytes or as JSON."""
    model, _, tokens = asked_of.partition(" ")
    array = np.ones((1, int(tokens)), np.int64) if tokens else pixels(model)
    name, datatype = ("ids", "INT64") if tokens else ("picture", "FP32")
    sent = {"name": name, "shape": list(array.shape), "datatype": datatype}
    if not binary:
        body = json.dumps({"inputs": [sent | {"data": array.ravel().tolist()}]}).encode()
        return post(f"/v2/models/{model}/infer", body, content_type="application/json")
    sent["parameters"] = {"binary_data_size": array.nbytes}
    asked = json.dumps({"inputs": [sent], "parameters": {"binary_data_output": True}}).encode()
    headers = {"inference_header_content_length": str(len(asked)), "content_type": "application/octet-stream"}
    return post(f"/v2/models/{model}/infer", asked + array.tobytes(), **headers)


@contextmanager
def glassbox(*options: str) -> Iterator[tuple[int, int]]:
    port = free_port()
    command = [sys.executable, "-m", "glassbox", "serve", "--no-dashboard", "--quiet", "--rate", "0", *options]
    with server([*command, "--port", str(port)], port, "/v2/health/ready", ROOT) as process:
        yield port, process


@contextmanager
def mlserver(python: str, models: Sequence[str] = ("cnn",)) -> Iterator[tuple[int, int]]:
    port = free_port()
    settings = {"http_port": port, "grpc_port": free_port(), "metrics_port": free_port(), "parallel_workers": 0}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "settings.json").write_text(json.dumps(settings | {"debug": False, "host": "127.0.0.1"}))
        Path(folder, "mlserver_model.py").write_text((PEERS / "mlserver_model.py").read_text())
        for name in models:
            model = {
                "name": name,
                "implementation": "mlserver_model.Network",
                "parameters": {"uri": str(MODELS / name / "1" / "model.onnx"), "version": "1"},
                "max_batch_size": 64,
                "max_batch_time": 0.001,
            }
            Path(folder, name).mkdir()
            Path(folder, name, "model-settings.json").write_text(json.dumps(model))
        command = [python, "-m", "mlserver.cli.main", "start", folder]
        with server(command, port, f"/v2/models/{models[-1]}/ready", Path(folder)) as process:
            yield port, process


@contextmanager
def litserve(python: str) -> Iterator[tuple[int, int]]:
    port = free_port()
    command = [python, str(PEERS / "litserve_app.py"), str(MODELS / "cnn" / "1" / "model.onnx"), str(port)]
    with server(command, port, "/health", ROOT) as process:
        yield port, process


@contextmanager
def server(command: list[str], port: int, path: str, folder: Path) -> Iterator[int]:
    """Start a server, wait until it answers, and end it with the processes that it has started."""
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        begun = time.monotonic()
        while not answers(port, path):
            if process.poll() is not None or time.monotonic() > begun + PATIENCE:
                raise RuntimeError(f"{command} does not answer")
            time.sleep(0.2)
        yield process.pid
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # LitServe leaves its workers behind
        process.wait()


def answers(port: int, path: str) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


if __name__ == "__main__":
    main()
