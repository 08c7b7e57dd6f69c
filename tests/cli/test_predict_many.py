"""`glassbox predict --output`: any number of pictures, read by several processes, and gone on with after a stop."""

import importlib.util
import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from glassbox.__main__ import main
from glassbox.cli import folders, spread
from glassbox.cli.spread import Work
from glassbox.digits import strokes
from glassbox.engine import choice
from glassbox.engine.engine_error import EngineError
from glassbox.paths import MODELS, ROOT
from tests.cli.test_predict import drawn_seven, models, needs_models, one_zero_four  # noqa: F401 (fixtures)
from tests.serving.reference_server import running

DIGITS = [strokes.draw(sample.strokes) for sample in strokes.SAMPLES]


def folder_of(path: Path, count: int) -> Path:
    """Make a folder of `count` pictures of 28x28 pixels."""
    path.mkdir()
    for number in range(count):
        Image.fromarray(DIGITS[number % len(DIGITS)]).save(path / f"{number:04}.png")
    return path


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = folder_of(tmp_path / "pictures", 5)
    (folder / "broken.png").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("no picture either")
    (folder / "more").mkdir()
    drawn_seven().save(folder / "more" / "seven.JPG")
    return folder


def test_a_folder_s_pictures_come_in_one_order(pictures: Path, tmp_path: Path) -> None:
    (pictures / "linked").symlink_to(pictures, target_is_directory=True)
    (pictures / "linked.png").symlink_to(pictures / "more", target_is_directory=True)
    (pictures / "a.png").symlink_to(pictures / "0000.png")
    found = [str(Path(path).relative_to(pictures)) for path in folders.pictures([str(pictures)])]
    assert found == [*(f"000{n}.png" for n in range(5)), "a.png", "broken.png", "more/seven.JPG"]
    named = [str(pictures / "notes.txt"), str(tmp_path / "gone")]
    assert list(folders.pictures(named)) == named, "what is named is read, whatever it is called"


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("as_is", [[], ["--as-is"]])
def test_what_is_written_is_what_would_be_printed(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], as_is: list[str]
) -> None:
    paths = list(folders.pictures([str(pictures)]))
    assert main(["predict", *paths, "--json", *as_is]) == 1
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    out = tmp_path / "out.jsonl"
    assert main(["predict", str(pictures), "--output", str(out), "--workers", "1", *as_is]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and "7 pictures in" in captured.err
    assert "1 of them could not be read: see the column or key error" in captured.err
    written = [json.loads(line) for line in out.read_text().splitlines()]
    for one, other in zip(printed, written, strict=True):
        assert one.keys() == other.keys() and one["path"] == other["path"] and one.get("error") == other.get("error")
        for name, prediction in one.get("predictions", {}).items():
            assert prediction["label"] == other["predictions"][name]["label"]
            assert prediction["probabilities"] == pytest.approx(other["predictions"][name]["probabilities"], abs=1e-6)


@pytest.mark.usefixtures("models")
def test_pixels_are_taken_as_they_are_only_where_that_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faint = np.zeros((28, 28), np.uint8)
    faint[3, 0] = 51  # evidence for class 3, by the small models: 4 * 0.2
    for name, image in (("grey", Image.fromarray(faint)), ("colour", Image.fromarray(faint).convert("RGB"))):
        image.save(tmp_path / f"{name}.png")
        assert main(["predict", str(tmp_path / f"{name}.png"), "--as-is", "--json", "--models", "rnn"]) == 0
        answer = json.loads(capsys.readouterr().out)["predictions"]["rnn"]
        assert answer["label"] == "3"
        assert answer["confidence"] == pytest.approx(np.exp(0.8) / (np.exp(0.8) + 9), rel=1e-6)


@needs_models
def test_several_digits_are_written_too(one_zero_four: Path, tmp_path: Path) -> None:  # noqa: F811
    out = tmp_path / "out.jsonl"
    assert main(["predict", str(one_zero_four), "--output", str(out), "--workers", "1", "--models", "cnn"]) == 0
    (answer,) = map(json.loads, out.read_text().splitlines())
    assert list(answer) == ["path", "ok", "predictions", "digits", "left_out"]
    assert [one["predictions"]["cnn"]["label"] for one in answer["digits"]] == ["1", "0", "4"]


@needs_models
def test_two_processes_write_what_one_does(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "many", 3 * spread.CHUNK + 5)
    for workers in ("1", "2"):
        out = tmp_path / f"{workers}.csv"
        assert main(["predict", str(folder), "--output", str(out), "--workers", workers, "--as-is"]) == 0
    written = (tmp_path / "1.csv").read_bytes()
    assert written == (tmp_path / "2.csv").read_bytes() and written.count(b"\n") == 1 + 3 * spread.CHUNK + 5


@needs_models
@pytest.mark.skipif(os.name == "nt", reason="processes are killed differently there")
def test_a_run_that_was_killed_is_gone_on_with(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "many", 8 * spread.CHUNK)
    whole, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "glassbox", "predict", str(folder), "--workers", "2", "--models", "mlp"]
    with (tmp_path / "said.txt").open("w") as said:
        run = subprocess.Popen([*command, "--output", str(out)], cwd=ROOT, stderr=said)
    while not out.exists() or not out.stat().st_size:
        assert run.poll() is None, (tmp_path / "said.txt").read_text()
        time.sleep(0.01)
    processes = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    children = processes.read_text().split() if processes.exists() else []
    run.kill()
    run.wait(10)
    for _ in range(1_000):  # they end with the one that started them
        if not any(Path(f"/proc/{child}").exists() for child in children):
            break
        time.sleep(0.05)
    else:
        pytest.fail("a process outlived the one that started it")
    rows = out.read_bytes().count(b"\n")
    assert 0 < rows < 8 * spread.CHUNK
    with open(out, "ab") as file:
        file.write(b'{"path": "cut off in the mid')
    done = subprocess.run([*command, "--output", str(out), "--resume"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and f"after {rows:,} that were there already" in done.stderr
    assert main(["predict", str(folder), "--models", "mlp", "--workers", "1", "--output", str(whole)]) == 0
    assert out.read_bytes() == whole.read_bytes()


@pytest.mark.usefixtures("models")
def test_another_folder_than_before_is_refused(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["predict", str(pictures), "--workers", "1", "--output", str(tmp_path / "out.csv")]
    main(command)
    written = (tmp_path / "out.csv").read_bytes()
    capsys.readouterr()
    assert main(command) == 1
    assert "is there already: go on with it by --resume" in capsys.readouterr().err
    assert main([*command, "--resume"]) == 0
    assert "0 pictures in" in capsys.readouterr().err
    (pictures / "0000.png").unlink()
    assert main([*command, "--resume"]) == 1
    assert "where its last picture was" in capsys.readouterr().err
    assert (tmp_path / "out.csv").read_bytes() == written


def test_few_chunks_are_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = answered = 0
    most = 0

    class Pool:
        def __init__(self, count: int, *given: object) -> None:
            pass

        def submit(self, read: object, chunk: list[str]) -> Future[list[Any]]:
            future: Future[list[Any]] = Future()
            future.set_result([{"path": path} for path in chunk])
            return future

        def shutdown(self, **options: bool) -> None:
            assert options == {"wait": True, "cancel_futures": True}

    def paths() -> Iterator[str]:
        nonlocal taken, most
        for number in range(100_000):
            taken += 1
            most = max(most, taken - answered)
            yield str(number)

    monkeypatch.setattr(spread, "ProcessPoolExecutor", Pool)
    for answers in spread.over_processes(Work(("mlp",)), paths(), count=2):
        assert answers[0]["path"] == str(answered), "in their order"
        answered += len(answers)
    assert answered == 100_000
    assert most <= spread.AHEAD * 2 * spread.CHUNK


def test_a_process_that_ends_is_said(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*given: object) -> Iterator[list[Any]]:
        raise BrokenProcessPool("ended")
        yield []

    monkeypatch.setattr(spread, "over_processes", broken)
    assert main(["predict", str(pictures), "--workers", "2", "--output", str(tmp_path / "out.csv")]) == 1
    assert "go on by --resume" in capsys.readouterr().err


@needs_models
def test_a_remote_engine_that_fails_stops_the_run_which_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = folder_of(tmp_path / "many", 2 * spread.CHUNK), tmp_path / "out.jsonl"
    command = ["predict", str(folder), "--as-is", "--workers", "1", "--models", "mlp", "--output", str(out)]
    with running(MODELS) as server:
        monkeypatch.setenv(choice.ENGINE, server.address)
        monkeypatch.setenv(choice.SECONDS, "60")
        choice.configured.cache_clear()
        try:
            server.behaviour.fault = "wrong_type"
            assert main(command) == 1
            assert "sent an answer that can't be used" in capsys.readouterr().err
            assert main(["predict", str(folder / "0000.png"), "--json", "--models", "mlp"]) == 1
            assert "can't be used" in json.loads(capsys.readouterr().out)["error"]
            server.behaviour.fault = ""
            assert main([*command, "--resume"]) == 0
            monkeypatch.setenv(choice.FALLBACK, "embedded")
            choice.configured.cache_clear()
            server.behaviour.fault = "wrong_type"
            other = tmp_path / "instead.jsonl"
            assert main([*command[:-1], str(other)]) == 0
            assert "128 of them were read by the embedded engine" in capsys.readouterr().err
            assert main(["predict", str(folder / "0000.png"), "--as-is", "--json", "--models", "mlp"]) == 0
            captured = capsys.readouterr()
            assert json.loads(captured.out)["predictions"]["mlp"]["instead"] is True
            assert "runs were made by the embedded engine, as the remote one failed" in captured.err
            (tmp_path / "texts.csv").write_text("text\n今天的足球比赛\n", encoding="utf-8")
            assert main(["classify", str(tmp_path / "texts.csv"), "--model", "text_zh_gru"]) == 0
            assert "made by the embedded engine" in capsys.readouterr().err
        finally:
            monkeypatch.undo()
            choice.configured.cache_clear()
    remote, instead = ([json.loads(line) for line in file.read_text().splitlines()] for file in (out, other))
    for one, two in zip(remote, instead, strict=True):
        assert two["predictions"]["mlp"].pop("instead") is True
        assert one["predictions"]["mlp"]["probabilities"] == pytest.approx(two["predictions"]["mlp"]["probabilities"])


def test_what_an_engine_says_goes_from_process_to_process() -> None:
    error = EngineError("too_slow", "It did not answer within 5 s.", seconds=5)
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.reason) == (EngineError, str(error), error.reason)


@pytest.mark.skipif(importlib.util.find_spec("ray") is not None, reason="Ray is installed")
def test_ray_is_asked_for_where_it_is_missing(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", str(pictures), "--engine", "ray", "--output", str(tmp_path / "out.csv")]) == 1
    assert "pip install -r requirements-ray.txt" in capsys.readouterr().err


@needs_models
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
def test_ray_writes_what_one_process_does(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "many", 3 * spread.CHUNK + 5)
    (folder / "0001.png").write_bytes(b"broken")
    for arguments in (["--workers", "1"], ["--engine", "ray", "--workers", "2"]):
        out = tmp_path / f"{arguments[1]}.jsonl"
        assert main(["predict", str(folder), "--output", str(out), "--as-is", *arguments]) == 1
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "ray.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--resume"], "go with --output"),
        (["--workers", "2"], "go with --output"),
        (["--engine", "ray"], "go with --output"),
        (["--output", "a.txt"], "it ends with .csv, .jsonl, .parquet"),
        (["--output", "a.csv", "--workers", "0"], "a number from 1 to"),
        (["--output", "a.csv", "--workers", "many"], "a number from 1 to"),
    ],
)
def test_wrong_arguments(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = main(["predict", "a.png", *arguments])
    except SystemExit as ended:
        status = ended.code  # type: ignore[assignment]
    assert status == 2 and sentence in capsys.readouterr().err


def test_a_wrong_engine_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "texts.csv").write_text("text\n今天\n", encoding="utf-8")
    monkeypatch.setenv(choice.ENGINE, "triton:8000")
    choice.configured.cache_clear()
    try:
        for command in (["predict", "a.png"], ["classify", str(tmp_path / "texts.csv"), "--model", "text_zh"]):
            with pytest.raises(SystemExit) as ended:
                main(command)
            assert ended.value.code == 2 and "GLASSBOX_ENGINE is onnxruntime or an address" in capsys.readouterr().err
    finally:
        monkeypatch.undo()
        choice.configured.cache_clear()
