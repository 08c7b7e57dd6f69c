"""Training: an ONNX model -> the ONNX graph that trains it on k batches, a step of gradient descent each, by `Scan`.

Layers that behave differently in training (Dropout, BatchNormalization) stay as they are in inference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper

from glassbox.graph.backpropagation import GradientError, backpropagate
from glassbox.graph.builder import FLOATS, Builder, Value, info
from glassbox.graph.gradient import score_tensor
from glassbox.graph.model import Model, array, attributes, read
from glassbox.graph.optimisers import LEARNING_RATE, STEP, Adam, Optimiser, Penalty
from glassbox.graph.rewriting import close_graph, open_graph, upgraded
from glassbox.graph.scan import State, depending, scan, stacked
from glassbox.graph.shapes import Shape

Loss = Literal["mean_squared_error", "categorical_crossentropy"]
# The inputs of some operators that are no weights.
SETTINGS = {"BatchNormalization": slice(3, 5), "Clip": slice(1, 3), "Resize": slice(1, 4), "Dropout": slice(1, 3)}
TARGETS, LOSSES, NEXT = "targets", "losses", "next_"


def training_graph(
    model: Model, loss: Loss, optimiser: Optimiser, penalty: Penalty | None = None, weights: Sequence[str] | None = None
) -> ModelProto:
    """The graph that trains `weights` (all by default) of a model of one input and one output for k steps.

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
    g = open_graph(proto)
    names = list(weights) if weights is not None else trainable(proto)
    if absent := [name for name in names if name not in g.constants]:
        raise GradientError(f"the model has no weight named {absent[0]!r}")
    for name in names:
        del g.constants[name]  # from now on it changes
    held = {x.name for x in proto.graph.initializer}
    source = g.values[next(x.name for x in proto.graph.input if x.name not in held)]
    y = _prediction(g, proto.graph, loss)
    own = [TARGETS, LEARNING_RATE, STEP, LOSSES, *(f"{name}.{slot}" for name in names for slot in optimiser.slots)]
    if taken := g.taken.intersection(own):
        raise GradientError(f"the model has a tensor named {min(taken)!r}, a name that training needs")
    targets, rate = g.value(TARGETS, y.dtype, y.shape), g.value(LEARNING_RATE, y.dtype, ())
    slots = {n: [g.value(f"{n}.{s}", y.dtype, g.values[n].shape) for s in optimiser.slots] for n in names}

    # What depends on the weights alone comes first, so that the gradients can be added to it where they are computed.
    penalty, body = penalty or Penalty(), g.nested()
    pulls = penalty.pulls(g, optimiser.scale(rate))
    bases = {}
    for name in names:
        w = g.values[name]
        bases[name] = optimiser.base(body, w, slots[name], penalty.pull(body, w, pulls))
    guess = body.op("Softmax", y) if loss == "categorical_crossentropy" else y
    scale = _scale(g, loss, stacked(targets)) * optimiser.scale(rate)
    error = body.op("Mul", body.op("Sub", guess, targets), scale)
    forward = list(proto.graph.node)
    grads = backpropagate(body, forward, g.values, {y.name: error}, names)
    _count_biases_once(body, forward, grads)

    batch = g.op("ConstantOfShape", g.op("Concat", g.sizes(stacked(targets), 1, 2), [1], axis=0), value=_one(y.dtype))
    alone = {name for name in names if _used_once(body, grads, name)}
    rows = {name for name in names if name in alone and _as_row(body, forward, g.values[name], grads[name], y, batch)}
    sequences, step, clock = {source.name, targets.name}, rate, None
    if isinstance(optimiser, Adam):
        clock = g.value(STEP, y.dtype, ())
        count = g.op("Cast", g.op("Squeeze", g.sizes(stacked(targets), 0, 1)), to=y.dtype)
        steps = clock + g.op("Range", g.constant(1.0, y.dtype), count + 1, g.constant(1.0, y.dtype))
        step = replace(optimiser.rates(g, rate, steps), shape=())
        sequences.add(step.name)
    states, inside = [], {step.name: step}  # what has another shape within a step than outside
    for name in names:
        w, total = g.values[name], _sum(body, bases[name], grads[name], name in alone)
        for before, after in zip([w, *slots[name]], optimiser.step(body, w, slots[name], total, step), strict=True):
            first = g.op("Reshape", before, [1, -1]) if name in rows else before
            inside |= {before.name: first, after.name: first}
            states.append(State(first, before.name, after.name))
    fine = penalty.value(body, [g.values[name] for name in names])
    collect = [y.name] if fine is None else [y.name, fine.name]
    kept = [g.fresh(f"{name}_steps") for name in collect]
    last = scan(g, {**g.values, **inside}, forward + body.nodes, states, sequences, collect, kept)
    losses = _losses(g, loss, last[len(states)], stacked(targets))
    losses = losses if fine is None else losses + last[-1]
    outputs = [_output(g, losses, LOSSES, ("k",))]
    for state, value in zip(states, last, strict=False):
        now = g.values[state.now]
        outputs.append(_output(g, g.reshape(value, now), NEXT + now.name, now.shape))
    if clock is not None:
        outputs.append(_output(g, clock + count, NEXT + STEP, ()))
    batches = [info(replace(x, shape=("k", *(x.shape or ())))) for x in (source, targets)]
    inputs = [info(x) for x in (*(g.values[state.now] for state in states), rate, clock) if x is not None]
    del proto.graph.initializer[:]
    return close_graph(proto, g, [], [*inputs, *batches], outputs)


