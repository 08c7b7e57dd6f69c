"""Rules of operators that are rarer: powers, running sums, products of many, cells written at indices, the transposed
convolution; and numbers that come from nowhere else."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.terms.cells import NOTHING, Cells, Index, Maker
from glassbox.explain.terms.copies import written
from glassbox.explain.terms.operators import Selection, given, multiplied, rule, under, winner, with_bias
from glassbox.explain.terms.sums import Columns, Sum, UnknownOperator, product, term


@rule("ConstantOfShape", "EyeLike", "MelWeightMatrix", "RandomNormal", "RandomNormalLike", "RandomUniform")
@rule("RandomUniformLike")
def from_nowhere(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """A number that the operator sets, or draws at random, whatever the cells that it reads are."""
    return given(cells, maker.node.op_type, tensor, index)


@rule("Dropout")
def dropout(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """Dropout in training: x over the share that is kept, or 0 where this run dropped the cell."""
    x, *further = maker.node.input
    ratio = float(cells.values(further[0]).reshape(())) if further and further[0] else 0.5
    kept = bool(cells.values(tensor, index)) and ratio < 1
    return Sum.total("Dropout", [term(cells, x, index, 1 / (1 - ratio) if kept else 0.0)])


@rule("Range")
def range_(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """Range: the start, and the step as many times as the cell's place."""
    start, _, step = maker.node.input
    return Sum.total("Range", [term(cells, start, ()), term(cells, step, (), float(index[0]))])


