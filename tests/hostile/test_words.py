"""What strangers write is quoted wherever a page shows it in Markdown, and a heading is read whatever is in it."""

import csv
import io
from pathlib import Path

import pytest

from glassbox.__main__ import main
from glassbox.text import csv_table
from glassbox.ui.base import i18n
from glassbox.ui.base.quoting import listed, quoted
from glassbox.zoo import text_models as text_zoo
from tests import text_models
from tests.hostile.words import IMAGE, NOWHERE, WORDS
from tests.text_models import FAMILIES
from tests.ui.dashboard import visit

EN = i18n.strings("en")


def table(*rows: list[str]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


@pytest.mark.parametrize("words", WORDS[:3])
def test_headings_and_classes_of_ones_own_data(words: str) -> None:
    rows = [[str(number), str(number % 7), f"{words}{number % 2}"] for number in range(20)]
    app = visit("playground", state={"playground_view": "own"})
    app.file_uploader[0].upload("a.csv", table([words, words, words], *rows)).run()
    (said,) = [success.value for success in app.success]
    assert said.startswith(f"20 rows in use. Columns: {listed([words] * 3, 20)}")
    assert listed([f"{words}0", f"{words}1"], 20) in said and "\n" not in said


@pytest.mark.parametrize("words", WORDS[:3])
def test_the_words_of_an_error(words: str) -> None:
    app = visit("playground", state={"playground_view": "own"})
    rows = [[str(number), words, "a"] for number in range(20)]
    app.file_uploader[0].upload("a.csv", table(*rows)).run()
    assert quoted(words[:20]) in app.error[0].value and "\n" not in app.error[0].value


def test_the_marked_part_of_a_text() -> None:
    """The last two tokens of an address that came with the link: enough of it to be a link elsewhere."""
    app = visit("text", text=NOWHERE, task="sentiment", view="alike", state={"text_stretch": (NOWHERE, 13, 14)})
    assert any("`/leak`" in one.value for one in app.markdown)


def test_a_column_with_a_comma_in_its_name_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in FAMILIES["text_zh"]:
        text_models.write(tmp_path / "models", name)
    loaded = text_zoo.load(tmp_path / "models")
    monkeypatch.setattr(text_zoo, "load", lambda: loaded)
    path = tmp_path / "in.csv"
    path.write_bytes(table(["a, b", "c"], ["今天", "x"]))
    assert main(["classify", str(path), "--model", "text_zh", "--column", "a, b"]) == 0
    assert capsys.readouterr().out.startswith('"a, b",c,verdict')
    assert main(["classify", str(path), "--model", "text_zh"]) == 1
    assert capsys.readouterr().err.endswith("choose one of 'a, b', c.\n")


def test_a_heading_of_many_long_names_is_said_in_short() -> None:
    with pytest.raises(ValueError, match="choose one of") as refused:
        csv_table.read(table([f"{number}{IMAGE * 100}" for number in range(900)], ["a"]))
    assert len(str(refused.value)) < 2_000
