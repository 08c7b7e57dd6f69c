"""What Streamlit Community Cloud does: the root requirements.txt in a fresh environment, and visitors by deep links.

Only `pytest -m wheel` runs this (.ci/run does): it installs packages.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.dashboard import free_port, wait_until_healthy
from benchmarks.visitor import Visitor
from glassbox.cli.cloud import MEMORY
from glassbox.digits import links, strokes
from glassbox.paths import ROOT
from glassbox.ui.frame.places import PLACES
from tests.memory import resident

pytestmark = [pytest.mark.wheel, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

DIGIT = links.to_link(strokes.draw(strokes.SAMPLES[0].strokes, 28, 2.5))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """The process and the address of a dashboard with nothing installed but requirements.txt."""
    folder = tmp_path_factory.mktemp("cloud")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    install = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", python, "-r", "requirements.txt"]
    subprocess.run(install, cwd=ROOT, check=True)
    port = free_port()
    command = [python, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT) as process,
    ):
        try:
            wait_until_healthy(process, f"http://localhost:{port}")
            yield process.pid, f"http://localhost:{port}"
        finally:
            process.terminate()


@pytest.mark.parametrize("key", PLACES)
def test_a_deep_link_is_opened_first(server: tuple[int, str], key: str) -> None:
    """Each page by its link in a new session, as one who was sent it does, and the memory that all need together."""
    process, url = server
    page = "" if key == "read" else key

    async def visit() -> None:
        async with Visitor(url, page, f"lang=zh&d={DIGIT}") as visitor:
            await visitor.run()
            assert visitor.exceptions() == visitor.refusals() == []
            assert len(visitor.elements) > 5

    asyncio.run(visit())
    assert resident(process) <= MEMORY


def test_no_training_came_with_it(server: tuple[int, str]) -> None:
    process, _ = server
    maps = Path(f"/proc/{process}/maps").read_text()
    assert "onnxruntime" in maps and "tensorflow" not in maps and "torch" not in maps