def trainable(model: Model) -> list[str]:
    """The weights that training may change: the floating-point initialisers that lie before the model's output.

    Not single numbers, nor what only sets an operator up: the bounds of a Clip, the statistics of a BatchNormalization.
    """
    graph = upgraded(model).graph
    nodes, output = list(graph.node), graph.output[0].name
    settings = {name for node in nodes for name in list(node.input)[SETTINGS.get(node.op_type, slice(0))]}
    weights = [x.name for x in graph.initializer if x.data_type in FLOATS and x.dims and x.name not in settings]
    return [name for name in weights if output in depending(nodes, [name])]


def start(model: Model, optimiser: Optimiser, weights: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
    """What the training graph takes before its first step: the model's weights, zeros in the slots, step 0."""
    proto = read(model)
    chosen = list(weights) if weights is not None else trainable(proto)
    arrays = {x.name: array(x) for x in proto.graph.initializer if x.name in chosen}
    feeds = dict(arrays)
    for name, cells in arrays.items():
        feeds |= {f"{name}.{slot}": np.zeros_like(cells) for slot in optimiser.slots}
    return feeds | ({STEP: np.array(0, np.float32)} if isinstance(optimiser, Adam) else {})


def carry_on(outputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What one run of the training graph hands to the next: its outputs `next_<name>` as inputs `<name>`."""
    return {name.removeprefix(NEXT): cells for name, cells in outputs.items() if name.startswith(NEXT)}


def with_weights(model: Model, weights: Mapping[str, NDArray[Any]]) -> ModelProto:
    """The model with other weights, by name; names that it does not have (slots, the step) are left alone."""
    proto = read(model)
    for tensor in proto.graph.initializer:
        if tensor.name in weights:
            tensor.CopyFrom(numpy_helper.from_array(np.asarray(weights[tensor.name]), tensor.name))
    return proto


def _prediction(g: Builder, graph: GraphProto, loss: Loss) -> Value:
    """The tensor that the loss is computed from: before a final Softmax, whose log is taken together with it."""
    y = g.values[graph.output[0].name]
    score = score_tensor(graph)
    if loss != "categorical_crossentropy" or score == y.name:
        return y
    softmax = next(node for node in graph.node if y.name in node.output)
    if attributes(softmax).get("axis", -1) not in (-1, y.rank - 1):
        raise GradientError(f"the Softmax that gives {y.name!r} is not over the last axis")
    return g.values[score]


def _scale(g: Builder, loss: Loss, targets: Value) -> Value:
    """The factor of (guess - target) in the gradient of a batch's loss: 2 / cells, or 1 / examples."""
    end = None if loss == "mean_squared_error" else targets.rank - 1
    count = g.op("Cast", g.op("ReduceProd", g.sizes(targets, 1, end), keepdims=0), to=targets.dtype)
    return (2.0 if loss == "mean_squared_error" else 1.0) / count


def _losses(g: Builder, loss: Loss, y: Value, targets: Value) -> Value:
    """The loss of each step, (k,), from all predictions (k, N, ...), computed once for all steps behind the loop."""
    if loss == "mean_squared_error":
        error = y - targets
        return g.op("ReduceMean", error * error, np.arange(1, targets.rank), keepdims=0)
    each = g.sum(targets * g.op("LogSoftmax", y), [-1])
    return -g.op("ReduceMean", each, np.arange(1, targets.rank - 1), keepdims=0)


def _used_once(body: Builder, grads: Mapping[str, Value], name: str) -> bool:
    """Whether nothing but the update of this weight reads its gradient, so that the node that makes it may change."""
    made = [grad.name for grad in grads.values()] + [read for node in body.nodes for read in node.input]
    return made.count(grads[name].name) == 1


def _sum(body: Builder, base: Value | None, grad: Value, alone: bool) -> Value:
    """base + grad, added by the Gemm that computes grad where there is one: half the time of a small network's step."""
    if base is None:
        return grad
    gemm = _maker(body, grad)
    if gemm is None or gemm.op_type != "Gemm" or len(gemm.input) > 2 or not alone:
        return body.op("Add", base, grad)
    gemm.input.append(base.name)
    return grad


def _count_biases_once(body: Builder, forward: Sequence[NodeProto], grads: dict[str, Value]) -> None:
    """RNN and LSTM add two biases, for W x and for R h, where Keras has one: only the first is trained.

    Trained both, they would move together, at twice the learning rate. (Keras' GRU has both.)
    """
    for node in forward:
        if node.op_type in ("RNN", "LSTM") and len(node.input) > 3 and (bias := grads.get(node.input[3])) is not None:
            size = (body.values[node.input[3]].shape or (None,))[-1]
            if not isinstance(size, int):
                raise GradientError(f"the size of the bias {node.input[3]!r} is not known")
            first = np.repeat([1.0, 0.0], size // 2)
            grads[node.input[3]] = body.op("Mul", bias, body.constant(first, bias.dtype))


def _as_row(body: Builder, forward: Sequence[NodeProto], w: Value, grad: Value, y: Value, ones: Value) -> bool:
    """Whether the weight is a bias on matrices (N, size) and nothing else, to be carried as a row (1, size).

    Then its gradient, a sum over the batch, is made a product with ones^T: a Gemm too, into which `_sum` can add.
    """
    total = _maker(body, grad)
    readers = {node.op_type for node in forward if w.name in node.input}
    if w.shape is None or w.rank != 1 or not readers <= {"Add", "Sub", "Gemm"} or total is None:
        return False
    summed = body.values.get(total.input[0])
    shape = None if summed is None else summed.shape
    if total.op_type != "ReduceSum" or shape is None or len(shape) != 2 or y.shape is None:
        return False
    if shape[0] is None or shape[0] != y.shape[0]:
        return False
    product = helper.make_node("Gemm", [ones.name, total.input[0]], [grad.name], transA=1)
    body.nodes[body.nodes.index(total)].CopyFrom(product)
    return True


def _maker(body: Builder, value: Value) -> NodeProto | None:
    return next((node for node in body.nodes if value.name in node.output), None)


def _one(dtype: int) -> Any:
    return helper.make_tensor("one", dtype, [1], [1])


def _output(g: Builder, value: Value, name: str, shape: Shape | None) -> Any:
    g.nodes.append(helper.make_node("Identity", [value.name], [name]))
    return info(replace(value, shape=shape), name)
