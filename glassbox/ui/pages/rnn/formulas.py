"""The formula of a recurrent network's number, once with its symbols and once with the numbers of this picture."""

from glassbox.explain.row_reader import PICTURE, SCORE, STATE, RowCell, RowReading
from glassbox.explain.terms.explain import Explanation
from glassbox.ui.charts.latex import bracketed, number, signed

_SYMBOLS = {
    STATE: "h",
    "C": "C",
    "c": r"\tilde{c}",
    "h": r"\tilde{h}",
    "i": "i",
    "f": "f",
    "o": "o",
    "z": "z",
    "r": "r",
    SCORE: "s",
}
_FUNCTIONS = {"Relu": r"\mathrm{ReLU}", "Tanh": r"\tanh", "Sigmoid": r"\sigma"}


def formula(reading: RowReading, place: RowCell, found: Explanation) -> str:
    """LaTeX, a line or two. Hochreiter & Schmidhuber 1997, Cho et al. 2014, as the ONNX operators define them.

    Units and rows count from 1, as they do on the page.
    """
    lines = _blend(reading, place, found) if place.part in _blended(reading) else _sum(reading, place, found)
    return r"\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}"


def _blended(reading: RowReading) -> tuple[str, ...]:
    """The parts that gates mix, rather than a sum of weighted inputs."""
    return {"LSTM": (STATE, "C"), "GRU": (STATE,)}.get(reading.reader.operator, ())


def _sum(reading: RowReading, place: RowCell, found: Explanation) -> list[str]:
    """f(W x + U h + b), or the head's w h + b."""
    row = place.row + 1
    kinds = [reading.cell_of(term.source, term.source_index) for term in found.terms]
    from_picture = sum(term.product for term, at in zip(found.terms, kinds, strict=True) if at and at.part == PICTURE)
    from_state = sum(term.product for term, at in zip(found.terms, kinds, strict=True) if at and at.part == STATE)
    before, bias, after = number(found.before), signed(found.bias), number(found.after)
    if place.part == SCORE:
        name = f"s_{{{place.unit}}}"
        return [
            rf"{name} &= \mathbf{{v}}_{{{place.unit}}}\,\mathbf{{h}}_{{{row}}} + c_{{{place.unit}}}"
            f" = {number(from_state)} {bias} = {after}",
        ]
    state = rf"U\,\mathbf{{h}}_{{{row - 1}}}"
    if reading.reader.operator == "GRU" and place.part == "h":
        state = rf"\mathbf{{r}}_{{{row}}} \odot {state}"
    function = _FUNCTIONS.get(_activation(reading, place.part), r"\varphi")
    summed = f"{number(from_picture)} {signed(from_state)} {bias}"
    return [
        rf"{_name(place)} &= {function}\bigl(W\,\mathbf{{x}}_{{{row}}} + {state} + b\bigr)"
        rf" = {function}\bigl({summed}\bigr) = {function}({before}) = {after}",
    ]


def _blend(reading: RowReading, place: RowCell, found: Explanation) -> list[str]:
    """A state that is partly the old one and partly the candidate."""
    row = place.row + 1
    mixed = " + ".join(rf"{number(term.weight)} \cdot {bracketed(term.value)}" for term in found.terms)
    if reading.reader.operator == "GRU":
        return [
            rf"{_name(place)} &= (1 - z_{{{row}}})\,\tilde{{h}}_{{{row}}} + z_{{{row}}}\,h_{{{row - 1}}}"
            f" = {mixed} = {number(found.after)}",
        ]
    cell = [
        rf"C_{{{row}}} &= f_{{{row}}}\,C_{{{row - 1}}} + i_{{{row}}}\,\tilde{{c}}_{{{row}}}"
        f" = {mixed} = {number(found.before)}",
    ]
    if place.part == "C":
        return cell
    output = number(found.gates["o"].after)
    function = _FUNCTIONS.get(reading.reader.activations[2], r"\varphi")
    return [
        *cell,
        rf"{_name(place)} &= o_{{{row}}}\,{function}(C_{{{row}}})"
        rf" = {output} \cdot {function}({number(found.before)}) = {number(found.after)}",
    ]


def _activation(reading: RowReading, part: str) -> str:
    """The function of a part, by the order in which the ONNX operators list them."""
    functions: tuple[str, ...] = reading.reader.activations
    return functions[1] if part in ("c", "h") else functions[0]


def _name(place: RowCell) -> str:
    return rf"{_SYMBOLS[place.part]}_{{{place.row + 1},\,{place.unit + 1}}}"
