"""`python -m glassbox predict`, on small models whose verdicts are known and, at the end, on the shipped ones."""

import io
import json
import os
import subprocess
import sys
from math import exp
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from glassbox.__main__ import main
from glassbox.cli.progress import Progress
from glassbox.paths import MODELS, ROOT
from glassbox.zoo import digit_models
from tests import small_zoo
from tests.digits import pages

needs_models = pytest.mark.skipif(
    not any(MODELS.glob("*/card.json")), reason="no models are here: python -m export makes them"
)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small models in place of the shipped ones."""
    folder = tmp_path / "models"
    for name in small_zoo.ALL:
        small_zoo.write(folder, name)
    load = digit_models.load
    monkeypatch.setattr(digit_models, "load", lambda **asked: load(folder, **asked))
    return folder


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    path = tmp_path / "seven.png"
    drawn_seven().save(path)
    return path


def drawn_seven() -> Image.Image:
    image = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(image).line([(80, 70), (200, 70), (130, 215)], fill=20, width=22, joint="curve")
    return image


@pytest.mark.usefixtures("models")
def test_one_json_line_a_file(seven: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from glassbox.digits import images

    digit = small_zoo.digit(row_7=255)
    monkeypatch.setattr(images, "prepare", lambda data, **_: images.PreparedDigit(digit, ()))
    assert main(["predict", str(seven), str(seven), "--json", "--models", "rnn, cnn"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    for line in lines:
        answer = json.loads(line)
        assert list(answer) == ["path", "ok", "predictions"]
        assert (answer["path"], answer["ok"]) == (str(seven), True)
        assert list(answer["predictions"]) == ["rnn", "cnn"]
        for name, temperature in (("rnn", 1.0), ("cnn", 2.0)):
            prediction = answer["predictions"][name]
            sure, rest = exp(4 / temperature), 9
            assert list(prediction) == ["label", "confidence", "probabilities"]
            assert prediction["label"] == "7"
            assert prediction["confidence"] == pytest.approx(sure / (sure + rest), rel=1e-5)
            assert prediction["probabilities"][:7] == pytest.approx([1 / (sure + rest)] * 7, rel=1e-5)
            assert len(prediction["probabilities"]) == 10


@pytest.mark.usefixtures("models")
def test_a_file_that_fails_has_its_sentence_and_the_others_go_on(
    seven: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, large, gone = tmp_path / "broken.png", tmp_path / "large.png", tmp_path / "gone.png"
    broken.write_bytes(seven.read_bytes()[:100])
    with open(large, "wb") as file:
        file.truncate(5_000_000_000)
    assert main(["predict", *map(str, (broken, large, gone, tmp_path, seven)), "--json"]) == 1
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["ok"] for answer in answers] == [False, False, False, False, True]
    assert all(list(answer) == ["path", "ok", "error"] for answer in answers[:4])
    errors = [answer["error"] for answer in answers[:4]]
    assert "damaged" in errors[0]
    assert "the limit is 10 MB" in errors[1]
    assert errors[2] == "The file can't be read: No such file or directory."
    assert errors[3] == "This is a folder; name the pictures in it instead."


@pytest.mark.usefixtures("models")
def test_the_table_is_for_people(
    seven: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from glassbox.digits import images

    monkeypatch.setattr(images, "prepare", lambda data, **_: images.PreparedDigit(small_zoo.digit(row_3=255), ()))
    monkeypatch.chdir(seven.parent)
    seven.rename("a\x1b[2J.png")
    assert main(["predict", "a\x1b[2J.png", "none.png"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "picture    mlp        cnn        rnn",
        "a?[2J.png  3  99.7 %  3  45.1 %  3  85.8 %",
        "none.png   The file can't be read: No such file or directory.",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["read"], "invalid choice: 'read'"),
        (["predict"], "the following arguments are required: PATH"),
        (["predict", "a.png", "--models", "mlp,tree"], "no model is named 'tree'; there are mlp, cnn, rnn, cnn_deep"),
        (["predict", "a.png", "--models", ","], "no model is named; there are mlp"),
        (["predict", "a.png", "--provider", "tpu"], "no provider is named 'tpu'; there are cpu, cuda"),
    ],
)
def test_a_wrong_argument_is_named(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_refused_model_is_named_and_the_others_read(
    models: Path, seven: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    (models / "cnn" / "1" / "model.onnx").write_bytes(b"swapped")
    assert main(["predict", str(seven), "--json"]) == 1
    assert "the model cnn is refused: its file's sha256 is not the one in its card" in caplog.text
    assert list(json.loads(capsys.readouterr().out)["predictions"]) == ["mlp", "rnn"]
    assert main(["predict", str(seven), "--models", "cnn"]) == 1
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "none of cnn can be used\n")


@pytest.mark.usefixtures("models")
def test_running_elsewhere_than_asked_is_said(
    seven: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from glassbox.digits import reader
    from glassbox.engine import session

    state = session.ProviderState("cuda", available=False, reason="not_loaded")
    monkeypatch.setattr(session, "provider_state", lambda name: state)
    monkeypatch.setattr(reader, "provider_state", lambda name: state)
    assert main(["predict", str(seven), "--provider", "cuda"]) == 0
    said = "running on the CPU, not on CUDA: the CUDA libraries or an NVIDIA device are missing\n"
    assert capsys.readouterr().err == said


@pytest.fixture
def one_zero_four(tmp_path: Path) -> Path:
    path = tmp_path / "104.png"
    path.write_bytes(pages.png(255 - pages.page(["104"])))
    return path


@needs_models
def test_several_digits_follow_the_answer_on_the_one_with_the_most_ink(
    one_zero_four: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", str(one_zero_four), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert list(answer) == ["path", "ok", "predictions", "digits", "left_out"]
    assert [one["predictions"]["cnn"]["label"] for one in answer["digits"]] == ["1", "0", "4"]
    assert answer["predictions"] in [one["predictions"] for one in answer["digits"]]
    left = [one["box"][0] for one in answer["digits"]]
    assert left == sorted(left) and all(0 <= share <= 1 for one in answer["digits"] for share in one["box"])
    assert answer["left_out"] == {"lines": 0, "specks": 0, "beyond": 0}


@needs_models
def test_several_digits_have_rows_of_their_own(one_zero_four: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(one_zero_four), "--models", "cnn"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.strip().split("  ")[0] for line in lines[1:]] == [str(one_zero_four), "1 of 3", "2 of 3", "3 of 3"]
    assert [line.split()[3] for line in lines[2:]] == ["1", "0", "4"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_drawn_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    for stream, expected in ((Terminal(), "[#####               ] 1/4  a?b.png"), (io.StringIO(), "")):
        with Progress(4, stream) as bar:
            bar.show(1, "a\nb.png")
            assert stream.getvalue().removeprefix("\r\x1b[K") == expected
            bar.show(2, "x" * 80)
            lines = stream.getvalue().split("\r\x1b[K")
        assert all(len(line) <= 39 for line in lines)
        assert stream.getvalue().endswith("\r\x1b[K" if stream.isatty() else "")


def command(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "glassbox", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )


def test_help_and_wrong_arguments_load_no_engine() -> None:
    code = """
