"""One step of training as nodes: forward, backward, and the change that the optimiser makes of each weight.

Plain operators on tensors in the shapes of one step. `fusion` makes fewer of them, `training` loops them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from onnx import GraphProto, NodeProto

from glassbox.graph.backpropagation import backpropagate
from glassbox.graph.builder import Builder, Value
from glassbox.graph.gradient import final_softmax
from glassbox.graph.model import attributes
from glassbox.graph.node import GradientError
from glassbox.graph.optimisers import LEARNING_RATE, STEP, Optimiser, Penalty
from glassbox.graph.scan import stacked

Loss = Literal["mean_squared_error", "categorical_crossentropy"]
TARGETS, LOSSES = "targets", "losses"


@dataclass(frozen=True)
class Declared:
    """The tensors that a step starts from: the model's input `source`, `targets`, `rate`, the weights and their slots.

    `prediction` is the tensor that the loss is computed from.
    """

    source: Value
    prediction: Value
    targets: Value
    rate: Value
    weights: list[Value]
    slots: dict[str, list[Value]]


@dataclass(frozen=True)
class Update:
    """How a step changes one weight.

    `gradient` is scaled by the optimiser, and `own` if nothing else reads it; `total` is the sum of it and of what the
    optimiser adds to it, or itself where that is nothing. `states`: the weight and its slots, (before, after) each.
    """

    weight: Value
    gradient: Value
    own: bool
    total: Value
    states: list[tuple[Value, Value]]


@dataclass(frozen=True)
class Step:
    """The nodes of a step, the model's and then those of training; `penalty`, (), is None where there is none.

    `difference`: guess - target, where the guess is the prediction or the softmax of it.
    """

    nodes: list[NodeProto]
    updates: list[Update]
    difference: Value
    penalty: Value | None


def declare(g: Builder, graph: GraphProto, loss: Loss, optimiser: Optimiser, names: Sequence[str]) -> Declared:
    """Declare the tensors that training `names` takes. Raises GradientError for a weight that does not exist, and for a
    tensor of the model that has a name which training needs."""
    if absent := [name for name in names if name not in g.constants]:
        raise GradientError(f"the model has no weight named {absent[0]!r}")
    for name in names:
        del g.constants[name]  # from now on it changes
    own = [TARGETS, LEARNING_RATE, STEP, LOSSES, *(f"{name}.{slot}" for name in names for slot in optimiser.slots)]
    if taken := g.taken.intersection(own):
        raise GradientError(f"the model has a tensor named {min(taken)!r}, a name that training needs")
    held = {x.name for x in graph.initializer}
    y = _prediction(g, graph, loss)
    return Declared(
        source=g.values[next(x.name for x in graph.input if x.name not in held)],
        prediction=y,
        targets=g.value(TARGETS, y.dtype, y.shape),
        rate=g.value(LEARNING_RATE, y.dtype, ()),
        weights=[g.values[name] for name in names],
        slots={n: [g.value(f"{n}.{s}", y.dtype, g.values[n].shape) for s in optimiser.slots] for n in names},
    )


def training_step(
    g: Builder,
    model: Sequence[NodeProto],
    given: Declared,
    loss: Loss,
    optimiser: Optimiser,
    penalty: Penalty,
    rate: Value,
) -> Step:
    """Return one step for the nodes of the `model`; `rate` is the step's own learning rate as the optimiser takes it.

    What is the same in every step is emitted into `g`, outside of the step.
    """
    body, y = g.nested(), given.prediction
    guess = body.op("Softmax", y) if loss == "categorical_crossentropy" else y
    scale = _scale(g, loss, stacked(given.targets)) * optimiser.scale(given.rate)
    difference = body.op("Sub", guess, given.targets)
    error = body.op("Mul", difference, scale)
    gradients = backpropagate(body, model, g.values, {y.name: error}, [w.name for w in given.weights])
    _train_one_bias_of_two(body, model, gradients)

    read = [gradient.name for gradient in gradients.values()] + [name for node in body.nodes for name in node.input]
    factors = penalty.factors(g, optimiser.scale(given.rate))
    updates = []
    for w in given.weights:
        gradient, slots = gradients[w.name], given.slots[w.name]
        base = optimiser.base(body, w, slots, penalty.gradient(body, w, factors))
        total = gradient if base is None else body.op("Add", base, gradient)
        after = optimiser.step(body, w, slots, total, rate)
        states = list(zip([w, *slots], after, strict=True))
        updates.append(Update(w, gradient, read.count(gradient.name) == 1, total, states))
    cost = penalty.value(body, given.weights)
    return Step([*model, *body.nodes], updates, difference, cost)


def _prediction(g: Builder, graph: GraphProto, loss: Loss) -> Value:
    """Return the tensor that the loss is computed from: before a final Softmax, whose log is taken with it."""
    y, softmax = g.values[graph.output[0].name], final_softmax(graph)
    if loss != "categorical_crossentropy" or softmax is None:
        return y
    if attributes(softmax).get("axis", -1) not in (-1, y.rank - 1):
        raise GradientError(f"the Softmax that gives {y.name!r} is not over the last axis")
    score = g.values[softmax.input[0]]
    if score.dtype != y.dtype:
        raise GradientError(f"the Softmax that gives {y.name!r} computes in another type than its output has")
    return score


def _scale(g: Builder, loss: Loss, targets: Value) -> Value:
    """Return the factor of (guess - target) in the gradient of a batch's loss: 2 / cells, or 1 / examples."""
    end = None if loss == "mean_squared_error" else targets.rank - 1
    count = g.op("Cast", g.op("ReduceProd", g.sizes(targets, 1, end), keepdims=0), to=targets.dtype)
    return (2.0 if loss == "mean_squared_error" else 1.0) / count


def _train_one_bias_of_two(body: Builder, model: Sequence[NodeProto], gradients: dict[str, Value]) -> None:
    """Keep the gradient of the first bias alone where RNN and LSTM add two, for W x and for R h, and Keras has one.

    Trained both, they would move together, at twice the learning rate. (Keras' GRU has both.)
    """
    for node in model:
        if node.op_type not in ("RNN", "LSTM") or len(node.input) <= 3:
            continue
        if (gradient := gradients.get(node.input[3])) is not None:
            size = (body.values[node.input[3]].shape or (None,))[-1]
            if not isinstance(size, int):
                raise GradientError(f"the size of the bias {node.input[3]!r} is not known")
            first = body.constant(np.repeat([1.0, 0.0], size // 2), gradient.dtype)
            gradients[node.input[3]] = body.op("Mul", gradient, first)
