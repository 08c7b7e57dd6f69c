"""A visitor's own texts, a column of a CSV file: taken once, for the table of verdicts and for finding like texts."""

import json
from dataclasses import replace

import streamlit as st

from glassbox.csv_file import CsvError
from glassbox.text import csv_table
from glassbox.text.csv_table import Table
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.frame import uploads

MAX_MEGABYTES, MAX_ROWS = 5, 10_000
"""Less than the command line takes: a visit's table stays in the memory of a machine shared with others."""


def bring() -> Table | None:
    """Offer to choose a file and its column; the table in use, if there is one."""
    # A new key empties the widget once its file is read, so that its bytes can go.
    turn = st.session_state.setdefault("text_own_turn", 0)
    words = {"upload": "button", "upload-limit": "limit", "upload-refused": "refused"}
    quoted = {name: json.dumps(t(f"text.own_texts.{key}"), ensure_ascii=False) for name, key in words.items()}
    rules = " ".join(f"--gb-{name}: {text};" for name, text in quoted.items())
    st.html(f"<style>.st-key-text_csv {{ {rules} }}</style>")
    with st.container(key="text_csv"):
        file = st.file_uploader(
            t("text.own_texts.label"), type=["csv", "tsv", "txt"], max_upload_size=MAX_MEGABYTES, key=f"text_csv_{turn}"
        )
    st.caption(t("text.own_texts.private"))
    if file is not None:
        take(file.getvalue())
        uploads.forget([file])
        st.session_state["text_own_turn"] = turn + 1
        st.rerun()
    if error := st.session_state.get("text_own_problem"):
        st.error(sentence(error), icon=":material/error:")
    return _column(current())


def current() -> Table | None:
    """The table in use."""
    table: Table | None = st.session_state.get("text_own")
    return table


def take(data: bytes) -> None:
    """Use the table in `data`, a file's bytes, or remember why not and keep the one before."""
    try:
        st.session_state["text_own"] = read(data)
    except CsvError as error:
        st.session_state["text_own_problem"] = error
    else:
        st.session_state["text_own_problem"] = None


def read(data: bytes) -> Table:
    """Return the table in a file's bytes, within the page's limits. Raises CsvError."""
    return csv_table.read(data, guess=True, max_bytes=MAX_MEGABYTES * 1_000_000, max_rows=MAX_ROWS)


def sentence(error: CsvError) -> str:
    """What is wrong with a file and what to do, in the visitor's language."""
    if error.code == "too_large":
        return t("text.table_error.too_large", **{name: formats.size(size) for name, size in error.details.items()})
    return t(f"text.table_error.{error.code}", **{name: _shown(value) for name, value in error.details.items()})


def _shown(value: int | str | tuple[str, ...]) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    # As code, so that nothing in a file is taken for Markdown.
    text = value if isinstance(value, str) else ", ".join(value)
    return f"`{text.replace('`', ' ')[:200]}`"


def _column(table: Table | None) -> Table | None:
    if table is None or len(table.columns) == 1:
        return table
    st.session_state["text_own_column"] = table.column

    def chosen() -> None:
        if (name := st.session_state["text_own_column"]) in table.columns:
            st.session_state["text_own"] = replace(table, column=name)

    st.selectbox(t("text.own_texts.column"), table.columns, key="text_own_column", on_change=chosen, width=320)
    return table
