"""One small rule an operator: which terms add up to one cell of its output. Definitions: https://onnx.ai/onnx/operators/.

A rule takes the cells of a run, the maker of a tensor, the tensor and the index of one of its cells, and returns a Sum.
A bias added to a weighted sum and a function over it belong to the sum: `Relu(Conv(x) + b)` is one Sum.

To explain a further operator: a function of one number goes into `activations.UNARY`, an operator that only moves
numbers gets a rule in `copies`, any other one a function with `@rule` here; its test is a case in
tests/explain/terms/test_operators.py (test_copies.py), which compares each cell with ONNX Runtime.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from glassbox.explain.terms import opening, recurrent_rules
from glassbox.explain.terms.activations import UNARY
from glassbox.explain.terms.cells import NOTHING, Array, Cells, Index, Maker
from glassbox.explain.terms.sums import Columns, Sum, UnknownOperator, product, term
from glassbox.explain.terms.windows import windows
from glassbox.graph.model import RECURRENT, operator

Rule = Callable[[Cells, Maker, str, Index], Sum]
RULES: dict[str, Rule] = dict.fromkeys(RECURRENT, recurrent_rules.state)
Selection = tuple[Any, ...]
ALL = slice(None)
_LINEAR = {"Conv", "Gemm", "MatMul"}
_SUMS = _LINEAR | {"Add", "Sub", "Sum", "BatchNormalization"}


def rule(*operators: str) -> Callable[[Rule], Rule]:
    """Register a rule for the first output of standard operators."""

    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(operators, function))
        return function

    return register


def read(cells: Cells, tensor: str, index: Index) -> Sum:
    """Return how the cell `tensor[index]` came about. Raises UnknownOperator where no rule is for what made it."""
    if tensor in cells.replayed:
        return recurrent_rules.replayed(cells, tensor, index)
    maker = cells.makers.get(tensor)
    if maker is None:
        return _given(cells, tensor, index)
    if cells.is_moved(tensor):
        return _copied(cells, maker, tensor, index)
    rule = RULES.get(maker.operator or "")
    if rule is not None and maker.output == 0:
        try:
            return rule(cells, maker, tensor, index)
        except UnknownOperator as error:
            if error.node != maker.label or not opening.opened(cells, maker, tensor):
                raise
            return read(cells, tensor, index)
    if opening.opened(cells, maker, tensor):
        return read(cells, tensor, index)
    if rule is None:
        raise UnknownOperator(operator(maker.node), maker.label)
    raise UnknownOperator(operator(maker.node), maker.label, f"has no sum behind its output {maker.output}")


@rule("Conv")
def convolution(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """Conv: the cells in the window of each channel of the group, times the kernel's taps, and the bias."""
    x, w, *_ = maker.node.input
    kernel, (n, m, *place) = cells.arrays[w].shape, index
    each = kernel[0] // maker.attributes.get("group", 1)
    first = m // each * kernel[1]
    reach = windows(maker.attributes, cells.arrays[x].shape[2:], kernel[2:], place)
    seen = (n, slice(first, first + kernel[1]), *(window.cells for window in reach))
    parts = [product(cells, x, seen, w, (m, ALL, *(window.taps for window in reach)))]
    return with_bias(cells, maker, parts, 2, (m,))


