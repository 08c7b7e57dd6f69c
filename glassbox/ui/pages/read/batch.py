"""The table of an upload of several files: what every network read in each, or why the file could not be read."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import streamlit as st

from glassbox import csv_file
from glassbox.digits import images
from glassbox.digits.decoding import PictureError
from glassbox.digits.reader import Reader, Verdict
from glassbox.input_error import Reason
from glassbox.ui.base import formats, payload
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Entry, Kind, declare, held
from glassbox.ui.charts.pixels import data_uri
from glassbox.ui.components.canvas import Drawing
from glassbox.ui.frame import picture
from glassbox.ui.frame.picture import Picture
from glassbox.ui.pages.read import several
from glassbox.zoo import digit_models

ROW_HEIGHT = 48
"""Pixels."""
ROWS_SHOWN = 8
"""Rows that fit before the table scrolls."""


@dataclass(frozen=True)
class FileReading:
    """A file of the visitor with the verdicts by network; `error` says why there are none.

    `digits`: where there are several, what the most accurate network reads in each of them.
    """

    name: str
    picture: Picture | None
    verdicts: dict[str, Verdict]
    error: Reason | None = None
    digits: str = ""


_READINGS: Entry[tuple[FileReading, ...]] = declare("readings", Kind.FILES, ())
_LEFT_OUT = declare("readings_left_out", Kind.FILES, 0)
_UPLOADS = declare("readings_turn", Kind.FILES, 0)
"""The uploads so far: each has a table of its own, with nothing selected."""


class _Rows(msgspec.Struct):
    rows: list[payload.Index]


def read_file(name: str, data: bytes, reader: Reader) -> FileReading:
    """Prepare a file, let every network of the zoo read it and return the result. Its bytes are not kept."""
    try:
        prepared = images.prepare(data)
    except PictureError as error:
        return FileReading(name, picture=None, verdicts={}, error=error.reason)
    verdicts = reader.read(prepared.digit, tuple(reader.zoo.cards))
    taken = picture.from_prepared(prepared, "upload")
    digits = " ".join(several.labels(taken.found, reader)) if len(taken.found) > 1 else ""
    return FileReading(name, taken, verdicts, digits=digits)


def keep(readings: Sequence[FileReading], left_out: int) -> None:
    """Replace the table by `readings` and take the last readable picture as the visitor's digit.

    `left_out`: the files of the upload beyond those that are read.
    """
    _READINGS.set(tuple(readings) if len(readings) > 1 else ())
    _LEFT_OUT.set(left_out)
    _UPLOADS.set(_UPLOADS.get() + 1)
    readable = [reading for reading in readings if reading.picture]
    if readable:
        _take(readable[-1])
    elif readings and readings[-1].error:
        picture.refuse(readings[-1].error)


def table(models: Sequence[str]) -> None:
    """Draw the table of the last upload, if it had several files; a selected row becomes the visitor's digit."""
    readings = _READINGS.get()
    if not readings:
        return
    st.header(t("read.batch.title", count=len(readings)), anchor=False)
    if left_out := _LEFT_OUT.get():
        st.warning(t("read.batch.left_out", count=left_out, limit=len(readings)))
    st.caption(t("read.batch.pick"))
    key = f"readings_table_{_UPLOADS.get()}"

    def selected() -> None:
        chosen = payload.parse(held(key), payload.Selected[_Rows])
        if chosen and chosen.selection.rows and chosen.selection.rows[0] < len(readings):
            _take(readings[chosen.selection.rows[0]])

    st.dataframe(
        [_cells(reading, models, readings) for reading in readings],
        key=key,
        on_select=selected,
        selection_mode="single-row",
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * min(len(readings), ROWS_SHOWN) + 40,
        column_config={
            "picture": st.column_config.ImageColumn(t("read.batch.picture"), width="small"),
            "name": st.column_config.TextColumn(t("read.batch.file"), width="medium"),
            "digits": st.column_config.TextColumn(t("read.batch.digits"), width="medium"),
            "error": st.column_config.TextColumn(t("read.batch.error"), width="large"),
        }
        | {model: st.column_config.TextColumn(model_name(model), width="small") for model in models},
        placeholder="–",
        alt=t("read.batch.title", count=len(readings)),
    )
    st.download_button(
        t("read.batch.csv"),
        lambda: to_csv(readings),
        file_name="glassbox.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def to_csv(readings: Sequence[FileReading]) -> bytes:
    """Return a line a file, with label and confidence of every network, and all digits where a file has several."""
    models, several_digits = digit_models.names(), any(reading.digits for reading in readings)
    heads = [f"{model}_{what}" for model in models for what in ("label", "confidence")]
    rows = [["file", *heads, *(["digits"] if several_digits else []), "error"]]
    for reading in readings:
        cells = [reading.name]
        for model in models:
            verdict = reading.verdicts.get(model)
            cells += [str(verdict.label), f"{verdict.confidence:.6f}"] if verdict else ["", ""]
        if several_digits:
            cells.append(reading.digits)
        rows.append([*cells, str(reading.error or "")])
    return csv_file.text(rows).encode("utf-8-sig")  # the mark without which spreadsheets misread Chinese file names


def _cells(reading: FileReading, models: Sequence[str], readings: Sequence[FileReading]) -> dict[str, object]:
    """Return the row of a reading; the columns that some of `readings` need alone are there if one of them does."""
    cells: dict[str, object] = {"picture": data_uri(reading.picture.digit) if reading.picture else None}
    for model in models:
        verdict = reading.verdicts.get(model)
        cells[model] = f"{verdict.label} · {formats.percent(verdict.confidence)}" if verdict else None
    if any(one.digits for one in readings):
        cells["digits"] = reading.digits or None
    cells["name"] = csv_file.disarmed(reading.name)  # the table has a button of its own that downloads it
    if any(one.error for one in readings):
        cells["error"] = (
            t(f"read.picture_error.{reading.error.code}", **reading.error.details) if reading.error else None
        )
    return cells


def _take(reading: FileReading) -> None:
    if reading.picture:
        picture.take(reading.picture)
        picture.set_drawing(Drawing())
