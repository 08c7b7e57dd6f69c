"""The table of several files: each picture with what every network read, or why it could not be read."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from glassbox.digits import images
from glassbox.digits.decoding import PictureError
from glassbox.digits.reader import Reader, Verdict
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Entry, Kind, declare, held
from glassbox.ui.charts.pixels import data_uri
from glassbox.ui.components.canvas import Drawing
from glassbox.ui.frame import picture
from glassbox.ui.frame.picture import Picture
from glassbox.zoo import digit_models

ROW_HEIGHT = 48
ROWS_SHOWN = 8


@dataclass(frozen=True)
class Reading:
    """One file. `error` says why there are no verdicts."""

    name: str
    picture: Picture | None
    verdicts: dict[str, Verdict]
    error: PictureError | None = None


_READINGS: Entry[tuple[Reading, ...]] = declare("readings", Kind.FILES, ())
_LEFT_OUT = declare("readings_left_out", Kind.FILES, 0)
_TURN = declare("readings_turn", Kind.FILES, 0)


def read_file(name: str, data: bytes, reader: Reader) -> Reading:
    """Prepare a file and let every network of the zoo read it. Its bytes are not kept."""
    try:
        prepared = images.prepare(data)
    except PictureError as error:
        return Reading(name, None, {}, error)
    verdicts = reader.read(prepared.digit, tuple(reader.zoo.cards))
    return Reading(name, picture.from_prepared(prepared, "upload"), verdicts)


def keep(rows: Sequence[Reading], left_out: int) -> None:
    """Replace the table by `rows` and take the last readable picture as the visitor's own."""
    _READINGS.set(tuple(rows) if len(rows) > 1 else ())
    _LEFT_OUT.set(left_out)
    _TURN.set(_TURN.get() + 1)
    readable = [row for row in rows if row.picture]
    if readable:
        _take(readable[-1])
    elif rows:
        picture.refuse(rows[-1].error or PictureError("empty", "no picture"))


def table(models: Sequence[str]) -> None:
    """Show the files of the last upload, if there were several: the chosen row becomes the visitor's picture."""
    rows = _READINGS.get()
    if not rows:
        return
    st.subheader(t("read.batch.title", count=len(rows)), anchor=False)
    if left_out := _LEFT_OUT.get():
        st.warning(t("read.batch.left_out", count=left_out, limit=len(rows)))
    st.caption(t("read.batch.pick"))
    key = f"readings_table_{_TURN.get()}"

    def chosen() -> None:
        selected = held(key)["selection"]["rows"]
        if selected and 0 <= selected[0] < len(rows) and rows[selected[0]].picture:
            _take(rows[selected[0]])

    st.dataframe(
        [_cells(row, models, any(one.error for one in rows)) for row in rows],
        key=key,
        on_select=chosen,
        selection_mode="single-row",
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * min(len(rows), ROWS_SHOWN) + 40,
        column_config={
            "picture": st.column_config.ImageColumn(t("read.batch.picture"), width="small"),
            "name": st.column_config.TextColumn(t("read.batch.file"), width="medium"),
            "error": st.column_config.TextColumn(t("read.batch.error"), width="large"),
        }
        | {model: st.column_config.TextColumn(model_name(model), width="small") for model in models},
        placeholder="–",
        alt=t("read.batch.title", count=len(rows)),
    )
    st.download_button(
        t("read.batch.csv"),
        lambda: to_csv(rows),
        file_name="glassbox.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def to_csv(rows: Sequence[Reading]) -> bytes:
    """A line a file, with label and confidence of every network; opens in spreadsheets, formulas in names disarmed."""
    text = io.StringIO()
    lines = csv.writer(text)
    models = digit_models.names()
    lines.writerow(["file", *(f"{model}_{what}" for model in models for what in ("label", "confidence")), "error"])
    for row in rows:
        cells: list[object] = [_disarmed(row.name)]
        for model in models:
            verdict = row.verdicts.get(model)
            cells += [verdict.label, f"{verdict.confidence:.6f}"] if verdict else ["", ""]
        lines.writerow([*cells, str(row.error or "")])
    return text.getvalue().encode("utf-8-sig")  # the mark without which spreadsheets misread Chinese file names


def _disarmed(name: str) -> str:
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name


def _cells(row: Reading, models: Sequence[str], with_errors: bool) -> dict[str, object]:
    cells: dict[str, object] = {"picture": data_uri(row.picture.digit) if row.picture else None}
    for model in models:
        verdict = row.verdicts.get(model)
        cells[model] = f"{verdict.label} · {formats.percent(verdict.confidence)}" if verdict else None
    cells["name"] = row.name
    if with_errors:
        cells["error"] = t(f"read.picture_error.{row.error.code}", **row.error.details) if row.error else None
    return cells


def _take(row: Reading) -> None:
    if row.picture:
        picture.take(row.picture)
        picture.set_drawing(Drawing())