import sys
from glassbox.__main__ import main
try:
    main(["predict", "--help"])
except SystemExit:
    print([name for name in ("numpy", "onnxruntime", "PIL", "streamlit") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


@needs_models
def test_the_shipped_models_read_a_drawn_seven(seven: Path) -> None:
    photo = seven.with_name("photo.jpg")
    shadow = np.linspace(0.6, 1, 280)[None, :] * np.asarray(drawn_seven())
    Image.fromarray(shadow.astype(np.uint8)).resize((900, 900)).save(photo)
    done = command("predict", str(seven), str(photo), "--json", "--models", ",".join(digit_models.names()))
    assert (done.returncode, done.stderr) == (0, "")
    for line in done.stdout.splitlines():
        predictions = json.loads(line)["predictions"]
        assert {name: found["label"] for name, found in predictions.items()} == dict.fromkeys(digit_models.names(), "7")
        for found in predictions.values():
            assert sum(found["probabilities"]) == pytest.approx(1)
            assert found["confidence"] == max(found["probabilities"]) == found["probabilities"][7]


@needs_models
@pytest.mark.skipif(os.name == "nt", reason="pipes break differently there")
def test_a_reader_that_leaves_early_is_no_error_message(seven: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "glassbox", "predict", *[str(seven)] * 50, "--json", "--models", "mlp"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None and running.stderr is not None
    running.stdout.close()
    said = running.stderr.read()
    assert running.wait(60) == 1
    running.stderr.close()
    assert "Traceback" not in said and "BrokenPipe" not in said
