"""A visitor's own texts, a column of a CSV file, for the table of verdicts and the search for similar texts."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from glassbox.csv_file import CsvError
from glassbox.input_error import Reason
from glassbox.text import csv_table
from glassbox.text.csv_table import Table
from glassbox.ui.base import formats, style
from glassbox.ui.base.i18n import t
from glassbox.ui.base.quoting import listed, quoted
from glassbox.ui.base.state import Entry, Kind, bound, declare
from glassbox.ui.frame import uploads

MAX_MEGABYTES, MAX_ROWS, MAX_CELLS = 5, 10_000, 500_000
"""Less than the command line takes: the table stays in the memory of a server shared with other visitors. A file within
these limits takes up to 100 MB while it is read."""
_NAME = 500
"""Characters of a column's name in the list of columns."""
WIDGET = "texts"
"""The upload, as `uploads` counts the files that came with it."""
_TABLE: Entry[Table | None] = declare("text_own", Kind.TEXTS, None)
_PROBLEM: Entry[Reason | None] = declare("text_own_problem", Kind.TEXTS, None)


def choose_table() -> Table | None:
    """Let the visitor choose a file and its column; return the table in use, if there is one."""
    style.uploader(
        "text_csv",
        button=t("text.own_texts.button"),
        limit=t("text.own_texts.limit"),
        refused=t("text.own_texts.refused"),
    )

    def widget(key: str) -> Sequence[UploadedFile]:
        file = st.file_uploader(
            t("text.own_texts.label"), type=["csv", "tsv", "txt"], max_upload_size=MAX_MEGABYTES, key=key
        )
        return [file] if file else []

    with st.container(key="text_csv"):
        uploads.read_once(WIDGET, widget, lambda files: use(files[0].getvalue()), note=t("text.own_texts.private"))
    if problem := _PROBLEM.get():
        st.error(error_message(problem), icon=":material/error:")
    table = _TABLE.get()
    if table is not None and len(table.columns) > 1:
        _choose_column(table)
    return table


def use(data: bytes) -> None:
    """Use the table in `data`, a file's bytes; if it can't be read, keep the last one and store the problem."""
    try:
        _TABLE.set(read(data))
    except CsvError as error:
        _PROBLEM.set(error.reason)
    else:
        _PROBLEM.set(None)


def read(data: bytes) -> Table:
    """Return the table in a file's bytes, within the page's limits. Raises CsvError."""
    return csv_table.read(data, guess=True, max_bytes=MAX_MEGABYTES * 1_000_000, max_rows=MAX_ROWS, max_cells=MAX_CELLS)


def error_message(reason: Reason) -> str:
    """Return what is wrong with a file and what to do about it, in the visitor's language."""
    if reason.code == "too_large":
        return t("text.table_error.too_large", **{name: formats.size(size) for name, size in reason.details.items()})
    return t(f"text.table_error.{reason.code}", **{name: _shown(value) for name, value in reason.details.items()})


def _shown(value: int | str | tuple[str, ...]) -> str:
    """Return a detail of an error as Markdown: numbers with separators, the file's own words quoted."""
    if isinstance(value, int):
        return f"{value:,}"
    return quoted(value) if isinstance(value, str) else listed(value)


def _choose_column(table: Table) -> None:
    """Draw the choice of the column that holds the texts; a new choice is in use from the next run on."""
    binding = bound(
        "text_own_column",
        table.column,
        take=lambda name: _TABLE.set(replace(table, column=name)),
        options=table.columns,
    )
    st.selectbox(t("text.own_texts.column"), table.columns, format_func=lambda name: name[:_NAME], width=320, **binding)
