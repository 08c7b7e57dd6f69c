"""The form for the visitor's own data: a CSV file or pasted rows become the points of the playground."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from glassbox.csv_file import CsvError
from glassbox.input_error import Reason
from glassbox.playground import own_data
from glassbox.playground.own_data import NAME_SHOWN
from glassbox.ui.base import formats, style
from glassbox.ui.base.i18n import t
from glassbox.ui.base.quoting import listed, quoted
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.frame import uploads
from glassbox.ui.pages.playground import state

_PASTED = declare("playground_paste_{turn}", Kind.TEXTS, "")
_PROBLEM: Entry[Reason | None] = declare("playground_csv_error", Kind.TEXTS, None)
_UPLOADER = "points"


def own_data_form() -> None:
    """Draw the form, and what was taken or why it was refused."""
    style.uploader(
        "playground_csv",
        button=t("playground.csv.button"),
        limit=t("playground.csv.limit"),
        refused=t("playground.csv.refused"),
    )

    def widget(key: str) -> Sequence[UploadedFile]:
        file = st.file_uploader(t("playground.csv.label"), type=["csv", "tsv", "txt"], max_upload_size=1, key=key)
        return [file] if file else []

    with st.container(key="playground_csv"):
        uploads.read_once(_UPLOADER, widget, lambda files: _use(files[0].getvalue()))
    pasted = st.text_area(
        t("playground.csv.paste"),
        height=110,
        max_chars=own_data.MAX_BYTES,
        key=_PASTED.at(turn=uploads.turn(_UPLOADER)).key,
    )
    if st.button(t("playground.csv.use"), disabled=not pasted.strip(), key="playground_use"):
        _use(pasted.encode())
        if _PROBLEM.get() is None:
            st.rerun()  # the figure and the controls show the new data; rows that are refused stay to be mended
    if problem := _PROBLEM.get():
        st.error(error_message(problem), icon=":material/error:")
    if (own := state.own_data()) is not None:
        names, columns = listed(own.classes, NAME_SHOWN), listed(own.columns, NAME_SHOWN)
        kind = t("playground.csv.classes", names=names) if own.classes else t("playground.csv.heights")
        st.success(t("playground.csv.taken", count=len(own.points), columns=columns, kind=kind))
    st.caption(t("playground.csv.private"))


def error_message(reason: Reason) -> str:
    """Return what is wrong with the rows, in the visitor's language."""
    if reason.code == "too_large":
        values = {name: formats.size(size) for name, size in reason.details.items()}
    else:
        values = {name: quoted(value) if isinstance(value, str) else value for name, value in reason.details.items()}
    return t(f"playground.csv.error.{reason.code}", **values)


def _use(text: bytes) -> None:
    """Use these points from now on, or say why not and keep what was there."""
    try:
        state.use_own_data(own_data.read(text))
    except CsvError as error:
        _PROBLEM.set(error.reason)
    else:
        _PROBLEM.set(None)
