"""An entry of a score, opened: the products that it is the sum of, and behind each the cell that it read, on and on."""

import re
from dataclasses import dataclass

import numpy as np
import streamlit as st

from glassbox.explain.ledger import ledger
from glassbox.explain.terms.explain import Term
from glassbox.explain.transformer_reader import TransformerReading
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts.sum_table import SHOWN, sum_table
from glassbox.ui.charts.tables import Cell, Table, show
from glassbox.ui.components.attention import Asked, Sign
from glassbox.ui.components.scroll_to import scroll_to
from glassbox.ui.pages.transformer import figure
from glassbox.ui.pages.transformer.look import Look

OFFERED = 5
"""Cells behind a number that can be opened in turn."""
DEEPEST = 12
"""Cells opened one behind the other that are remembered."""
_CELL = tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class Entered:
    """An entry of a score, as `Ledger.terms` takes it."""

    kind: str
    layer: int | None
    index: tuple[int, ...]


OPENED: Entry[Entered | None] = declare("look_opened", Kind.CONTROL, None)
_OPENINGS = declare("look_openings", Kind.INTERNAL, 0)
_PATH: Entry[tuple[_CELL, ...]] = declare("look_path", Kind.CONTROL, ())


def open_entry(asked: Asked) -> None:
    """Open an entry of the score that is shown."""
    indices = {"head": (asked.index, asked.source), "neuron": (asked.index,)}
    layer = asked.layer if asked.part in indices else None
    OPENED.set(Entered(asked.part, layer, indices.get(asked.part, ())))
    _OPENINGS.set(_OPENINGS.get() + 1)
    _PATH.clear()


def draw(look: Look) -> None:
    """Draw the products behind the opened entry of the score, or behind a cell in it."""
    reading, signs, entered = look.reading, look.signs, OPENED.get()
    if entered is None or not _is_there(reading, entered, look.at):
        st.caption(t("transformer.opened.none"))
        entered = _largest(look)
    found = ledger(reading, look.at, look.token, look.against)
    path, openings = _path(reading), _OPENINGS.get()
    part = f"look_products_{openings}"
    scroll_to(part if openings else None, key="look_reveal")
    with st.container(key=part):
        st.markdown(f"**{_entry_name(entered, signs)}**")
        _back(reading, signs, path)
        if not path:
            terms = found.terms(entered.kind, entered.layer, entered.index)
            _products(terms, reading, signs)
        else:
            terms = _cell(path[-1], reading, signs)
        _onward(terms, reading, signs)


def _largest(look: Look) -> Entered:
    """Return the entry of a head that weighs most in the score that is shown."""
    heads = np.abs(look.behind[look.at].score.heads)
    layer, head, source = (int(place) for place in np.unravel_index(int(heads.argmax()), heads.shape))
    return Entered("head", layer, (head, source))


def _cell(cell: _CELL, reading: TransformerReading, signs: list[Sign]) -> list[Term]:
    """Draw the sum behind a cell; return its largest terms."""
    explanation = reading.inside.terms(*cell)
    if explanation.kind == "sum":
        sum_table(explanation, cell_name(reading, signs, *cell), lambda term: _source(term, reading, signs), "look_sum")
    else:
        st.markdown(t(f"transformer.opened.{explanation.kind}", value=formats.number(explanation.after)))
    return explanation.terms.largest(4 * OFFERED)


def _is_there(reading: TransformerReading, entered: Entered, position: int) -> bool:
    """Return whether the network has such an entry at the position: a message may be forged, another text shorter."""
    layers = reading.reader.parts.layers
    if entered.layer is None:
        return True
    if entered.layer >= len(layers):
        return False
    if entered.kind == "head":
        heads = len(reading.reader.weights[layers[entered.layer].attention.output])
        return entered.index[0] < heads and entered.index[1] <= position
    written = layers[entered.layer].feedforward
    return written is not None and entered.index[0] < len(reading.reader.weights[written.output])


def _path(reading: TransformerReading) -> tuple[_CELL, ...]:
    """Return the cells that were opened one behind the other, as far as this reading has them."""
    path = _PATH.get()
    if not path:
        return ()
    tensors = reading.inside.tensors
    there = [
        name in tensors
        and len(index) == tensors[name].ndim
        and all(i < size for i, size in zip(index, tensors[name].shape, strict=True))
        for name, index in path
    ]
    return path if all(there) else ()


def _products(terms: list[Term], reading: TransformerReading, signs: list[Sign]) -> None:
    """Draw the largest products of an entry, the rest of them in one, and their sum."""
    largest = sorted(terms, key=lambda term: -abs(term.product))
    listed = largest[: SHOWN if len(terms) > SHOWN + 1 else len(terms)]
    most = max((abs(term.product) for term in listed), default=0.0) or 1.0

    def row(name: str, value: str, weight: str, product: float) -> list[str | Cell]:
        sign = "+" if product > 0 else ""
        return [name, value, weight, Cell(f"{sign}{formats.number(product)}", bar=product / most)]

    rows = [
        row(_source(term, reading, signs), formats.number(term.value), formats.number(term.weight), term.product)
        for term in listed
    ]
    if len(terms) > len(listed):
        rest = sum(term.product for term in largest[len(listed) :])
        rows.append(row(t("charts.sum.rest", count=formats.count(len(terms) - len(listed))), "", "", rest))
    rows.append([t("charts.sum.total"), "", "", formats.number(sum(term.product for term in terms))])
    heads = [t(f"charts.sum.{column}") for column in ("source", "value", "weight", "product")]
    show(Table(t("transformer.opened.products"), heads, rows, totals=[len(rows) - 1], dense=True))


