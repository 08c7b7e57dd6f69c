"""glassbox.csv_file: the records of csv.reader, in bounded memory, and a writer whose texts are no formulas."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassbox.csv_file import SEPARATORS, CsvError, disarmed, line, records, text


def rows(written: str) -> list[object]:
    """The rows that have anything in them, by csv.reader; where its quotation marks don't match, the row's number."""
    first = next((one for one in written.splitlines() if one.strip()), "")
    separator, number, found = max(SEPARATORS, key=first.count), 0, list[object]()
    lines = csv.reader(io.StringIO(written, newline=""), delimiter=separator, strict=True)
    try:
        for number, cells in enumerate(lines, 1):
            if any(cell.strip() for cell in cells):
                found.append((number, cells))
    except csv.Error:
        found.append(number + 1)
    return found


@settings(derandomize=True, deadline=None, max_examples=2_000)
@given(st.text(st.sampled_from('a今,;\t" \r\n\0'), max_size=24))
def test_the_records_are_those_of_csv_reader(written: str) -> None:
    found: list[object] = []
    try:
        found.extend((record.number, record.cells) for record in records(written))
    except CsvError as error:
        assert error.code == "quotes"
        found.append(error.details["row"])
    assert found == rows(written)


@pytest.mark.parametrize("row", ["a,b,c", '"a","b","c"', '"a\n,,,,",b,c', 'a"b,c,"d"'])
def test_a_row_is_no_wider_than_it_may_be(row: str) -> None:
    assert [len(record.cells) for record in records(f"x,,\n{row}\n{row}", max_columns=3)] == [3, 3, 3]
    with pytest.raises(CsvError) as refused:
        list(records(f"x,x\n\n{row},", max_columns=3))
    assert (refused.value.code, refused.value.details) == ("wide", {"row": 3, "limit": 3})


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|'/c calc'!A0", "\tx", "\rx", "\nx", "-", "+"]
)
def test_a_formula_is_written_as_text(cell: str) -> None:
    (row,) = csv.reader(io.StringIO(line([cell, "a"]), newline=""))
    assert row == [f"'{cell}", "a"]


@pytest.mark.parametrize("cell", [" =1+1", "\0=1", "\ufeff@a", "\t\t-1+1", "＝1+1", "＋1", "－1+1", "＠SUM(A1)"])
def test_a_formula_in_disguise_is_no_formula(cell: str) -> None:
    assert disarmed(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-1.5", "+2", "-1e-05", "+.5", "-3.", "", "a=1", "1-1", "'=1", "e@x", "−1", "今=天"])
def test_numbers_and_words_stay_as_they_are(cell: str) -> None:
    assert disarmed(cell) == cell


def test_numbers_are_written_in_full() -> None:
    assert line([-1.5, 0.1, -(10**30), 1e-300, None]) == f"-1.5,0.1,{-(10**30)},1e-300,"


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9)), min_size=1, max_size=5))
def test_what_is_written_is_read_back(given: list[tuple[str, str]]) -> None:
    found = list(csv.reader(io.StringIO(text(given), newline=""), strict=True))
    assert found == [list(map(disarmed, row)) for row in given]
