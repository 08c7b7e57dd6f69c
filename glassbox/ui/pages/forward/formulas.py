"""Forward propagation in LaTeX: each layer's formula, once with its symbols and once with the numbers of one cell."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.terms.cells import Index
from glassbox.explain.terms.explain import Explanation
from glassbox.ui.base.i18n import t
from glassbox.ui.charts.latex import bracketed, number, signed

SHOWN = 3
"""Terms written out; the rest stand under one brace."""


def picture(found: Explanation) -> str:
    """A pixel: its grey value as a share of white."""
    *_, row, column = found.index
    name = rf"x_{{{row + 1},\,{column + 1}}}"
    return _lines(
        r"x_{r,c} &= \frac{g_{r,c}}{255}",
        rf"{name} &= \frac{{{round(255 * found.after)}}}{{255}} = {number(found.after)}",
    )


def flatten(index: Index, shape: tuple[int, ...], value: float) -> str:
    """A cell of a block of numbers (1, ...) in the list of all of them, both counted from 1."""
    place = int(np.ravel_multi_index(index[1:], shape[1:])) + 1
    *maps, height, width = shape[1:]
    symbols, numbers = ["r", "c"], [str(one + 1) for one in index[-2:]]
    if len(maps) and maps[0] > 1:
        symbols, numbers = ["m", *symbols], [str(index[1] + 1), *numbers]
        count = rf"{height * width}\,(m - 1) + {width}\,(r - 1) + c"
        counted = rf"{height * width} \cdot {index[1]} + {width} \cdot {index[-2]} + {index[-1] + 1}"
        source = "p"
    else:
        count, counted, source = rf"{width}\,(r - 1) + c", rf"{width} \cdot {index[-2]} + {index[-1] + 1}", "x"
    general, particular = ",".join(symbols), r",\,".join(numbers)
    return _lines(
        rf"f_i &= {source}_{{{general}}}, \quad i = {count}",
        rf"f_{{{place}}} &= {source}_{{{particular}}} = {number(value)}, \quad {counted} = {place}",
    )


def hidden(found: Explanation) -> str:
    """A neuron of a dense layer with ReLU."""
    name = f"h_{{{found.index[-1] + 1}}}"
    return _lines(
        r"h_j &= \max\Bigl(0,\ \sum_i W_{ij}\, f_i + b_j\Bigr)",
        rf"{name} &= \max\bigl(0,\ {_written(found)}\bigr)",
        rf"&= \max(0,\ {number(found.before)}) = {number(found.after)}",
    )


def conv(found: Explanation) -> str:
    """A cell of a feature map: a window of the picture times the map's kernel, with ReLU."""
    one, row, column = (place + 1 for place in found.index[1:])
    return _lines(
        r"a_{m,r,c} &= \max\Bigl(0,\ \sum_{u=1}^{3}\sum_{v=1}^{3} K_{m,u,v}\; x_{r+u-1,\,c+v-1} + b_m\Bigr)",
        rf"a_{{{one},\,{row},\,{column}}} &= \max\bigl(0,\ {_written(found)}\bigr)",
        rf"&= \max(0,\ {number(found.before)}) = {number(found.after)}",
    )


def pool(found: Explanation) -> str:
    """A cell of a pooled map: the largest of its window."""
    one, row, column = (place + 1 for place in found.index[1:])
    window = r",\ ".join(number(term.value) for term in found.terms)
    return _lines(
        r"p_{m,r,c} &= \max_{u,v \,\in\, \{0,1\}} a_{m,\,2r-1+u,\,2c-1+v}",
        rf"p_{{{one},\,{row},\,{column}}} &= \max({window}) = {number(found.after)}",
    )


def states(found: Explanation) -> str:
    """A unit's state after a row: the row through W, the state before it through U."""
    step, unit = found.index[0] + 1, found.index[-1] + 1
    row = sum(term.product for term in found.terms if term.source == "picture")
    before = sum(term.product for term in found.terms if term.source != "picture")
    through_u = rf"U\,\mathbf{{h}}_{{{step - 1}}}"
    return _lines(
        r"\mathbf{h}_t &= \max\bigl(0,\ W\,\mathbf{x}_t + U\,\mathbf{h}_{t-1} + \mathbf{b}\bigr)",
        rf"h_{{{step},\,{unit}}} &= \max\bigl(0,\ \underbrace{{{number(row)}}}_{{W\,\mathbf{{x}}_{{{step}}}}}"
        rf" {_braced(before, through_u)} {_braced(found.bias, 'b')}\bigr)",
        rf"&= \max(0,\ {number(found.before)}) = {number(found.after)}",
    )


def logits(found: Explanation, source: str) -> str:
    """An output before the softmax; `source` is the symbol of what the layer reads."""
    name = f"z_{{{found.index[-1]}}}"
    return _lines(
        rf"z_k &= \sum_j V_{{jk}}\, {source} + c_k",
        rf"{name} &= {_written(found, bias='c')}",
        f"&= {number(found.after)}",
    )


def softmax(values: NDArray[np.floating], probabilities: NDArray[np.float64], temperature: float) -> str:
    """The verdict's probability from the ten outputs `values`, divided by the `temperature`."""
    top, *others = (int(k) for k in np.argsort(-probabilities, kind="stable"))
    scaled = [float(values[k]) / temperature for k in (top, *others)]
    first = rf"e^{{{number(scaled[0])}}}"
    second = rf"e^{{{number(scaled[1])}}}"
    return _lines(
        r"P(k) &= \frac{e^{z_k / T}}{\sum_{j=0}^{9} e^{z_j / T}}, \quad T = " + number(temperature),
        rf"P({top}) &= \frac{{{first}}}{{{first} + {second} + \dots}} = {_share(float(probabilities[top]))}",
    )


FORMULAS: dict[str, Callable[[Explanation], str]] = {
    "picture": picture,
    "hidden": hidden,
    "conv": conv,
    "pool": pool,
    "rnn/states": states,
}


def _lines(*lines: str) -> str:
    return r"\begin{aligned}" + r" \\[8pt] ".join(lines) + r"\end{aligned}"


_BREAK = r"\\ &\qquad"


def _written(found: Explanation, bias: str = "b") -> str:
    """The heaviest products, then the others' total and the bias, each under a brace that says so."""
    largest = found.terms.largest(SHOWN)
    written = " + ".join(rf"{bracketed(term.weight)} \cdot {bracketed(term.value)}" for term in largest)
    rest = len(found.terms) - len(largest)
    remainder = float(found.terms.products.sum()) - sum(term.product for term in largest)
    others = _braced(remainder, rf"\text{{{t('forward.more', count=f'{rest:,}')}}}") if rest else ""
    return rf"{written} {_BREAK} {others} {_braced(found.bias, bias)}"


def _braced(value: float, name: str) -> str:
    sign = "-" if value < 0 else "+"
    return rf"{sign} \underbrace{{{number(abs(value))}}}_{{{name}}}"


def _share(probability: float) -> str:
    """A probability that does not claim certainty."""
    return rf"1 {signed(probability - 1)}" if 0 < 1 - probability < 5e-4 else number(probability)
