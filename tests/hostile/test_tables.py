"""CSV files made to harm: each is read or refused in a sentence, within the memory that the limits promise."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from glassbox.__main__ import main
from glassbox.csv_file import CsvError
from glassbox.playground import own_data
from glassbox.text import csv_table
from glassbox.ui.base import i18n
from glassbox.ui.pages.playground import own_data_form
from glassbox.ui.pages.text import own_texts
from glassbox.zoo import text_models as text_zoo
from tests import text_models
from tests.hostile import tables
from tests.text_models import FAMILIES
from tests.ui.dashboard import is_said, visit

DASHBOARD, OFFLINE, PLAYGROUND = 100_000_000, 350_000_000, 10_000_000
"""Bytes that reading a file may take at its peak, as the modules promise beside their limits."""


def peak(read: Callable[[], object]) -> tuple[int, object]:
    """Return the most bytes that `read` held at once, and what it returned, or why it refused."""
    tracemalloc.start()
    try:
        found = read()
    except CsvError as error:
        found = error.reason
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most, found


@pytest.mark.parametrize("name", tables.FILES)
def test_the_dashboard_reads_within_its_memory(name: str) -> None:
    data = tables.FILES[name]
    assert len(data) <= own_texts.MAX_MEGABYTES * 1_000_000
    most, found = peak(lambda: own_texts.read(data))
    assert most < DASHBOARD
    if not isinstance(found, csv_table.Table):
        assert is_said(f"text.table_error.{found.code}", own_texts.error_message(found))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("60,000 columns, 62 kB", "wide"),
        ("60,000 columns, 104 kB", "wide"),
        ("one row of 400,000 cells", "wide"),
        ("a wide row in a quoted one", "wide"),
        ("999 columns and many rows", "cells"),
        ("many rows", "many"),
        ("many empty rows", "empty"),
        ("quotes never closed", "quotes"),
    ],
)
def test_what_is_too_much_is_refused_by_name(name: str, code: str) -> None:
    with pytest.raises(CsvError) as refused:
        own_texts.read(tables.FILES[name])
    assert refused.value.code == code


def test_a_small_wide_file_takes_little_more_than_itself() -> None:
    for name in ("60,000 columns, 62 kB", "60,000 columns, 104 kB"):
        most, _ = peak(lambda data=tables.FILES[name]: own_texts.read(data))  # type: ignore[misc]
        assert most < 10 * len(tables.FILES[name])


def test_the_largest_tables_that_are_taken_stay_within_the_memory() -> None:
    """Measured on fewer cells, which take as much each."""
    data = tables.full(columns=50, rows=2_000)
    most, found = peak(lambda: csv_table.read(data, max_cells=50 * 2_000))
    assert isinstance(found, csv_table.Table) and len(found.rows) == 2_000
    for limit, cells, text in (
        (DASHBOARD, own_texts.MAX_CELLS, own_texts.MAX_MEGABYTES * 1_000_000),
        (OFFLINE, csv_table.MAX_CELLS, csv_table.MAX_BYTES),
    ):
        assert most / (50 * 2_000) * cells + 4 * text < limit  # a text takes up to 4 bytes a character
    with pytest.raises(CsvError, match="cells"):
        csv_table.read(data, max_cells=50 * 2_000 - 1)


@pytest.mark.parametrize("name", tables.FILES)
def test_the_playground_reads_within_its_memory(name: str) -> None:
    most, found = peak(lambda: own_data.read(tables.FILES[name][: own_data.MAX_BYTES]))
    assert most < PLAYGROUND and not isinstance(found, own_data.DataSet)


@pytest.fixture
def classifiers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small models in place of the shipped ones."""
    for name in FAMILIES["text_zh"]:
        text_models.write(tmp_path / "models", name)
    loaded = text_zoo.load(tmp_path / "models")
    monkeypatch.setattr(text_zoo, "load", lambda: loaded)


@pytest.mark.usefixtures("classifiers")
@pytest.mark.parametrize("name", ["60,000 columns, 62 kB", "60,000 columns, 104 kB", "quotes never closed"])
def test_the_command_refuses_in_a_line_and_within_its_memory(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(tables.FILES[name])
    most, status = peak(lambda: main(["classify", str(path), "--model", "text_zh"]))
    output = capsys.readouterr()
    assert (status, output.out) == (1, "") and most < OFFLINE
    assert output.err.count("\n") == 1 and output.err.endswith(".\n")


@pytest.mark.usefixtures("classifiers")
def test_what_steers_a_terminal_is_taken_out_of_the_commands_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.csv"
    path.write_text('"a\x1b]0;evil\x07\nb",c\n1,2')
    assert main(["classify", str(path), "--model", "text_zh"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "\x1b" not in error and "\x07" not in error


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize(
    ("page", "view", "kept", "words"),
    [
        ("text", "table", "text_own_problem", "text.table_error.wide"),
        ("playground", "own", "playground_csv_error", "playground.csv.error.wide"),
    ],
)
def test_a_wide_file_is_refused_in_the_visitors_language(
    language: str, page: str, view: str, kept: str, words: str
) -> None:
    app = visit(page, state={f"{page}_view": view})
    app.file_uploader[0].upload("a.csv", tables.FILES["60,000 columns, 62 kB"]).run()
    problem = app.session_state[kept]
    said = visit(page, language, state={f"{page}_view": view, kept: problem})
    assert any(is_said(words, error.value, language) for error in said.error)


def test_every_reason_has_its_words_in_the_playground() -> None:
    for name, data in tables.FILES.items():
        with pytest.raises(CsvError) as refused:
            own_data.read(data[: own_data.MAX_BYTES])
        assert own_data_form.error_message(refused.value.reason), name
