"""What docs/serving.md gives to copy runs as it stands, but for the port."""

import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from glassbox.paths import ROOT
from tests.serving.server import Server, running
from tests.serving.test_reading import picture

PAGE = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
CURLS = re.findall(r"^curl .*localhost:8000.*$", PAGE, re.MULTILINE)
(PROGRAM,) = re.findall(r"^```py\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("serve")) as server:
        yield server


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("command", CURLS)
def test_a_command(server: Server, command: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("curl")
    (folder / "digit.png").write_bytes(picture("7"))
    line = command.replace("localhost:8000", f"127.0.0.1:{server.port}")
    ran = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, check=True)
    assert ran.stdout and '"error"' not in ran.stdout
    assert ('"ok":true' in ran.stdout) == ("/v1/predict" in command)
    assert (ran.stdout.count("data: ") > 1) == ("stream" in command)


def test_the_program(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tritonclient.http")
    exec(compile(PROGRAM.replace("8000", str(server.port)), "serving.md", "exec"), {})
    assert re.fullmatch(r"\[\[.*\]\]\n", capsys.readouterr().out, re.DOTALL)
