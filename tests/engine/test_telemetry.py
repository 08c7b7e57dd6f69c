"""Nothing reports home: no file of ONNX Runtime's telemetry, and no question for its host."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from glassbox.paths import MODELS, ROOT

CHILD = """
import json, socket, subprocess, sys, threading, time
nameserver = next(line.split()[1] for line in open("/etc/resolv.conf") if line.startswith("nameserver"))
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["ip", "addr", "add", nameserver + "/32", "dev", "lo"], check=not nameserver.startswith("127."))
sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sink.bind((nameserver, 53))
asked = []
threading.Thread(target=lambda: [asked.append(sink.recv(512).hex()) for _ in range(9)], daemon=True).start()
exec(sys.argv[1])
time.sleep(1.5)
print(json.dumps(asked))
"""
OURS = f"from glassbox.engine.session import Session; Session({str(MODELS / 'mlp' / '1' / 'model.onnx')!r})"
BARE = f"""
import onnxruntime, pathlib, time
onnxruntime.InferenceSession({str(MODELS / "mlp" / "1" / "model.onnx")!r})
deadline = time.monotonic() + 60
while not list(pathlib.Path.home().rglob("deviceid")) and time.monotonic() < deadline:
    time.sleep(0.1)
"""


def leaves_behind(program: str, home: Path) -> tuple[list[str], list[str]]:
    """What a process that runs `program` writes into an empty home, and what it asks the name server, in a network
    that has nothing else."""
    alone = ["unshare", "--map-root-user", "--net", "--mount"]
    silencing = ("ORT_DISABLE_TELEMETRY", "CI", "GITHUB_ACTIONS")  # where ONNX Runtime keeps silent by itself
    environment = {name: value for name, value in os.environ.items() if name not in silencing}
    environment |= {"HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*alone, sys.executable, "-c", CHILD, program], env=environment, capture_output=True, text=True, check=True
    )
    return [path.name for path in home.rglob("*") if path.is_file()], json.loads(done.stdout.splitlines()[-1])


def isolated() -> bool:
    tools = all(map(shutil.which, ("unshare", "ip")))
    return tools and subprocess.run(["unshare", "--map-root-user", "--net", "--mount", "true"]).returncode == 0


@pytest.mark.skipif(not isolated(), reason="this system gives no network namespaces")
def test_a_session_of_ours_writes_no_file_and_looks_no_host_up(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    files, _ = leaves_behind(BARE, tmp_path / "bare")
    assert "deviceid" in files, "ONNX Runtime alone writes it: this test can see that"
    (tmp_path / "ours").mkdir()
    assert leaves_behind(OURS, tmp_path / "ours") == ([], [])
