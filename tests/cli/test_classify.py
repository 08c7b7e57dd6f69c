"""`python -m glassbox classify`: a CSV file in, the same with verdicts out, on small models and the shipped ones."""

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest

from glassbox.__main__ import main
from glassbox.paths import MODELS, ROOT
from glassbox.text.reader import TextReader
from glassbox.zoo import text_models as text_zoo
from tests import text_checks, text_models
from tests.text_models import FAMILIES

TEXTS = ["今天去哪里", "", "电影,真好看", "𠀀", "吃饭"]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> text_zoo.TextZoo:
    """Small models in place of the shipped ones."""
    for name in FAMILIES["text_zh"]:
        text_models.write(tmp_path / "models", name)
    text_models.write(tmp_path / "models", "text_en_gru", sha256="another model's")
    loaded = text_zoo.load(tmp_path / "models")
    monkeypatch.setattr(text_zoo, "load", lambda: loaded)
    return loaded


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "句子.csv"
    with path.open("w", encoding="gb18030", newline="") as opened:
        csv.writer(opened).writerows([("id", "text"), *enumerate(TEXTS)])
    return path


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(("model", "read_by"), [("text_zh", "text_zh_gru"), ("text_zh_lstm", "text_zh_lstm")])
def test_each_row_has_its_verdict_or_the_reason(
    small: text_zoo.TextZoo, file: Path, capsys: pytest.CaptureFixture[str], model: str, read_by: str
) -> None:
    assert main(["classify", str(file), "--model", model, "--column", "text"]) == 1
    output = capsys.readouterr()
    found = rows(output.out)
    labels = small.cards[read_by].labels
    assert list(found[0]) == ["id", "text", "verdict", "confidence", *labels, "problem"]
    assert [row["text"] for row in found] == TEXTS
    reader = TextReader(small)
    for row in found:
        if row["text"] in ("", "𠀀"):
            assert row["verdict"] == row["confidence"] == ""
            assert row["problem"].startswith("There is no text" if not row["text"] else "Nothing in it is known")
        else:
            reading = reader.read(row["text"], [read_by])[read_by]
            assert (row["verdict"], row["problem"]) == (reading.label, "")
            assert float(row["confidence"]) == pytest.approx(reading.confidence, abs=1e-5)
            assert [float(row[label]) for label in labels] == pytest.approx(reading.probabilities, abs=1e-5)
    assert output.err == "2 of 5 texts could not be read: see the last column\n"


def test_each_row_says_whether_its_text_is_familiar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text_models.write(tmp_path / "models", "text_zh_gru")
    text_checks.write(tmp_path / "models", ["今天去哪里", "吃饭"])
    loaded = text_zoo.load(tmp_path / "models")
    monkeypatch.setattr(text_zoo, "load", lambda: loaded)
    assert main(["classify", str(file), "--model", "text_zh"]) == 1
    output = capsys.readouterr()
    found = rows(output.out)
    assert list(found[0])[-3:] == ["familiar", "unfamiliarity", "problem"]
    expected = TextReader(loaded).familiarity("topic", TEXTS)
    for row, one in zip(found, expected, strict=True):
        if row["problem"]:
            assert row["familiar"] == row["unfamiliarity"] == ""
        else:
            assert one is not None and row["familiar"] == str(one.familiar).lower()
            assert float(row["unfamiliarity"]) == pytest.approx(one.unfamiliarity, abs=1e-5)
    assert [row["familiar"] for row in found] == ["true", "", "false", "", "true"]
    assert "1 of 5 texts are unlike what text_zh_gru learned from: familiar is false\n" in output.err


@pytest.mark.usefixtures("small")
def test_a_file_all_of_which_is_read_ends_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "good.csv"
    path.write_text("句子\n今天\n吃饭\n", encoding="utf-8-sig")
    assert main(["classify", str(path), "--model", "text_zh"]) == 0
    output = capsys.readouterr()
    assert [row["句子"] for row in rows(output.out)] == ["今天", "吃饭"]
    assert output.err == ""


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--model", "text_zh", "--column", "sentence"], "There is no column named 'sentence'; there are id, text."),
        (["--model", "text_en"], "text_en: no such network can be used"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    file: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(["classify", str(file), *arguments]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.endswith(f"{sentence}\n")
    assert output.err.count("\n") == 1


@pytest.mark.usefixtures("small")
def test_a_path_that_is_no_file_is_said_to_be_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", str(tmp_path), "--model", "text_zh"]) == 1
    assert "This is a folder" in capsys.readouterr().err
    assert main(["classify", str(tmp_path / "gone.csv"), "--model", "text_zh"]) == 1
    assert "The file can't be read: No such file" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--model", "mlp"], [], ["--model", "text_zh", "--provider", "tpu"]])
def test_a_wrong_argument_ends_with_2(file: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["classify", str(file), *arguments])
    assert caught.value.code == 2
    assert "usage: glassbox classify" in capsys.readouterr().err


@pytest.mark.usefixtures("small")
def test_without_cuda_the_cpu_reads_and_it_is_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from glassbox.engine.session import provider_state

    main(["classify", str(file), "--model", "text_zh", "--provider", "cuda"])
    output = capsys.readouterr()
    assert len(rows(output.out)) == len(TEXTS)
    assert ("running on the CPU, not on CUDA" in output.err) != provider_state("cuda").available


SHIPPED = (MODELS / "text_zh_gru" / "card.json").exists() and (MODELS / "text_en_gru" / "card.json").exists()


@pytest.mark.skipif(not SHIPPED, reason="no models of text are here: python -m export makes them")
def test_the_command_as_a_user_types_it(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("text\n想订一家有早餐的酒店，价格在300元左右。\n这部电影的导演是谁?\n", encoding="gb18030")
    command = [sys.executable, "-m", "glassbox", "classify", str(path), "--model", "text_zh", "--column", "text"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=True)
    assert [row["verdict"] for row in rows(done.stdout.decode("utf-8"))] == ["hotel", "film"]
    assert done.stderr == b""
