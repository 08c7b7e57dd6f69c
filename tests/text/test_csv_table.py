"""glassbox.text.csv_table: CSV files as people's programs write them, and the same file with verdicts."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassbox.csv_file import CsvError
from glassbox.text import csv_table
from glassbox.text.csv_table import read, with_verdicts
from glassbox.text.reader import TextVerdict
from glassbox.text.tokens import TextError

ENCODINGS = {"utf-8": "utf-8-sig", "utf-8-sig": "utf-8-sig", "gb18030": "gb18030", "gbk": "gb18030", "utf-16": "utf-16"}
CELLS = st.text(st.sampled_from("今天ab,;\t \"\n'。é"), max_size=12).map(str.strip)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_files_are_read_in_the_encodings_and_forms_that_people_save(encoding: str, separator: str, end: str) -> None:
    lines = ["编号,句子,来源", "1,今天去哪里,甲", "", '2,"电影, ""好看""",乙', " , ,", "3,吃饭"]
    text = end.join(lines).replace(",", separator).replace(f"电影{separator}", "电影,")
    table = read(text.encode(encoding), "句子")
    assert table.columns == ("编号", "句子", "来源")
    assert table.texts == ("今天去哪里", '电影, "好看"', "吃饭")
    assert table.rows[2] == ("3", "吃饭", "")
    assert (table.column, table.encoding) == ("句子", ENCODINGS[encoding])


def test_rare_and_traditional_characters_survive_gb18030() -> None:
    assert read("text\n電影𠀀👍é".encode("gb18030")).texts == ("電影𠀀👍é",)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.tuples(CELLS.filter(bool), CELLS), min_size=1, max_size=6), st.sampled_from(sorted(ENCODINGS)))
def test_what_csv_writes_is_read_back(rows: list[tuple[str, str]], encoding: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([("text", "note"), *rows])
    if encoding == "gbk":
        encoding = "gb18030"
    table = read(file.getvalue().encode(encoding))
    assert table.rows == tuple(rows)
    assert table.texts == tuple(text for text, _ in rows)


def test_the_column_is_the_one_named_the_only_one_or_text() -> None:
    assert read(b"sentence\na").column == "sentence"
    assert read(b"id, text \n1,a").column == "text"
    assert read(b"id,text,other\n1,a,b", " other ").texts == ("b",)
    assert read(b"id,note\n1,a long one", guess=True).column == "note"
    assert read(b"a long heading,text\nand a long text,", guess=True).column == "text"


@pytest.mark.parametrize(
    ("data", "column", "code", "details", "sentence"),
    [
        (b"", None, "empty", {}, "no rows"),
        (b"\xef\xbb\xbf\r\n \n", None, "empty", {}, "no rows"),
        (b"text\n\n", None, "empty", {}, "no rows"),
        (
            b"a,b\n1,2",
            "text",
            "column",
            {"column": "text", "columns": ("a", "b")},
            "no column named 'text'; there are a, b",
        ),
        (
            "名,句\n1,2".encode("gb18030"),
            "句子",
            "column",
            {"column": "句子", "columns": ("名", "句")},
            "there are 名, 句",
        ),
        (b"a,b\n1,2", None, "choose", {"columns": ("a", "b")}, "choose one of a, b"),
        (b"text\na\nb, c\n", None, "broken", {"row": 3, "cells": 2, "heading": 1}, "Row 3 has 2 cells .* quotation"),
        (b"text\n\na\nb,c", None, "broken", {"row": 4, "cells": 2, "heading": 1}, "Row 4"),
        (b'text\na\n"b\nc\nd', None, "quotes", {"row": 3}, "quotation marks in row 3 don't match"),
        (b'text\n"a" b\n', None, "quotes", {"row": 2}, "row 2"),
        (b"text\na\nb\nc", None, "many", {"limit": 2}, "more than 2 rows; up to 2"),
        (b"text\n\x81\x20\xff", None, "encoding", {}, "other than UTF-8"),
        (b"\xff\xfea", None, "encoding", {}, "other than UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    data: bytes, column: str | None, code: str, details: dict[str, object], sentence: str
) -> None:
    with pytest.raises(CsvError, match=sentence) as caught:
        read(data, column, max_rows=2)
    assert (caught.value.code, caught.value.details) == (code, details)


def test_a_file_above_the_limit_is_not_looked_into() -> None:
    with pytest.raises(CsvError, match=r"20\.1 MB; up to 20 MB") as caught:
        read(b"\n" * (csv_table.MAX_BYTES + 1))
    assert caught.value.code == "too_large"


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.binary(max_size=80) | st.text(st.sampled_from('a今,;"\r\n\t \0\ufeff'), max_size=40).map(str.encode))
def test_any_bytes_are_a_table_or_an_error_with_a_sentence(data: bytes) -> None:
    try:
        table = read(data)
    except CsvError as error:
        assert error.code in ("empty", "choose", "broken", "quotes", "encoding")
        assert str(error).endswith(".")
    else:
        assert len(table.texts) == len(table.rows) > 0
        assert {len(row) for row in table.rows} == {len(table.columns)}


def test_quotation_marks_within_a_text_stay() -> None:
    assert read('text\n他说"你好"吗\nit"s'.encode()).texts == ('他说"你好"吗', 'it"s')


def test_one_huge_text_does_not_stop_the_others() -> None:
    table = read(b"text\na\n" + b"b" * 1_000_000 + b"\nc\x00d")
    assert [len(text) for text in table.texts] == [1, 1_000_000, 3]


def verdict(index: int, *probabilities: float) -> TextVerdict:
    return TextVerdict(index, "key", max(probabilities), np.array(probabilities))


def test_verdicts_stand_beside_what_was_there() -> None:
    table = read('id,text,verdict\n1,"今天, 好",x\n2,,y\n3,"a\nb",z'.encode())
    found = [verdict(1, 0.25, 0.75), TextError("empty").reason, verdict(0, 2 / 3, 1 / 3)]
    lines = list(with_verdicts(table, ["差", "好"], found))
    assert len(lines) == 4
    assert list(csv.reader(io.StringIO("\n".join(lines)))) == [
        ["id", "text", "verdict", "verdict_2", "confidence", "差", "好", "problem"],
        ["1", "今天, 好", "x", "好", "0.75", "0.25", "0.75", ""],
        ["2", "", "y", "", "", "", "", "There is no text."],
        ["3", "a\nb", "z", "差", "0.666667", "0.666667", "0.333333", ""],
    ]


def test_reasons_are_put_in_the_words_asked_for() -> None:
    table = read(b"text\na")
    lines = list(
        with_verdicts(table, ["no", "yes"], [TextError("blank").reason], say=lambda reason: f"<{reason.code}>")
    )
    assert lines[1] == "a,,,,,<blank>"


def test_a_verdict_for_each_row() -> None:
    with pytest.raises(ValueError, match="shorter"):
        list(with_verdicts(read(b"text\na\nb"), ["no", "yes"], [verdict(0, 1.0, 0.0)]))