@rule("Pow", "Mod")
def with_parameter(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """A function of the first input, with the second as its parameter."""
    (a, b), operator = maker.node.input, maker.node.op_type
    x, y = (cells.values(name, under(index, cells.arrays[name].shape)) for name in (a, b))
    whole = cells.arrays[a].dtype.kind != "f"
    inner = Sum.total(operator, [term(cells, a, under(index, cells.arrays[a].shape))])
    with np.errstate(all="ignore"):
        if operator == "Pow":
            after = np.power(x, y)
        else:
            after = np.fmod(x, y) if maker.attributes.get("fmod") and not whole else np.mod(x, y)
    return replace(inner, after=float(np.trunc(after) if whole else after))


@rule("CumSum", "CumProd")
def running(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """CumSum and CumProd: the cells along the axis up to this one or, in reverse, from it on."""
    x, axis = maker.node.input[0], int(cells.values(maker.node.input[1]).reshape(())) % len(index)
    place, less = index[axis], bool(maker.attributes.get("exclusive"))
    upto = slice(place + less, None) if maker.attributes.get("reverse") else slice(0, place + 1 - less)
    columns = term(cells, x, tuple(upto if at == axis else i for at, i in enumerate(index)))
    return Sum.total("CumSum", [columns]) if maker.operator == "CumSum" else multiplied("CumProd", columns)


@rule("Einsum")
def einsum(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """Einsum: the cells of the first operand, each times those of the others that share its letters."""
    names = list(maker.node.input)
    letters, result = _letters(str(maker.attributes["equation"]), [cells.arrays[name].ndim for name in names])
    sizes: dict[str, int] = {}
    for name, own in zip(names, letters, strict=True):
        for letter, size in zip(own, cells.arrays[name].shape, strict=True):
            sizes[letter] = max(size, sizes.get(letter, 1))
    summed = [letter for letter in sizes if letter not in result]
    counts = [sizes[letter] for letter in summed]
    grid = np.indices(counts).reshape(len(summed), math.prod(counts))
    at: dict[str, NDArray[np.int64]] = dict(zip(summed, grid, strict=True))
    at |= {letter: np.full(grid.shape[1], place) for letter, place in zip(result, index, strict=True)}

    def seen(name: str, own: str) -> tuple[NDArray[np.int64], ...]:
        shape = cells.arrays[name].shape
        return tuple(at[letter] if size > 1 else at[letter] * 0 for letter, size in zip(own, shape, strict=True))

    first, *others = [(name, seen(name, own)) for name, own in zip(names, letters, strict=True)]
    factors = [cells.values(*other) for other in others]
    weights = np.prod(factors, axis=0) if factors else np.float64(1)
    sources = cells.addresses(*others[0]) if len(others) == 1 else NOTHING
    shape = (grid.shape[1],)
    values = np.broadcast_to(cells.values(*first), shape)
    places = np.broadcast_to(cells.addresses(*first), shape)
    return Sum.total("Einsum", [Columns.of(places, values, weights, sources)])


def _letters(equation: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """Return the letters of each operand and of the result, with capitals from the end for the axes of an ellipsis."""
    left, arrow, result = equation.replace(" ", "").partition("->")
    parts = left.split(",")
    if not arrow:
        result = ("..." if "..." in left else "") + "".join(
            sorted(letter for letter in set(left) if letter.isalpha() and left.count(letter) == 1)
        )
    hidden = [max(0, rank - len(part.replace("...", ""))) for part, rank in zip(parts, ranks, strict=True)]
    free = [letter for letter in map(chr, range(0x3B1, 0x3CA)) if letter not in left][: max(hidden)]
    written_out = [
        part.replace("...", "".join(free[len(free) - count :])) for part, count in zip(parts, hidden, strict=True)
    ]
    return written_out, result.replace("...", "".join(free))


@rule("ScatterElements", "ScatterND")
def scattered(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """A cell and the updates that are added to it, multiplied with it or compared with it."""
    (x, indices, updates), reduction = maker.node.input, maker.attributes.get("reduction", "none")
    places = written(maker.node.op_type, cells.arrays[indices], maker.attributes)
    flat = np.arange(cells.arrays[x].size).reshape(cells.arrays[x].shape)
    hits = np.nonzero(flat[places] == flat[index])
    columns = Columns.join([term(cells, x, index), term(cells, updates, hits)])
    if reduction == "add":
        return Sum.total(maker.node.op_type, [columns])
    if reduction == "mul":
        return multiplied(maker.node.op_type, columns)
    return winner(maker.node.op_type, columns, reduction)


@rule("ConvTranspose")
def transposed_convolution(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """ConvTranspose: the cells whose windows hold this one, times the kernel's taps that fall on it, and the bias."""
    x, w, *_ = maker.node.input
    kernel, size, (n, m, *place) = cells.arrays[w].shape, cells.arrays[x].shape[2:], index
    each = kernel[0] // maker.attributes.get("group", 1)
    group, tap = divmod(m, kernel[1])
    channels = np.arange(group * each, (group + 1) * each)
    pairs = [
        _touching(maker.attributes, axis, size, kernel[2:], cells.arrays[tensor].shape[2:], place)
        for axis in range(len(size))
    ]
    grid = np.ix_(channels, *(cell for cell, _ in pairs))
    taps = np.ix_(channels, *(tap for _, tap in pairs))
    seen: Selection = (n, *grid)
    partners: Selection = (taps[0], tap, *taps[1:])
    return with_bias(cells, maker, [product(cells, x, seen, w, partners)], 2, (m,))


@rule("QuantizeLinear", "DequantizeLinear")
def requantised(cells: Cells, maker: Maker, tensor: str, index: Index) -> Sum:
    """DequantizeLinear: (q - z) s. QuantizeLinear: x / s + z, rounded and held within the type."""
    (q, *_), operator = maker.node.input, maker.node.op_type
    name = maker.node.input[1]
    scales = cells.arrays[name]
    if maker.attributes.get("block_size"):
        raise UnknownOperator(operator, maker.label, "has a scale for each block, which is not explained")
    axis = maker.attributes.get("axis", 1)
    place = () if scales.ndim == 0 else (index[axis] if scales.size > 1 else 0,)
    scale = float(cells.values(name, place))
    zero = float(cells.values(maker.node.input[2], place)) if len(maker.node.input) > 2 else 0.0
    if operator == "DequantizeLinear":
        return Sum.total(operator, [term(cells, q, index, scale, cells.addresses(name, place))], -zero * scale)
    inner = Sum.total(operator, [term(cells, q, index, 1 / scale)], zero)
    kind = cells.arrays[tensor].dtype
    if kind.kind not in "iu":
        raise UnknownOperator(operator, maker.label, "writes no whole numbers, and is not explained")
    limits = np.iinfo(kind)
    level = np.rint(np.float32(cells.values(q, index)) / np.float32(scale)) + zero  # as the engine divides
    return replace(inner, after=float(np.clip(level, limits.min, limits.max)))


def _touching(
    attributes: Any, axis: int, size: Sequence[int], kernel: Sequence[int], out: Sequence[int], place: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, along one axis, the input's cells that reach the output's cell at `place`, and the taps they do it by."""
    axes = len(size)
    stride, dilation, more = (
        (attributes.get(name) or [default] * axes)[axis]
        for name, default in (("strides", 1), ("dilations", 1), ("output_padding", 0))
    )
    begin, auto = (attributes.get("pads") or [0] * axes)[axis], attributes.get("auto_pad", "NOTSET")
    if auto.startswith("SAME") or attributes.get("output_shape"):
        total = max(0, stride * (size[axis] - 1) + more + (kernel[axis] - 1) * dilation + 1 - out[axis])
        begin = total // 2 if auto == "SAME_UPPER" else total - total // 2
    elif auto == "VALID":
        begin = 0
    taps = np.arange(kernel[axis])
    starts = place[axis] + begin - taps * dilation
    hit = (starts % stride == 0) & (starts >= 0) & (starts < stride * size[axis])
    return starts[hit] // stride, taps[hit]
