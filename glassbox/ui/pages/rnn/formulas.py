"""The formula of a cell of a recurrent network as LaTeX, with symbols and with the numbers of this picture."""

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


def formula(reading: RowReading, cell: RowCell, explanation: Explanation) -> str:
    """Return LaTeX, a line or two: Hochreiter & Schmidhuber 1997, Cho et al. 2014, as the ONNX operators define them.

    Units and rows count from 1, as they do on the page.
    """
    make = _gated if cell.part in _gated_parts(reading) else _sum
    lines = make(reading, cell, explanation)
    return r" \\ ".join(lines)  # in no environment: on a phone the browser breaks such a line before "=" and "+"


def _gated_parts(reading: RowReading) -> tuple[str, ...]:
    """Return the parts that gates mix, rather than sums of weighted inputs."""
    return {"LSTM": (STATE, "C"), "GRU": (STATE,)}.get(reading.reader.operator, ())


def _sum(reading: RowReading, cell: RowCell, explanation: Explanation) -> list[str]:
    """Return f(W x + U h + b), or the output layer's v h + c."""
    row = cell.row + 1
    from_picture = _total(reading, explanation, PICTURE)
    from_state = _total(reading, explanation, STATE)
    before, bias, after = number(explanation.before), signed(explanation.bias), number(explanation.after)
    if cell.part == SCORE:
        name = f"s_{{{cell.unit}}}"
        return [
            rf"{name} = \mathbf{{v}}_{{{cell.unit}}}\,\mathbf{{h}}_{{{row}}} + c_{{{cell.unit}}}"
            f" = {number(from_state)} {bias} = {after}",
        ]
    state = rf"U\,\mathbf{{h}}_{{{row - 1}}}"
    if reading.reader.operator == "GRU" and cell.part == "h":
        state = rf"\mathbf{{r}}_{{{row}}} \odot {state}"
    function = _FUNCTIONS.get(_activation(reading, cell.part), r"\varphi")
    summed = f"{number(from_picture)} {signed(from_state)} {bias}"
    return [
        rf"{_name(cell)} = {function}\bigl(W\,\mathbf{{x}}_{{{row}}} + {state} + b\bigr)"
        rf" = {function}\bigl({summed}\bigr) = {function}({before}) = {after}",
    ]


def _total(reading: RowReading, explanation: Explanation, part: str) -> float:
    """Return the sum of the terms that come from `part`."""
    sources = [(term, reading.cell_of(term.source, term.source_index)) for term in explanation.terms]
    return sum(term.product for term, source in sources if source and source.part == part)


def _gated(reading: RowReading, cell: RowCell, explanation: Explanation) -> list[str]:
    """Return a state that is partly the one before and partly the candidate, in shares that gates set."""
    row = cell.row + 1
    mixed = " + ".join(rf"{number(term.weight)} \cdot {bracketed(term.value)}" for term in explanation.terms)
    if reading.reader.operator == "GRU":
        return [
            rf"{_name(cell)} = (1 - z_{{{row}}})\,\tilde{{h}}_{{{row}}} + z_{{{row}}}\,h_{{{row - 1}}}"
            f" = {mixed} = {number(explanation.after)}",
        ]
    cell_state = [
        rf"C_{{{row}}} = f_{{{row}}}\,C_{{{row - 1}}} + i_{{{row}}}\,\tilde{{c}}_{{{row}}}"
        f" = {mixed} = {number(explanation.before)}",
    ]
    if cell.part == "C":
        return cell_state
    output = number(explanation.gates["o"].after)
    function = _FUNCTIONS.get(reading.reader.activations[2], r"\varphi")
    return [
        *cell_state,
        rf"{_name(cell)} = o_{{{row}}}\,{function}(C_{{{row}}})"
        rf" = {output} \cdot {function}({number(explanation.before)}) = {number(explanation.after)}",
    ]


def _activation(reading: RowReading, part: str) -> str:
    """Return the activation of a part, by the order in which the ONNX operators list them."""
    functions: tuple[str, ...] = reading.reader.activations
    return functions[1] if part in ("c", "h") else functions[0]


def _name(cell: RowCell) -> str:
    return rf"{_SYMBOLS[cell.part]}_{{{cell.row + 1},\,{cell.unit + 1}}}"
