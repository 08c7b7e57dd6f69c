"""If, Loop and Scan whose way is known before they run: the branch that is taken, the steps one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from onnx import GraphProto, helper

from glassbox.graph.folding import Folder
from glassbox.graph.model import constants
from glassbox.graph.node import Node
from glassbox.graph.scan import renamed
from glassbox.graph.written_out import unrolling

MOST_NODES = 5_000
"""What a loop may be unrolled to."""
FLAT_SCAN = 9
"""The version of the standard from which Scan has no axis for a batch."""


@unrolling("If")
def conditional(node: Node, folder: Folder) -> Sequence[str] | None:
    """The branch that a known condition takes."""
    condition = folder.known(node.x.name)
    if condition is None:
        return None
    branch = node["then_branch" if condition.reshape(-1)[0] else "else_branch"]
    return inlined(folder, branch, {})


@unrolling("Scan")
def scan(node: Node, folder: Folder) -> Sequence[str] | None:
    """The body once for each step of the sequences, the states handed on."""
    body, count = node["body"], int(node["num_scan_inputs"])
    inputs, outputs = list(node.proto.input), len(body.output)
    states, sequences = inputs[: len(inputs) - count], inputs[len(inputs) - count :]
    collected = outputs - len(states)
    axes = node["scan_input_axes"] or [0] * count
    shape = node.required(len(states)).shape
    steps = None if shape is None else shape[axes[0]]
    if node.builder.opset < FLAT_SCAN or not isinstance(steps, int) or not _fits(body, steps):
        return None
    turned = node["scan_input_directions"] or [0] * count
    columns: list[list[str]] = [[] for _ in range(collected)]
    for step in range(steps):
        cells = []
        for name, axis, backwards in zip(sequences, axes, turned, strict=True):
            place = folder.builder.constant(np.array(steps - 1 - step if backwards else step))
            cells.append(_added(folder, "Gather", [name, place.name], axis=axis))
        given = dict(zip([x.name for x in body.input], [*states, *cells], strict=True))
        results = inlined(folder, body, given)
        states = results[: len(states)]
        _collect(columns, results[len(states) :])
    backwards = node["scan_output_directions"] or [0] * collected
    axes = node["scan_output_axes"] or [0] * collected
    stacks = [
        _stacked(folder, column[::-1] if turn else column, axis)
        for column, turn, axis in zip(columns, backwards, axes, strict=True)
    ]
    return [*states, *stacks]


@unrolling("Loop")
def loop(node: Node, folder: Folder) -> Sequence[str] | None:
    """The body as often as the known count and condition say, the states handed on."""
    body, (limit, condition, *states) = node["body"], list(node.proto.input)
    most = folder.known(limit) if limit else None
    if limit and most is None:
        return None
    columns: list[list[str]] = [[] for _ in range(len(body.output) - 1 - len(states))]
    step, truth = 0, condition
    while most is None or step < int(most.reshape(-1)[0]):
        goes_on = folder.known(truth) if truth else np.array(True)
        if goes_on is None or not _fits(body, step + 1):
            return None
        if not goes_on.reshape(-1)[0]:
            break
        known = [folder.builder.constant(array).name for array in (np.array(step), np.array(True))]
        given = dict(zip([x.name for x in body.input], [*known, *states], strict=True))
        truth, *results = inlined(folder, body, given)
        states = results[: len(states)]
        _collect(columns, results[len(states) :])
        step += 1
    if any(not column for column in columns):
        return None
    return [*states, *(_stacked(folder, column, 0) for column in columns)]


def _fits(body: GraphProto, steps: int) -> bool:
    return 0 < steps * max(1, len(body.node)) <= MOST_NODES


def inlined(folder: Folder, body: GraphProto, given: Mapping[str, str]) -> list[str]:
    """Add the nodes of `body`, whose inputs are the tensors `given`, and return its outputs."""
    names = dict(given)
    for name, array in constants(body).items():
        names[name] = folder.builder.constant(array).name
    for inner in body.node:
        if inner.op_type == "Constant":
            continue
        names |= {name: folder.builder.fresh(name) for name in inner.output if name}
        copy = renamed(inner, names)
        copy.name = inner.name or next(filter(None, inner.output), "")
        folder.add(copy)
    outputs = (names.get(x.name, x.name) for x in body.output)
    return [folder.names.get(name, name) for name in outputs]


def _added(folder: Folder, operator: str, inputs: Sequence[str], **given: Any) -> str:
    name = folder.builder.fresh(operator.lower())
    folder.add(helper.make_node(operator, inputs, [name], **given))
    return folder.names.get(name, name)


def _collect(columns: Sequence[list[str]], results: Sequence[str]) -> None:
    for column, result in zip(columns, results, strict=True):
        column.append(result)


def _stacked(folder: Folder, column: Sequence[str], axis: int) -> str:
    """Return the tensors of all steps side by side along a new axis."""
    if folder.builder.opset >= 13:
        where = folder.builder.constant(np.array([axis])).name
        apart = [_added(folder, "Unsqueeze", [name, where]) for name in column]
    else:
        apart = [_added(folder, "Unsqueeze", [name], axes=[axis]) for name in column]
    return _added(folder, "Concat", apart, axis=axis)
