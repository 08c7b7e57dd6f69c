"""The parts of the page on recurrent networks: the readings, what is said of them, and the sum behind one number."""

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

_ASK_ON = 4
_ASKED: Entry[tuple[str, RowCell] | None] = declare("rows_asked", Kind.CONTROL, None, parameter="number")
"""A network, and the number in it whose sum is shown."""


def readings(reader: Reader, digit: NDArray[np.uint8]) -> dict[str, RowReading]:
    """`digit`, uint8 (28, 28), as the recurrent networks of the zoo read it."""
    picture = rescaled(digit)
    return {name: row_reader(reader, name).read(picture) for name in reader.zoo.on_page("rnn")}


def asked(shown: Mapping[str, RowReading]) -> tuple[str, RowCell]:
    """The number whose sum is shown: the one clicked, else the liveliest unit of the first network half-way down."""
    if (kept := _ASKED.get()) and kept[0] in shown:
        return kept
    model, reading = next(iter(shown.items()))
    row = len(reading.probabilities) // 2
    return model, RowCell(STATE, row, int(np.abs(reading.parts[STATE][row]).argmax()))


def ask(model: str, place: RowCell) -> None:
    """Show the sum of another number."""
    _ASKED.set((model, place))


def _read(text: str, shown: Mapping[str, RowReading]) -> tuple[str, RowCell] | None:
    """ "rnn.state.15.1" as in the link, if it is a number of a network that is shown."""
    match text.split("."):
        case [model, part, row, unit] if (row + unit).isascii() and row.isdigit() and unit.isdigit():
            counted_from = 0 if part == SCORE else 1
            asked = {"network": model, "part": part, "row": int(row[:6]) - 1, "unit": int(unit[:6]) - counted_from}
            return checked(asked, shown)
    return None


def _counted(place: RowCell) -> tuple[str, str, str]:
    """Rows and units from 1, as people count; a digit as itself."""
    return place.part, str(place.row + 1), str(place.unit + (place.part != SCORE))


@st.fragment
def film(shown: Mapping[str, RowReading], digit: NDArray[np.uint8]) -> None:
    """The networks reading the picture, and below them the number that was asked for."""
    linked(_ASKED, lambda text: _read(text, shown), lambda one: ".".join([one[0], *_counted(one[1])]))
    model, place = asked(shown)
    found = shown[model].terms(place)
    with st.container(key="gb_rows"):
        with st.container(key="gb_rows_film"):
            said = {name: decision(name, one) for name, one in shown.items()}
            time_film(shown, digit=digit, said=said, asked=(model, place), on_asked=ask)
        with st.container(key="gb_rows_number", horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{_heading(model, place)}**", width="content")
            st.latex(formula(shown[model], place, found), width="content")
    _number(model, shown[model], place, found)
    _keep(shown, found)


def decision(model: str, reading: RowReading) -> str:
    """When the network made up its mind, in a sentence."""
    made = reading.decision()
    row, last = made.row + 1, len(reading.probabilities)
    kind = "once" if not made.changes else "late" if row == last else "row"
    share = formats.percent(float(reading.probabilities[-1, made.label]))
    return t(
        f"components.time_film.decided_{kind}",
        model=model_name(model),
        row=row,
        label=made.label,
        changes=made.changes,
        share=share,
    )


def _heading(model: str, place: RowCell) -> str:
    return t("components.time_film.number", model=model_name(model), name=name_of(place))


def _number(model: str, reading: RowReading, place: RowCell, found: Explanation) -> None:
    """Where one number came from: its terms, whether the engine agrees, and where to ask on."""
    summed = found.kind == "sum" and place.part != "C"  # else a blend, whose few terms the formula already shows
    left, right = st.columns([3, 2], gap="large") if summed else (st.container(), st.container())
    with left:
        if summed:
            sum_table(found, _heading(model, place), lambda term: _source(reading, term), key="rows_sum")
        else:
            st.markdown(_checked(found))
    with right:
        st.markdown(t("components.time_film.ask_on"))
        with st.container(horizontal=True):
            for i, (at, value) in enumerate(_sources(reading, place, found)):
                label = f"{name_of(at)} = {formats.number(value)}"
                st.button(label, key=f"rows_on_{i}", on_click=ask, args=(model, at))


def _sources(reading: RowReading, place: RowCell, found: Explanation) -> list[tuple[RowCell, float]]:
    """The numbers that this one came from, each a sum itself: the gates, and the heaviest states."""
    gates = [(RowCell(gate, place.row, place.unit), one.after) for gate, one in found.gates.items()]
    terms = [(reading.cell_of(term.source, term.source_index), term.value) for term in found.terms.largest(_ASK_ON * 4)]
    cells = [(at, value) for at, value in terms if at and at.part != PICTURE]
    return list(dict([*gates, *cells[:_ASK_ON]]).items())


def _source(reading: RowReading, term: Term) -> str:
    at = reading.cell_of(term.source, term.source_index)
    return name_of(at) if at else term.source


def name_of(place: RowCell) -> str:
    """A number's name in words; rows and units count from 1."""
    kind = place.part if place.part in (PICTURE, SCORE) else "cell"
    unit = place.unit if kind == SCORE else place.unit + 1
    return t(
        f"components.time_film.name_{kind}",
        part=t(f"components.time_film.part_{place.part}"),
        row=place.row + 1,
        unit=unit,
    )


def _checked(found: Explanation) -> str:
    """What ONNX Runtime computed itself."""
    if found.engine is None or found.error is None:
        return t("components.time_film.engine_none")
    words = {"value": f"{found.engine:.7g}", "error": formats.scientific(found.error) if found.error else "0"}
    return (
        t("components.time_film.engine_agrees", **words)
        if found.error <= CLOSE
        else t("components.time_film.engine_differs", **words)
    )


def verdicts(shown: Mapping[str, RowReading]) -> list[tuple[str, ...]]:
    """The verdict of every network after each row: the figure in words."""
    count = max(len(reading.probabilities) for reading in shown.values())
    return [(str(row + 1), *(_verdict(reading, row) for reading in shown.values())) for row in range(count)]


def _verdict(reading: RowReading, row: int) -> str:
    shares = reading.probabilities[row]
    return f"{shares.argmax()} · {formats.percent(float(shares.max()))}"


def _keep(shown: Mapping[str, RowReading], found: Explanation) -> None:
    """Offer what the page shows as files."""
    tensors = {f"{name}/{part}": values for name, one in shown.items() for part, values in one.tensors().items()}
    maps = {
        f"{model_name(name)}: {t(f'components.time_film.part_{part}')}": values
        for name, one in shown.items()
        for part, values in (one.parts | {SCORE: one.probabilities}).items()
    }
    downloads("rows", tensors, found, {t("components.time_film.figure"): lambda: maps})
