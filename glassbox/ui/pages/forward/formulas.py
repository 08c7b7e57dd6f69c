"""Forward propagation in LaTeX: each layer's formula, once with its symbols and once with the numbers of one cell."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.terms.cells import Index
from glassbox.explain.terms.explain import Explanation
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.charts.latex import bracketed, number, probability

TERMS_SHOWN = 3
"""Terms written out; the rest stand under one brace."""
_BREAK = r"\\ &\qquad"


def picture(cell: Explanation) -> str:
    """Return a pixel: its grey value as a share of white."""
    *_, row, column = cell.index
    name = rf"x_{{{row + 1},\,{column + 1}}}"
    return _aligned(
        r"x_{r,c} &= \frac{g_{r,c}}{255}",
        rf"{name} &= \frac{{{round(255 * cell.after)}}}{{255}} = {number(cell.after)}",
    )


def flatten(index: Index, shape: tuple[int, ...], value: float) -> str:
    """Return the place of a cell of a block of numbers (1, ...) in the list of all of them, both counted from 1."""
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
    return _aligned(
        rf"f_i &= {source}_{{{general}}}, \quad i = {count}",
        rf"f_{{{place}}} &= {source}_{{{particular}}} = {number(value)}, \quad {counted} = {place}",
    )


def hidden(cell: Explanation) -> str:
    """Return a neuron of a dense layer with ReLU."""
    name = f"h_{{{cell.index[-1] + 1}}}"
    return _aligned(
        r"h_j &= \max\Bigl(0,\ \sum_i W_{ij}\, f_i + b_j\Bigr)",
        rf"{name} &= \max\bigl(0,\ {_weighted_sum(cell)}\bigr)",
        rf"&= \max(0,\ {number(cell.before)}) = {number(cell.after)}",
    )


def conv(cell: Explanation) -> str:
    """Return a cell of a feature map: a window of the picture times the map's kernel, with ReLU."""
    feature_map, row, column = (place + 1 for place in cell.index[1:])
    return _aligned(
        r"a_{m,r,c} &= \max\Bigl(0,\ \sum_{u=1}^{3}\sum_{v=1}^{3} K_{m,u,v}\; x_{r+u-1,\,c+v-1} + b_m\Bigr)",
        rf"a_{{{feature_map},\,{row},\,{column}}} &= \max\bigl(0,\ {_weighted_sum(cell)}\bigr)",
        rf"&= \max(0,\ {number(cell.before)}) = {number(cell.after)}",
    )


def pool(cell: Explanation) -> str:
    """Return a cell of a pooled map: the largest of its window."""
    feature_map, row, column = (place + 1 for place in cell.index[1:])
    window = r",\ ".join(number(term.value) for term in cell.terms)
    return _aligned(
        r"p_{m,r,c} &= \max_{u,v \,\in\, \{0,1\}} a_{m,\,2r-1+u,\,2c-1+v}",
        rf"p_{{{feature_map},\,{row},\,{column}}} &= \max({window}) = {number(cell.after)}",
    )


def states(cell: Explanation) -> str:
    """Return a unit's state after a row: the row through W, the state before it through U."""
    step, unit = cell.index[0] + 1, cell.index[-1] + 1
    row = sum(term.product for term in cell.terms if term.source == "picture")
    before = sum(term.product for term in cell.terms if term.source != "picture")
    through_u = rf"U\,\mathbf{{h}}_{{{step - 1}}}"
    return _aligned(
        r"\mathbf{h}_t &= \max\bigl(0,\ W\,\mathbf{x}_t + U\,\mathbf{h}_{t-1} + \mathbf{b}\bigr)",
        rf"h_{{{step},\,{unit}}} &= \max\bigl(0,\ \underbrace{{{number(row)}}}_{{W\,\mathbf{{x}}_{{{step}}}}}"
        rf" {_braced(before, through_u)} {_braced(cell.bias, 'b')}\bigr)",
        rf"&= \max(0,\ {number(cell.before)}) = {number(cell.after)}",
    )


def logits(cell: Explanation, source: str) -> str:
    """Return an output before the softmax; `source` is the symbol of what the layer reads."""
    name = f"z_{{{cell.index[-1]}}}"
    return _aligned(
        rf"z_k &= \sum_j V_{{jk}}\, {source} + c_k",
        rf"{name} &= {_weighted_sum(cell, bias='c')}",
        f"&= {number(cell.after)}",
    )


def softmax(values: NDArray[np.floating], probabilities: NDArray[np.float64], temperature: float) -> str:
    """Return the verdict's probability from the ten outputs `values`, divided by the `temperature`."""
    top, *others = (int(k) for k in np.argsort(-probabilities, kind="stable"))
    scaled = [float(values[k]) / temperature for k in (top, *others)]
    first = rf"e^{{{number(scaled[0])}}}"
    second = rf"e^{{{number(scaled[1])}}}"
    return _aligned(
        r"P(k) &= \frac{e^{z_k / T}}{\sum_{j=0}^{9} e^{z_j / T}}, \quad T = " + formats.temperature(temperature),
        rf"P({top}) &= \frac{{{first}}}{{{first} + {second} + \dots}} = {probability(float(probabilities[top]))}",
    )


FORMULAS: dict[str, Callable[[Explanation], str]] = {
    "picture": picture,
    "hidden": hidden,
    "conv": conv,
    "pool": pool,
    "rnn/states": states,
}


def _aligned(*lines: str) -> str:
    return r"\begin{aligned}" + r" \\[8pt] ".join(lines) + r"\end{aligned}"


def _weighted_sum(cell: Explanation, bias: str = "b") -> str:
    """Return the largest products, then the others' total and the bias, each under a brace that says so."""
    largest = cell.terms.largest(TERMS_SHOWN)
    products = " + ".join(rf"{bracketed(term.weight)} \cdot {bracketed(term.value)}" for term in largest)
    rest = len(cell.terms) - len(largest)
    remainder = float(cell.terms.products.sum()) - sum(term.product for term in largest)
    others = _braced(remainder, rf"\text{{{t('forward.more', count=f'{rest:,}')}}}") if rest else ""
    return rf"{products} {_BREAK} {others} {_braced(cell.bias, bias)}"


def _braced(value: float, name: str) -> str:
    sign = "-" if value < 0 else "+"
    return rf"{sign} \underbrace{{{number(abs(value))}}}_{{{name}}}"
