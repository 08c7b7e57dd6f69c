"""Files of answers: what each kind holds, and that one which was cut off anywhere is gone on with."""

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from glassbox.cli import answers_file
from glassbox.cli.answers_file import AnswersFileError, open_answers
from glassbox.digits.files import Answer, answer

MODELS = ("mlp", "cnn")
PATHS = [
    "a.png",
    "数字/七.png",
    '=1+1, "x".png',
    "two\nlines.png",
    "cr\r.png",
    os.fsdecode(b"b\xff.png"),
    "",
    '"',
    "z.png",
]


def read(path: str, **more: Any) -> Answer:
    predictions = {
        model: {"label": "7", "confidence": 0.75, "probabilities": [0.25 / 9] * 7 + [0.75] + [0.25 / 9] * 2}
        for model in MODELS
    }
    return {"path": path, "ok": True, "predictions": predictions, **more}


def answers() -> list[Answer]:
    return [
        answer(path, 'It is "blank",\nall of it.') if place % 3 == 1 else read(path) for place, path in enumerate(PATHS)
    ]


def write(path: Path, rows: list[Answer], *, resume: bool = False) -> Path:
    with open_answers(path, MODELS, resume=resume) as file:
        for row in rows:
            file.write([row])
    return path


def table(path: Path) -> list[dict[str, Any]]:
    return list(pytest.importorskip("pyarrow.parquet").read_table(path).to_pylist())


def test_json_lines_are_those_that_the_command_prints(tmp_path: Path) -> None:
    lines = write(tmp_path / "a.jsonl", answers()).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == answers()


def test_a_csv_has_a_row_a_picture(tmp_path: Path) -> None:
    rows = [*answers(), read("several.png", digits=[{}, {}, {}])]
    rows[0]["predictions"]["cnn"]["instead"] = True
    text = write(tmp_path / "a.csv", rows).read_bytes().decode("utf-8")
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(found[0].values()) == ["a.png", "1", "7", "0.750000", "7", "0.750000", "cnn", ""]
    assert found[1]["path"] == "数字/七.png" and found[1]["error"] == 'It is "blank",\nall of it.'
    assert found[1]["mlp_label"] == found[1]["digits"] == ""
    assert found[2]["path"] == '\'=1+1, "x".png', "a spreadsheet would take it for a formula"
    assert found[3]["path"].endswith("two\nlines.png")
    assert found[-1]["digits"] == "3"


def test_parquet_has_the_probabilities_too(tmp_path: Path) -> None:
    found = table(write(tmp_path / "a.parquet", answers()))
    assert [row["path"] for row in found] == [path.encode("utf-8", "backslashreplace").decode() for path in PATHS]
    assert found[0]["mlp_probabilities"] == answers()[0]["predictions"]["mlp"]["probabilities"]
    assert (found[0]["digits"], found[0]["error"], found[0]["instead"]) == (1, None, None)
    assert found[1]["error"] == 'It is "blank",\nall of it.' and found[1]["cnn_label"] is None


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_a_file_that_was_cut_off_anywhere_is_gone_on_with(tmp_path: Path, ending: str) -> None:
    rows = answers()
    whole = write(tmp_path / f"whole{ending}", rows).read_bytes()
    cut = tmp_path / f"cut{ending}"
    until_each_row = {write(tmp_path / f"{count}{ending}", rows[:count]).read_bytes() for count in range(len(rows) + 1)}
    for end in range(len(whole) + 1):
        cut.write_bytes(whole[:end])
        open_answers(cut, MODELS, resume=True).close()
        assert cut.read_bytes() in until_each_row, "no part of a row is left"
        with open_answers(cut, MODELS, resume=True) as file:
            assert not file.done or file.last == file.name(PATHS[file.done - 1])
            file.write(rows[file.done :])
        assert cut.read_bytes() == whole, end


def test_parquet_is_gone_on_with_behind_its_whole_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(answers_file, "PART", 4)
    path, rows = tmp_path / "a.parquet", answers()
    file = open_answers(path, MODELS, resume=False)
    for row in rows[:7]:
        file.write([row])
        assert len(file._rows) < 4  # type: ignore[attr-defined]  # what is in memory is bounded
    (path / "writing").write_bytes(b"PAR1 what a killed run leaves")
    with open_answers(path, MODELS, resume=True) as file:
        assert (file.done, file.last) == (4, PATHS[3])
        file.write(rows[4:])
    assert [row["path"] for row in table(path)] == [file.name(one) for one in PATHS]
    assert sorted(part.name for part in path.iterdir()) == [f"part-0000{n}.parquet" for n in range(3)]


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_what_can_t_be_gone_on_with_stays_as_it_is(tmp_path: Path, ending: str) -> None:
    if ending == ".parquet":
        pytest.importorskip("pyarrow")
    path = write(tmp_path / f"a{ending}", answers())
    before = [file.read_bytes() for file in sorted(path.iterdir())] if path.is_dir() else path.read_bytes()
    with pytest.raises(AnswersFileError, match="is there already"):
        open_answers(path, MODELS, resume=False)
    with pytest.raises(AnswersFileError, match="Write to another file"):
        open_answers(path, ("rnn",), resume=True)
    assert before == ([file.read_bytes() for file in sorted(path.iterdir())] if path.is_dir() else path.read_bytes())


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_a_file_of_something_else_is_not_touched(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    if ending == ".parquet":
        pytest.importorskip("pyarrow")
        path.mkdir()
        (path / "part-00000.parquet").write_bytes(b"a diary\n")
    else:
        path.write_bytes(b"a diary\n[1]\n")
    with pytest.raises(AnswersFileError, match="Write to another file"):
        open_answers(path, MODELS, resume=True)
    assert "diary" in (path / "part-00000.parquet" if path.is_dir() else path).read_text()


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(AnswersFileError, match="No such file or directory"):
        open_answers(tmp_path / "none" / "a.csv", MODELS, resume=False)
