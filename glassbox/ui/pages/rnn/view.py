"""Recurrent networks reading the digit row by row: when each decides, and the sum behind one cell."""

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits.reader import Reader
from glassbox.digits.tensors import rescaled
from glassbox.explain.row_reader import PICTURE, SCORE, STATE, RowCell, RowReading
from glassbox.explain.terms.explain import Explanation, Term
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts.sum_table import CLOSE, sum_table
from glassbox.ui.components.time_film import checked, time_film
from glassbox.ui.frame.downloads import downloads
from glassbox.ui.frame.networks import row_reader
from glassbox.ui.pages.rnn.formulas import formula

_SOURCES_OFFERED = 4
_SELECTED: Entry[tuple[str, RowCell] | None] = declare("rows_asked", Kind.CONTROL, None, parameter="number")
"""A network, and the cell in it whose sum is shown."""


def readings(reader: Reader, digit: NDArray[np.uint8]) -> dict[str, RowReading]:
    """Return `digit`, uint8 (28, 28), as the recurrent networks of the zoo read it."""
    picture = rescaled(digit)
    return {name: row_reader(reader, name).read(picture) for name in reader.zoo.on_page("rnn")}


def selected(readings: Mapping[str, RowReading]) -> tuple[str, RowCell]:
    """Return the cell whose sum is shown: the one clicked, else the first network's largest state half-way down."""
    if (clicked := _SELECTED.get()) and clicked[0] in readings:
        return clicked
    model, reading = next(iter(readings.items()))
    row = len(reading.probabilities) // 2
    return model, RowCell(STATE, row, int(np.abs(reading.parts[STATE][row]).argmax()))


def select(model: str, cell: RowCell) -> None:
    """Show the sum of another cell."""
    _SELECTED.set((model, cell))


def _from_link(text: str, readings: Mapping[str, RowReading]) -> tuple[str, RowCell] | None:
    """Return the cell of a link, "rnn.state.15.1", if a network that is shown has it."""
    match text.split("."):
        case [model, part, row, unit] if (row + unit).isascii() and row.isdigit() and unit.isdigit():
            counted_from = 0 if part == SCORE else 1
            asked = {"network": model, "part": part, "row": int(row[:6]) - 1, "unit": int(unit[:6]) - counted_from}
            return checked(asked, readings)
    return None


def _to_link(selected: tuple[str, RowCell]) -> str:
    """Return a cell as in a link: rows and units count from 1, a digit stands for itself."""
    model, cell = selected
    return f"{model}.{cell.part}.{cell.row + 1}.{cell.unit + (cell.part != SCORE)}"