def _onward(terms: list[Term], reading: TransformerReading, signs: list[Sign]) -> None:
    """Offer the cells that the largest terms read, and where a weight is a cell's too, that one."""
    largest = sorted(terms, key=lambda term: -abs(term.product))
    tensors, weights = reading.inside.tensors, reading.reader.weights
    cells: dict[_CELL, float] = {}
    for term in largest:
        for source, index in ((term.source, term.source_index), (term.weight_source, term.weight_index)):
            if source not in tensors:
                continue
            name, place = reading.inside.origin(source, index)
            if tensors[name].dtype.kind == "f" and name not in weights:
                cells.setdefault((name, tuple(place)), float(tensors[name][place]))
    if not cells:
        st.caption(t("transformer.opened.learned"))
        return
    st.markdown(t("transformer.opened.onward"))
    with st.container(horizontal=True):
        for i, (cell, value) in enumerate(list(cells.items())[:OFFERED]):
            label = f"{cell_name(reading, signs, *cell)} = {formats.number(value)}"
            st.button(label, key=f"look_on_{i}", on_click=_go_on, args=cell)


def _go_on(tensor: str, index: tuple[int, ...]) -> None:
    _PATH.set((*_PATH.get(), (tensor, index))[-DEEPEST:])


def _back(reading: TransformerReading, signs: list[Sign], path: tuple[_CELL, ...]) -> None:
    """Draw the cells on the way as buttons that lead back to them."""
    if not path:
        return
    with st.container(horizontal=True):
        st.button(t("transformer.opened.back"), icon=":material/arrow_back:", key="look_back", on_click=_step_back)
        if len(path) > 1:  # where Back leads to; the heading below tells where the visitor is
            st.markdown(cell_name(reading, signs, *path[-2]), width="content")


def _step_back() -> None:
    _PATH.set(_PATH.get()[:-1])


def _source(term: Term, reading: TransformerReading, signs: list[Sign]) -> str:
    return cell_name(reading, signs, term.source, term.source_index)


def _entry_name(entered: Entered, signs: list[Sign]) -> str:
    """Return what an entry of the score is called."""
    layer = None if entered.layer is None else entered.layer + 1
    words: dict[str, object] = {"layer": layer, "number": entered.index[0] + 1 if entered.index else None}
    if entered.kind == "head":
        words["source"] = place_name(signs, entered.index[1])
    return t(f"transformer.opened.entry_{entered.kind}", **words)


def place_name(signs: list[Sign], position: int) -> str:
    """Return what a position is called: what stands there, and which one it is."""
    return t("transformer.opened.place", sign=figure.named(signs[position]), number=position + 1)


_LAYERED = re.compile(r"(attention|feedforward)(\d+)(?:/(\w+))?")


def cell_name(reading: TransformerReading, signs: list[Sign], tensor: str, index: tuple[int, ...]) -> str:
    """Return what a cell is called: the tensor in words where it is known, head, position and the number in the row."""
    found = _LAYERED.fullmatch(tensor)
    part = f"{found[1]}_{found[3] or 'stream'}" if found else tensor.replace("/", "_")
    shape = reading.inside.tensors[tensor].shape if tensor in reading.inside.tensors else ()
    words = [t(f"transformer.cell.{part}") if part in _NAMED else tensor]
    if found:
        words.append(t("transformer.cell.layer", layer=int(found[2]) + 1))
    sizes = [*zip(index, shape, strict=False)]
    if len(shape) == 4 and shape[1] != 1:
        words.append(t("transformer.cell.head", head=index[1] + 1))
    places = [i for i, size in sizes[-2:] if size == len(signs)]
    words += [place_name(signs, place) for place in places]
    if sizes and sizes[-1][1] != len(signs) and sizes[-1][1] > 1:
        words.append(t("transformer.cell.number", number=index[-1] + 1))
    return " · ".join(words)


_NAMED = frozenset(
    {
        "attention_normed",
        "attention_read",
        "attention_size",
        "attention_query",
        "attention_key",
        "attention_value",
        "attention_products",
        "attention_scores",
        "attention_masked",
        "attention_attention",
        "attention_mixed",
        "attention_head_writes",
        "attention_write",
        "attention_stream",
        "feedforward_normed",
        "feedforward_size",
        "feedforward_sums",
        "feedforward_neurons",
        "feedforward_write",
        "feedforward_stream",
        "embedded",
        "embedded_token",
        "embedded_place",
        "embedding",
        "places",
        "mask",
    }
)
"""Tensors that have a name on the page."""
