"""Servers whose output and log find no room: they serve all the same."""

import os
import subprocess
import sys

import pytest

from benchmarks.dashboard import free_port, wait_until_healthy
from glassbox.paths import ROOT

FULL = "/dev/full"
pytestmark = pytest.mark.skipif(not os.path.exists(FULL), reason="only Linux has such a device")
_PATIENCE = 60


@pytest.mark.parametrize(
    "command",
    [
        "glassbox dashboard --server.port",
        "glassbox dashboard --workers 2 --server.port",
        "glassbox serve --server.port",
        "streamlit run dashboard.py --server.port",
    ],
)
def test_a_full_disk_behind_the_output_stops_no_dashboard(command: str) -> None:
    port = free_port()
    with open(FULL, "wb") as full:
        process = subprocess.Popen(
            [sys.executable, "-m", *command.split(), str(port)], cwd=ROOT, stdout=full, stderr=full
        )
    try:
        wait_until_healthy(process, f"http://localhost:{port}")
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait(_PATIENCE)


@pytest.mark.parametrize("written", ["print('a' * 20_000, flush=True)", "print('a', file=sys.stderr)"])
def test_what_finds_no_room_is_lost(written: str) -> None:
    code = f"import sys; from glassbox.serving import output; output.never_fail(); {written}; sys.exit(7)"
    with open(FULL, "wb") as full:
        assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=full, stderr=full).returncode == 7


def test_what_finds_room_is_written() -> None:
    code = "from glassbox.serving import output; output.never_fail(); output.never_fail(); print('数' * 20_000)"
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert (done.stdout, done.stderr) == ("数" * 20_000 + "\n", "")