@st.fragment
def film(readings: Mapping[str, RowReading], digit: NDArray[np.uint8]) -> None:
    """Draw the networks reading the picture, and below them the selected cell and its sum."""
    linked(_SELECTED, lambda text: _from_link(text, readings), _to_link)
    model, cell = selected(readings)
    reading = readings[model]
    explanation = reading.terms(cell)
    with st.container(key="gb_rows"):
        with st.container(key="gb_rows_film"):
            decisions = {name: decision(name, one) for name, one in readings.items()}
            time_film(readings, digit=digit, said=decisions, asked=(model, cell), on_asked=select)
        with st.container(key="gb_rows_number", horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{_heading(model, cell)}**", width="content")
            st.latex(formula(reading, cell, explanation), width="content")
    _sum(model, reading, cell, explanation)
    _downloads(readings, explanation)


def decision(model: str, reading: RowReading) -> str:
    """Return from which row on the network kept to its verdict, as a sentence."""
    decided = reading.decision()
    row, last = decided.row + 1, len(reading.probabilities)
    kind = "first_row" if not decided.changes else "last_row" if row == last else "row"
    share = formats.percent(float(reading.probabilities[-1, decided.label]))
    return t(
        f"components.time_film.decided_{kind}",
        model=model_name(model),
        row=row,
        label=decided.label,
        changes=decided.changes,
        share=share,
    )


def _heading(model: str, cell: RowCell) -> str:
    return t("components.time_film.number", model=model_name(model), name=cell_name(cell))


def _sum(model: str, reading: RowReading, cell: RowCell, explanation: Explanation) -> None:
    """Draw where a cell came from: its terms, whether the engine agrees, and buttons to the cells that it came from."""
    summed = explanation.kind == "sum" and cell.part != "C"  # else gates mix it, and the formula shows all terms
    left, right = st.columns([3, 2], gap="large") if summed else (st.container(), st.container())
    with left:
        if summed:
            sum_table(explanation, _heading(model, cell), lambda term: _source_name(reading, term), key="rows_sum")
        else:
            st.markdown(_engine_check(explanation))
    with right:
        st.markdown(t("components.time_film.ask_on"))
        with st.container(horizontal=True):
            for i, (source, value) in enumerate(_sources(reading, cell, explanation)):
                label = f"{cell_name(source)} = {formats.number(value)}"
                st.button(label, key=f"rows_on_{i}", on_click=select, args=(model, source))


def _sources(reading: RowReading, cell: RowCell, explanation: Explanation) -> list[tuple[RowCell, float]]:
    """Return the cells that this one came from, themselves sums, with their values: its gates and its largest terms."""
    gates = [(RowCell(gate, cell.row, cell.unit), one.after) for gate, one in explanation.gates.items()]
    largest = explanation.terms.largest(4 * _SOURCES_OFFERED)  # pixels are among them
    terms = [(reading.cell_of(term.source, term.source_index), term.value) for term in largest]
    states = [(source, value) for source, value in terms if source and source.part != PICTURE]
    return list(dict([*gates, *states[:_SOURCES_OFFERED]]).items())


def _source_name(reading: RowReading, term: Term) -> str:
    source = reading.cell_of(term.source, term.source_index)
    return cell_name(source) if source else term.source


def cell_name(cell: RowCell) -> str:
    """Return a cell's name in words; rows and units count from 1."""
    kind = cell.part if cell.part in (PICTURE, SCORE) else "cell"
    unit = cell.unit if kind == SCORE else cell.unit + 1
    return t(
        f"components.time_film.name_{kind}",
        part=t(f"components.time_film.part_{cell.part}"),
        row=cell.row + 1,
        unit=unit,
    )


def _engine_check(explanation: Explanation) -> str:
    """Return what ONNX Runtime computed itself, as a sentence."""
    if explanation.engine is None or explanation.error is None:
        return t("components.time_film.engine_none")
    words = {
        "value": formats.number(explanation.engine),
        "error": formats.scientific(explanation.error) if explanation.error else "0",
    }
    return (
        t("components.time_film.engine_agrees", **words)
        if explanation.error <= CLOSE
        else t("components.time_film.engine_differs", **words)
    )


def verdict_rows(readings: Mapping[str, RowReading]) -> list[tuple[str, ...]]:
    """Return the rows of a table: the verdict of every network after each row of the picture."""
    count = max(len(reading.probabilities) for reading in readings.values())
    return [(str(row + 1), *(_verdict(reading, row) for reading in readings.values())) for row in range(count)]


def _verdict(reading: RowReading, row: int) -> str:
    probabilities = reading.probabilities[row]
    return f"{probabilities.argmax()} · {formats.percent(float(probabilities.max()))}"


def _downloads(readings: Mapping[str, RowReading], explanation: Explanation) -> None:
    """Offer what the page shows as files."""
    tensors = {f"{name}/{part}": values for name, one in readings.items() for part, values in one.tensors().items()}
    maps = {
        f"{model_name(name)}: {t(f'components.time_film.part_{part}')}": values
        for name, one in readings.items()
        for part, values in (one.parts | {SCORE: one.probabilities}).items()
    }
    downloads("rows", tensors, explanation, figures={t("components.time_film.figure"): lambda: maps})
