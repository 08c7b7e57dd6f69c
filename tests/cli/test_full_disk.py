"""Where what a command prints or writes finds no room, it says so in a line."""

import json
import os
from pathlib import Path

import pytest

from glassbox.__main__ import main
from glassbox.paths import MODELS
from glassbox.serving import alone
from glassbox.serving.settings import variable
from tests.cli.test_predict import models, needs_models, seven  # noqa: F401 (fixtures)
from tests.cli.test_predict_many import folder_of
from tests.full_disk import full_disk

pytestmark = [needs_models, pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has such a device")]
MODEL = str(MODELS / "mlp" / "1" / "model.onnx")


@pytest.mark.parametrize("command", ["predict PICTURE", "predict --json PICTURE", f"inspect {MODEL}", "doctor"])
def test_what_is_printed_finds_no_room(
    command: str,
    seven: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert main(command.replace("PICTURE", str(seven)).split()) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "the output: No space left on device"


def test_a_closed_output_fails_nothing(seven: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    for output in ("sys.stdout", "sys.stderr"):
        monkeypatch.setattr(output, None)
    assert main(["predict", str(seven)]) == 0


def test_a_log_that_finds_no_room_stops_no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[str, int, int]] = []
    monkeypatch.setenv(variable("log"), "1")  # which the command would set
    monkeypatch.setattr(alone, "run", lambda *where: served.append(where))
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr("sys.stderr", full)
        assert main(["serve", "--no-dashboard", "--port", "8123"]) == 0
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())  # so that closing it does not fail
    assert served == [("127.0.0.1", 8123, 1)]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_answers_that_find_no_room_are_gone_on_with_once_there_is(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out, whole = folder_of(tmp_path / "pictures", 3), tmp_path / f"out.{ending}", tmp_path / f"whole.{ending}"
    command = ["predict", str(folder), "--workers", "1", "--models", "mlp", "--output"]
    with full_disk(room=90):
        assert main([*command, str(out)]) == 1
    said = capsys.readouterr().err
    assert said.splitlines()[-1] == f"{out}: File too large (what is written stays: go on by --resume)"
    assert out.stat().st_size == 90
    assert main([*command, str(out), "--resume"]) == main([*command, str(whole)]) == 0
    assert out.read_bytes() == whole.read_bytes()


def test_json_of_a_file_that_is_missing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "gone.onnx", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "unreadable"
