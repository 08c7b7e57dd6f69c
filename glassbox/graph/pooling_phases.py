"""Max pooling right behind a convolution as one wider convolution: the same numbers, and a quicker derivative.

Where the windows of a pooling lie apart, cell (i, j) of each window is a convolution with the pooling's strides, its
kernel moved by i rows and j columns; one convolution gives them all, and their maximum is the pooled map. Then no
MaxPool has to tell the indices of what it took, and no MaxUnpool to follow them, which is half of the gradient of a
small network. `Max` gives it to the first of equal inputs, and these are in row order: as the rule of MaxPool does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper

from glassbox.graph.model import STANDARD, attributes, fresh, reads, tensor_names

FEW = 32
"""Cells that a kernel reads at most: with more the products with the zeros of the wider kernel count."""
WINDOW = 4
"""Cells of a pooling's window at most."""


@dataclass(frozen=True)
class _Pooled:
    """A Conv and the MaxPool that reads it, through a Relu or not; `shape`: that of the kernel, (M, C, *sizes)."""

    conv: NodeProto
    relu: NodeProto | None
    pool: NodeProto
    shape: Sequence[int]
    window: Sequence[int]


def pool_by_phases(model: ModelProto, kept: Set[str]) -> None:
    """Rewrite each convolution of `model` with a max pooling behind it as the maximum of phases, where that pays.

    Tensors named in `kept` stay as they are, and so does a convolution that reads one: the derivative by a kernel.
    """
    graph = model.graph
    for found in list(_pooled(graph, kept)):
        nodes = _phases(graph, found)
        gone = [node for node in (found.conv, found.relu, found.pool) if node is not None]
        place = list(graph.node).index(found.pool)
        for node in reversed(nodes):
            graph.node.insert(place, node)
        for node in gone:
            graph.node.remove(node)


def _pooled(graph: GraphProto, kept: Set[str]) -> Iterator[_Pooled]:
    makers = {name: node for node in graph.node for name in node.output}
    readers = [name for node in graph.node for name in reads(node)] + [*kept]
    sizes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    for pool in graph.node:
        if pool.op_type != "MaxPool" or not _is_plain(pool) or len(pool.output) > 1:
            continue
        before = makers.get(pool.input[0])
        relu = before if before is not None and before.op_type == "Relu" else None
        conv = makers.get(relu.input[0]) if relu is not None else before
        inner = [node.output[0] for node in (conv, relu) if node is not None]
        if conv is None or conv.op_type != "Conv" or any(readers.count(name) != 1 for name in inner):
            continue
        given = attributes(pool)
        window, shape = list(given["kernel_shape"]), sizes.get(conv.input[1], ())
        apart = list(given.get("strides") or []) == window and not any(given.get("pads") or [])
        plain = _is_plain(conv) and set(attributes(conv).get("strides") or [1]) == {1}
        if kept & {*conv.input[1:]}:
            continue
        if shape and apart and plain and prod(shape[1:]) <= FEW and prod(window) <= WINDOW:
            yield _Pooled(conv, relu, pool, shape, window)


def _is_plain(node: NodeProto) -> bool:
    """Return whether a Conv or MaxPool has no dilations, no groups, and says its padding in numbers."""
    given = attributes(node)
    return (
        node.domain in STANDARD
        and given.get("auto_pad", "NOTSET") == "NOTSET"
        and set(given.get("dilations") or [1]) == {1}
        and not given.get("ceil_mode")
        and given.get("group", 1) == 1
    )


def _phases(graph: GraphProto, found: _Pooled) -> list[NodeProto]:
    """Return the nodes that compute the pooled map, and add the numbers that they read to the graph."""
    name, taken = found.pool.output[0], tensor_names(graph)

    def new(what: str) -> str:
        made = fresh(f"{name}/{what}", taken)
        taken.add(made)
        return made

    nodes, kernels = [], []
    for at in product(*map(range, found.window)):
        pads, moved = new("pads"), new("kernel")
        after = [size - 1 - i for size, i in zip(found.window, at, strict=True)]
        graph.initializer.append(numpy_helper.from_array(np.array([0, 0, *at, 0, 0, *after]), pads))
        nodes.append(helper.make_node("Pad", [found.conv.input[1], pads], [moved]))
        kernels.append(moved)
    count, kernel, bias = len(kernels), new("kernels"), new("biases")
    nodes.append(helper.make_node("Concat", kernels, [kernel], axis=0))
    given = [found.conv.input[0], kernel]
    if len(found.conv.input) > 2 and found.conv.input[2]:
        nodes.append(helper.make_node("Concat", [found.conv.input[2]] * count, [bias], axis=0))
        given.append(bias)
    maps, phases, most = new("maps"), [new("phase") for _ in kernels], new("most")
    sizes = [size + step - 1 for size, step in zip(found.shape[2:], found.window, strict=True)]
    pads_of = list(attributes(found.conv).get("pads") or [0] * 2 * len(sizes))
    nodes += [
        helper.make_node("Conv", given, [maps], kernel_shape=sizes, strides=list(found.window), pads=pads_of),
        helper.make_node("Split", [maps], phases, axis=1, num_outputs=count),
        helper.make_node("Max", phases, [name if found.relu is None else most]),
    ]
    return nodes if found.relu is None else [*nodes, helper.make_node("Relu", [most], [name])]
