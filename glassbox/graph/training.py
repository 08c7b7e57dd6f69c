"""Training: an ONNX model -> the ONNX graph that trains it on k batches, a step of gradient descent each, by `Scan`.

Layers that behave differently in training (Dropout, BatchNormalization) stay as they are in inference.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, ValueInfoProto, helper, numpy_helper

from glassbox.graph import packing
from glassbox.graph.builder import FLOATS, Builder, Value, info
from glassbox.graph.fusion import additions_in_products, difference_in_product, sums_as_products
from glassbox.graph.model import Model, array, read
from glassbox.graph.optimisers import STEP, Optimiser, Penalty, Sgd
from glassbox.graph.rewriting import close_graph, open_graph, upgraded
from glassbox.graph.scan import State, dependents, scan, stacked
from glassbox.graph.shapes import Shape
from glassbox.graph.training_step import LOSSES, TARGETS, Declared, Loss, Step, declare, training_step

__all__ = [
    "LOSSES",
    "TARGETS",
    "Loss",
    "carry_on",
    "start",
    "trainable",
    "training_graph",
    "weights_as_inputs",
    "with_weights",
]
SETTINGS = {"BatchNormalization": slice(3, 5), "Clip": slice(1, 3), "Resize": slice(1, 4), "Dropout": slice(1, 3)}
"""The inputs of some operators that are no weights."""
PRODUCTS = ("MatMul", "Gemm", "Conv", "ConvTranspose")
NEXT = packing.NEXT


def training_graph(
    model: Model, loss: Loss, optimiser: Optimiser, penalty: Penalty | None = None, weights: Sequence[str] | None = None
) -> ModelProto:
    """Return the graph that trains `weights` (all by default) of a model of one input and one output for k steps.

    It takes each weight by its name, what the optimiser remembers of it as `<weight>.<slot>` and, for Adam, `step`, the
    number of steps made so far, () float32 (`start` gives these); `learning_rate`, () float32; under the name of the
    model's input k batches, (k, N, ...); and `targets`, (k, ...) with the shape of the model's output behind. It gives
    each weight and slot, and the step, as `next_<name>`, to be fed again, and `losses`, (k,), each from before the
    update of its step.

    mean_squared_error is the mean over all cells; categorical_crossentropy is -sum of t log p over the last axis, mean
    over the others, p being the model's output if that is a Softmax, else the softmax of it. Raises GradientError, a
    ValueError, for a weight that does not exist and for what has no gradient.
    """
    proto = upgraded(model)
    chosen = trainable(proto) if weights is None else weights
    # What Adam remembers of a unit that is always 1 would not have to stay 0; a penalty is for the weights alone.
    plain = isinstance(optimiser, Sgd) and penalty in (None, Penalty())
    if plain and (layers := packing.layers(proto.graph, chosen)):
        packed, source = packing.packed(proto, layers), proto.graph.input[0].name
        trainer = _training_graph(packed, loss, optimiser, Penalty(), [layer.weight for layer in layers])
        return packing.unpacked(trainer, layers, source, optimiser.slots)
    return _training_graph(proto, loss, optimiser, penalty or Penalty(), chosen)


def _training_graph(
    proto: ModelProto, loss: Loss, optimiser: Optimiser, penalty: Penalty, chosen: Sequence[str]
) -> ModelProto:
    """Return the graph that `training_graph` does, of a model in a current form, which it changes."""
    g, forward = open_graph(proto), list(proto.graph.node)
    given = declare(g, proto.graph, loss, optimiser, chosen)
    clock, count, rate = _schedule(g, given, optimiser)
    step = training_step(g, forward, given, loss, optimiser, penalty, rate)
    nodes, rows = _fused(g, forward, given, step)

    squared = loss == "mean_squared_error"
    collect = [step.difference if squared else given.prediction, *([] if step.penalty is None else [step.penalty])]
    sequences = {given.source.name, given.targets.name, *([rate.name] if clock else [])}
    last, (collected, *penalties) = _loop(g, nodes, step, rows, sequences, collect, rate)
    losses = _losses(g, loss, collected, stacked(given.targets))
    for value in penalties:
        losses = losses + value
    outputs = [_output(g, losses, LOSSES, ("k",))]
    states = [g.values[before.name] for update in step.updates for before, _ in update.states]
    outputs += [
        _output(g, g.reshape(end, now), NEXT + now.name, now.shape) for end, now in zip(last, states, strict=True)
    ]
    if clock is not None:
        outputs.append(_output(g, clock + count, NEXT + STEP, ()))
    batches = [replace(x, shape=("k", *(x.shape or ()))) for x in (given.source, given.targets)]
    inputs = [*states, given.rate, *([] if clock is None else [clock]), *batches]
    del proto.graph.initializer[:]
    return close_graph(proto, g, [], list(map(info, inputs)), outputs)


def trainable(model: Model) -> list[str]:
    """Return the weights that training may change: the floating-point initialisers that lie before the model's output.

    Not what only sets an operator up: the bounds of a Clip, the statistics of a BatchNormalization. Of single numbers,
    such as an epsilon or a scale, only those of a layer with one unit: in a product of matrices or a convolution, or
    added right behind one; never one without axes.
    """
    graph = upgraded(model).graph
    nodes, output = list(graph.node), graph.output[0].name
    settings = {name for node in nodes for name in list(node.input)[SETTINGS.get(node.op_type, slice(0))]}
    products = [node for node in nodes if node.op_type in PRODUCTS]
    single = {name for node in products for name in node.input}
    made = {name for node in products for name in node.output}
    single |= {name for node in nodes if node.op_type == "Add" and made & {*node.input} for name in node.input}
    weights = [x for x in graph.initializer if x.data_type in FLOATS and x.dims and x.name not in settings]
    chosen = [x.name for x in weights if math.prod(x.dims) > 1 or x.name in single]
    return [name for name in chosen if output in dependents(nodes, [name])]


def start(model: Model, optimiser: Optimiser, weights: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
    """Return what the training graph takes before its first step: the model's weights, zeros in the slots, step 0."""
    proto = read(model)
    chosen = list(weights) if weights is not None else trainable(proto)
    arrays = {x.name: array(x) for x in proto.graph.initializer if x.name in chosen}
    feeds = dict(arrays)
    for name, cells in arrays.items():
        feeds |= {f"{name}.{slot}": np.zeros_like(cells) for slot in optimiser.slots}
    return feeds | ({STEP: np.array(0, np.float32)} if optimiser.counts_steps else {})