@rule("Gemm")
def gemm(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """Gemm: a row of A times a column of B, times alpha, and C times beta."""
    a, b = maker.node.input[:2]
    row, column = index
    in_a: Selection = (ALL, row) if maker.attributes.get("transA") else (row, ALL)
    in_b: Selection = (column, ALL) if maker.attributes.get("transB") else (ALL, column)
    parts = [_paired(cells, a, in_a, b, in_b, maker.attributes.get("alpha", 1.0))]
    return with_bias(cells, maker, parts, 2, index, maker.attributes.get("beta", 1.0))


@rule("MatMul")
def matmul(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """MatMul: a row times a column of the matrices at the same place of the batch."""
    a, b = maker.node.input
    left, right = cells.arrays[a].shape, cells.arrays[b].shape
    column = index[-1:] if len(right) > 1 else ()
    rest = index[: len(index) - len(column)]
    row = rest[-1:] if len(left) > 1 else ()
    batch = rest[: len(rest) - len(row)]
    in_a: Selection = (*under(batch, left[:-2]), *row, ALL)
    in_b: Selection = (*under(batch, right[:-2]), ALL, *column)
    return Sum.total("MatMul", [_paired(cells, a, in_a, b, in_b)])


@rule("Add", "Mean", "Sub", "Sum")
def addition(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """Add, Sub, Sum and Mean. A constant is the bias; a bias added to a weighted sum joins it."""
    names = list(maker.node.input)
    signs = [-1.0 if maker.operator == "Sub" and place else 1.0 for place in range(len(names))]
    signs = [sign / len(names) for sign in signs] if maker.operator == "Mean" else signs
    places = [under(index, cells.arrays[name].shape) for name in names]
    entries = list(zip(names, places, signs, strict=True))
    fixed = [entry for entry in entries if entry[0] in cells.fixed]
    fixed = [] if len(fixed) == len(entries) else fixed
    moving = [entry for entry in entries if entry not in fixed]
    bias = sum(sign * float(cells.values(name, place)) for name, place, sign in fixed)
    if len(moving) == 1 and moving[0][2] == 1 and (inner := _joined(cells, *moving[0][:2], _LINEAR)):
        before = inner.before + bias
        operators = (*inner.operators, maker.node.op_type)
        return replace(inner, operators=operators, bias=inner.bias + bias, before=before, after=before)
    parts = [term(cells, name, place, sign) for name, place, sign in moving]
    return Sum.total(maker.node.op_type, parts, bias)


@rule("Mul")
def multiplication(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """Mul: one term, whose weight is the other factor."""
    (a, in_a), (b, in_b) = ((name, under(index, cells.arrays[name].shape)) for name in maker.node.input)
    return Sum.total("Mul", [_paired(cells, a, in_a, b, in_b)])


@rule("Div")
def division(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """Div: one term, whose weight is 1 / divisor. Raises UnknownOperator for whole numbers."""
    if cells.arrays[tensor].dtype.kind != "f":
        raise UnknownOperator("Div", maker.label, "divides whole numbers, which is no sum")
    (a, in_a), (b, in_b) = ((name, under(index, cells.arrays[name].shape)) for name in maker.node.input)
    with np.errstate(divide="ignore"):
        return Sum.total("Div", [term(cells, a, in_a, 1 / cells.values(b, in_b), cells.addresses(b, in_b))])


@rule("BatchNormalization")
def normalisation(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """Batch normalisation as it is after training: one factor and one bias a channel (Ioffe and Szegedy, 2015)."""
    if maker.attributes.get("training_mode"):
        raise UnknownOperator("BatchNormalization", maker.label, "is in training mode, where each cell depends on all")
    x, *rest = maker.node.input
    channel = index[1:2]
    scale, shift, mean, variance = (float(cells.values(name, channel)) for name in rest)
    factor = scale / math.sqrt(variance + maker.attributes.get("epsilon", 1e-5))
    parts = [term(cells, x, index, factor, cells.addresses(rest[0], channel))]
    return Sum.total("BatchNormalization", parts, shift - factor * mean)


@rule(*UNARY, "Cast", "CastLike")
def function(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """A function of one number. Over a weighted sum it becomes that sum's activation."""
    x = maker.node.input[0]
    inner = _joined(cells, x, index, _SUMS) or Sum.total(maker.node.op_type, [term(cells, x, index)])
    before = np.array(inner.before)
    with np.errstate(all="ignore"):  # as the engine, which gives inf and nan without a word
        if maker.operator in ("Cast", "CastLike"):
            after = before.astype(cells.arrays[tensor].dtype)
        elif maker.operator == "Clip":
            further = [float(cells.values(name)) if name else None for name in maker.node.input[1:]]
            limits = {name: value for name, value in zip(("min", "max"), further, strict=False) if value is not None}
            after = UNARY["Clip"](before, **maker.attributes | limits)
        else:
            after = UNARY[maker.node.op_type](before, **maker.attributes)
    operators = inner.operators if inner.operators == (maker.operator,) else (*inner.operators, maker.node.op_type)
    return replace(inner, operators=operators, after=float(after))


@rule("PRelu")
def parametric_relu(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """One term: x, with the weight 1 or, below 0, the slope."""
    x, slope = maker.node.input
    place = under(index, cells.arrays[slope].shape)
    negative = cells.values(x, index) < 0
    return Sum.total("PRelu", [term(cells, x, index, float(cells.values(slope, place)) if negative else 1.0)])


@rule("AveragePool", "GlobalAveragePool", "GlobalMaxPool", "MaxPool")
def pooling(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """MaxPool and AveragePool, over a window; their Global kin, over the whole map."""
    x, (n, c, *place), attributes = maker.node.input[0], index, maker.attributes
    size = cells.arrays[x].shape[2:]
    if maker.node.op_type.startswith("Global"):
        return _reduced(cells, maker, tensor, index, (n, c, *[ALL] * len(size)), math.prod(size))
    kernel = attributes["kernel_shape"]
    reach = windows(attributes, size, kernel, place)
    padded = attributes.get("count_include_pad", 0)
    count = math.prod(window.padded if padded else window.size for window in reach)
    return _reduced(cells, maker, tensor, index, (n, c, *(window.cells for window in reach)), count)


@rule("ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum")
def reduction(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """ReduceSum, ReduceMean, ReduceProd, ReduceMax and ReduceMin over some axes, or all."""
    x, attributes = maker.node.input[0], maker.attributes
    shape = cells.arrays[x].shape
    given = attributes.get("axes", [])
    if len(maker.node.input) > 1 and maker.node.input[1]:
        given = cells.arrays[maker.node.input[1]].tolist()
    everything = range(0 if attributes.get("noop_with_empty_axes") else len(shape))
    axes = {axis % len(shape) for axis in given} or set(everything)
    kept = iter([i for place, i in enumerate(index) if place not in axes] if attributes.get("keepdims", 1) else index)
    seen = tuple(ALL if axis in axes else next(kept) for axis in range(len(shape)))
    return _reduced(cells, maker, tensor, index, seen, math.prod(shape[axis] for axis in axes))


@rule("Max", "Min")
def extremum(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """Max and Min of several tensors."""
    parts = [term(cells, name, under(index, cells.arrays[name].shape)) for name in maker.node.input]
    return winner(maker.node.op_type, Columns.join(parts), maker.node.op_type.lower())


@rule("LogSoftmax", "Softmax")
def softmax(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """The terms are the exponentials over the axis, each value less the largest, as the engine computes them; `before`
    is their sum, `after` the cell's own share of it (the logarithm of that for LogSoftmax)."""
    x = maker.node.input[0]
    rank = len(index)
    axis = maker.attributes.get("axis", -1 if maker.opset >= 13 else 1) % rank
    # Before operator set 13 everything from the axis on was one row.
    over = range(axis, axis + 1) if maker.opset >= 13 else range(axis, rank)
    seen = tuple(ALL if place in over else i for place, i in enumerate(index))
    columns = term(cells, x, seen)
    largest = columns.values.max()
    columns = replace(columns, products=np.exp(columns.values - largest))
    before, own = float(columns.products.sum()), float(cells.values(x, index) - largest)
    log = maker.operator == "LogSoftmax"
    after = own - math.log(before) if log else math.exp(own) / before
    return Sum("softmax", (maker.node.op_type,), columns, 0.0, before, after)


def _given(cells: Cells, tensor: str, index: Index) -> Sum:
    value = float(cells.values(tensor, index))
    return Sum("given", (), Columns.join([]), value, value, value)


def _copied(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    source = cells.origin(tensor, index)
    if tensor in cells.equal and source.tensor in cells.makers.maps[0]:  # the sum within, not its copy
        return read(cells, source.tensor, source.at)
    if source.tensor in cells.replayed:  # an LSTM's last cell state, the only one that the engine shows: its sum
        return read(cells, source.tensor, source.at)
    if source.tensor:
        return Sum.total(maker.node.op_type, [term(cells, source.tensor, source.at)], kind="copy")
    return given(cells, maker.node.op_type, tensor, index)  # what a Pad adds, or the last of a sequence without steps


def _joined(cells: Cells, tensor: str, index: Index, operators: set[str]) -> Sum | None:
    """The sum behind `tensor[index]`, if one of `operators` made it: what comes next then works on that sum."""
    origin = cells.origin(tensor, index)
    maker = cells.makers.get(origin.tensor)
    if maker is None or maker.operator not in operators or origin.tensor in cells.fixed:
        return None
    return read(cells, origin.tensor, origin.at)


def with_bias(cells: Cells, maker: Maker, parts: list[Columns], place: int, index: Index, scale: float = 1.0) -> Sum:
    """The sum of `parts` and, where the node has one, of its input `place`: a bias, or a term if it is no constant."""
    name = maker.node.input[place] if place < len(maker.node.input) else ""
    if not name:
        return Sum.total(maker.node.op_type, parts)
    within = under(index, cells.arrays[name].shape)
    if name in cells.fixed:
        return Sum.total(maker.node.op_type, parts, scale * float(cells.values(name, within)))
    return Sum.total(maker.node.op_type, [*parts, term(cells, name, within, scale)])


def _paired(cells: Cells, a: str, in_a: Selection, b: str, in_b: Selection, scale: float = 1.0) -> Columns:
    """Products of two tensors: the weight is the second, unless only the first is constant."""
    if a in cells.fixed and b not in cells.fixed:
        a, in_a, b, in_b = b, in_b, a, in_a
    return product(cells, a, in_a, b, in_b, scale)


def _reduced(cells: Cells, maker: Maker, tensor: str, index: Index, seen: Selection, count: int) -> Sum:
    x, name = maker.node.input[0], maker.node.op_type
    if not count:  # over nothing: the value is the operator's own, such as -inf for a maximum
        return given(cells, name, tensor, index)
    if "Max" in name or "Min" in name:
        return winner(name, term(cells, x, seen), "min" if "Min" in name else "max")
    if "Prod" in name:
        return multiplied(name, term(cells, x, seen))
    return Sum.total(name, [term(cells, x, seen, 1.0 if "Sum" in name else 1 / count)])


def winner(operator: str, columns: Columns, kind: str) -> Sum:
    """All cells compared; the first that wins ("max", "min") has the weight 1, the others 0."""
    best = int(columns.values.argmin() if kind == "min" else columns.values.argmax())
    weights: Array = np.zeros(len(columns.values))
    weights[best] = 1.0
    value = float(columns.values[best])
    columns = replace(columns, weights=weights, products=np.where(weights == 1, columns.values, 0.0))
    return Sum(kind, (operator,), columns, 0.0, value, value)


def multiplied(operator: str, columns: Columns) -> Sum:
    """A product of cells as one term: the first of them, whose weight is the product of the others."""
    first, values = slice(0, 1), columns.values
    source = columns.sources[1] if len(values) == 2 else NOTHING
    alone = Columns.of(columns.sources[first], values[first], np.prod(values[1:]), source)
    return Sum.total(operator, [alone] if len(values) else [], 0.0 if len(values) else 1.0)


def given(cells: Cells, operator: str, tensor: str, index: Index) -> Sum:
    """A number that no cell accounts for: all of it is bias."""
    value = float(cells.values(tensor, index))
    return Sum("given", (operator,), Columns.join([]), value, value, value)


def under(index: Index, shape: tuple[int, ...]) -> Index:
    """Return where a tensor of `shape` is read for the cell `index` of what it is broadcast to."""
    tail = index[len(index) - len(shape) :]
    return tuple(0 if size == 1 else i for i, size in zip(tail, shape, strict=True))