def carry_on(outputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return what one run of the training graph hands to the next: its outputs `next_<name>` as inputs `<name>`."""
    return {name.removeprefix(NEXT): cells for name, cells in outputs.items() if name.startswith(NEXT)}


def with_weights(model: Model, weights: Mapping[str, NDArray[Any]]) -> ModelProto:
    """Return the model with other weights, by name; names that it does not have (slots, the step) are left alone."""
    proto = read(model)
    for tensor in proto.graph.initializer:
        if tensor.name in weights:
            tensor.CopyFrom(numpy_helper.from_array(np.asarray(weights[tensor.name]), tensor.name))
    return proto


def weights_as_inputs(model: Model, weights: Sequence[str] | None = None) -> ModelProto:
    """Return the model with `weights` (all by default) as further inputs, fed by their names: one session for whatever
    they come to be."""
    proto = read(model)
    fed = [x for x in proto.graph.initializer if weights is None or x.name in weights]
    proto.graph.input.extend(helper.make_tensor_value_info(x.name, x.data_type, x.dims) for x in fed)
    kept = [x for x in proto.graph.initializer if x not in fed]
    del proto.graph.initializer[:]
    proto.graph.initializer.extend(kept)
    return proto


def _schedule(g: Builder, given: Declared, optimiser: Optimiser) -> tuple[Value | None, Value, Value]:
    """Return the input that counts the steps made, if the optimiser asks for it, the number k of steps to be made, and
    the learning rate of each step, (k,), or that of all, ()."""
    count = g.op("Cast", g.op("Squeeze", g.sizes(stacked(given.targets), 0, 1)), to=given.rate.dtype)
    if not optimiser.counts_steps:
        return None, count, given.rate
    clock, one = g.value(STEP, given.rate.dtype, ()), g.constant(1.0, given.rate.dtype)
    return clock, count, replace(optimiser.rates(g, given.rate, clock + g.op("Range", one, count + 1, one)), shape=())


def _fused(g: Builder, model: Sequence[NodeProto], given: Declared, step: Step) -> tuple[list[NodeProto], set[str]]:
    """Return the nodes of the step, fused, and the names of the weights that are carried as rows, (1, size).

    These are biases that the model only adds to matrices (N, size).
    """
    n = None if given.prediction.shape is None else given.prediction.shape[0]
    one = helper.make_tensor("one", given.prediction.dtype, [1], [1])
    batch = g.op("Concat", g.sizes(stacked(given.targets), 1, 2), [1], axis=0)
    ones = replace(g.op("ConstantOfShape", batch, value=one), shape=(n, 1))
    biases = {
        update.gradient.name: update.weight.name
        for update in step.updates
        if update.own and _only_added(model, update.weight)
    }
    nodes, rows = sums_as_products(step.nodes, g.values, biases.keys(), ones)
    totals = [update.total.name for update in step.updates if update.total is not update.gradient]
    kept = [after.name for update in step.updates for _, after in update.states]
    nodes = additions_in_products(nodes, totals, kept)
    return difference_in_product(nodes, step.difference.name, g.values), {biases[name] for name in rows}


def _only_added(model: Sequence[NodeProto], weight: Value) -> bool:
    readers = {node.op_type for node in model if weight.name in node.input}
    return weight.shape is not None and weight.rank == 1 and readers <= {"Add", "Sub", "Gemm"}


def _loop(
    g: Builder,
    nodes: Sequence[NodeProto],
    step: Step,
    rows: Collection[str],
    sequences: Collection[str],
    collect: Sequence[Value],
    rate: Value,
) -> tuple[list[Value], list[Value]]:
    """Emit the loop over the steps; return the last value of each state, and each tensor of `collect` of all steps."""
    states, inside = [], {rate.name: rate}  # what has another shape within a step than outside
    for update in step.updates:
        for before, after in update.states:
            first = g.op("Reshape", before, [1, -1]) if update.weight.name in rows else before
            inside |= {before.name: first, after.name: first}
            states.append(State(first, before.name, after.name))
    names = [value.name for value in collect]
    steps = [g.fresh(f"{name}_steps") for name in names]
    results = scan(g, {**g.values, **inside}, nodes, states, sequences, names, steps)
    return results[: len(states)], results[len(states) :]


def _losses(g: Builder, loss: Loss, collected: Value, targets: Value) -> Value:
    """Return the loss of each step, (k,), once for all steps, behind the loop: from all differences of the guess and
    the target (k, N, ...), where it is their square, else from all predictions."""
    if loss == "mean_squared_error":
        return _mean_behind_steps(g, collected * collected)
    return -_mean_behind_steps(g, g.sum(targets * g.op("LogSoftmax", collected), [-1]))


def _mean_behind_steps(g: Builder, each: Value) -> Value:
    """(k, ...) -> (k,); a model without a batch has nothing behind k, and without axes ReduceMean takes all of them."""
    return g.op("ReduceMean", each, np.arange(1, each.rank), keepdims=0) if each.rank > 1 else each


def _output(g: Builder, value: Value, name: str, shape: Shape | None) -> ValueInfoProto:
    g.nodes.append(helper.make_node("Identity", [value.name], [name]))
    return info(replace(value, shape=shape), name)
