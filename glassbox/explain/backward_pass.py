"""Back-propagation laid open: one picture through a classifier and back, every number of it out of the ONNX graphs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

from glassbox.calibration import calibrated, softmax
from glassbox.digits.tensors import as_input
from glassbox.engine.session import Session
from glassbox.graph.gradient import differentiate, score_tensor
from glassbox.graph.model import RECURRENT, Model, array, attributes, read
from glassbox.graph.taps import name_states, tap
from glassbox.graph.training import trainable

Array = NDArray[np.float32]
Weights = Mapping[str, Array]
MOVES = ("Flatten", "Reshape", "Squeeze", "Transpose", "Unsqueeze", "Identity")
"""Operators that compute nothing: what they give is the same numbers in another shape."""


@dataclass(frozen=True)
class Pass:
    """One picture forward and back. `tensors`: the inner tensors by name, as the model gives them for a batch of one.

    `probabilities` (labels,): the softmax of the scores. `loss`: -ln of the true label's probability. `errors`: the
    derivative of the loss by each tensor, `gradients`: by each weight, each in the shape of what it belongs to.
    """

    tensors: dict[str, Array]
    probabilities: NDArray[np.float64]
    loss: float
    errors: dict[str, Array]
    gradients: dict[str, Array]


class Backward:
    """A classifier of pictures, ready for forward and backward passes with any weights. Threads may share it.

    `score`: the tensor of the labels' scores; `hidden`: the tensors that are computed before it, in order; `features`:
    what the last layer reads, `kernel` its weights (features, labels); `states`: the states after every step,
    (steps, 1, 1, units), of a recurrent network, else None.
    """

    def __init__(self, model: Model, provider: str = "cpu") -> None:
        """`model`: (N, 28, 28) or (N, 1, 28, 28) -> (N, labels), its last layer a Gemm or MatMul. Else ValueError."""
        self.model = read(model)
        name_states(self.model.graph)
        graph = self.model.graph
        self.score, trained = score_tensor(graph), trainable(self.model)
        self.weights: dict[str, Array] = {x.name: array(x) for x in graph.initializer if x.name in trained}
        nodes = list(graph.node)
        last = next(node for node in nodes if self.score in node.output)
        if last.op_type not in ("Gemm", "MatMul") or attributes(last).get("transB") or last.input[1] not in trained:
            raise ValueError(f"the scores {self.score!r} do not come from a dense layer, but from {last.op_type}")
        self.features, self.kernel = last.input[0], last.input[1]
        self.bias = last.input[2] if len(last.input) > 2 else None
        before = nodes[: nodes.index(last)]
        self.hidden = tuple(name for node in before for name in _computed(node))
        self.states = next((node.output[0] for node in before if node.op_type in RECURRENT), None)

        # Weights that are inputs too can be given at each run; without that the file's own are used.
        for tensor in graph.initializer:
            if tensor.name in trained:
                graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
        shown = list(dict.fromkeys([*self.hidden, self.features]))
        source = graph.input[0].name
        self._by = [name for name in [*shown, *trained] if name != source]
        self._shown = [name for name in shown if name != source]
        self._forward = Session(tap(self.model, [self.score]).SerializeToString(), provider)
        derivative = differentiate(self.model, self.score, self._by, keep=self._shown)
        self._read_back = {x.name for x in derivative.graph.input}
        self._backward = Session(derivative.SerializeToString(), provider)
        ((self.source, self._shape),) = self._forward.inputs.items()

    def probabilities(
        self, pictures: Array, weights: Weights | None = None, temperature: float = 1.0
    ) -> NDArray[np.float64]:
        """Return the probabilities (n, labels) of pictures (n, 28, 28), with `weights` in place of the model's own.

        The scores are divided by `temperature`: the card's gives the verdict; without one, what learning works with.
        """
        return calibrated(self._scores(pictures, weights), "logits", temperature)

    def run(self, picture: Array, label: int, weights: Weights | None = None) -> Pass:
        """Run one picture (28, 28) in [0, 1] forward and, for its true `label`, back.

        The error of the scores is p - y, the derivative of -ln softmax(z)[label] (Bishop, Pattern Recognition and
        Machine Learning, 2006, section 4.3.4); from there on it is the graph of the derivative that works.
        """
        scores = self._scores(picture[None], weights)
        probabilities = softmax(scores)[0]
        error = probabilities.astype(np.float32)[None]
        error[0, label] -= 1
        given = {name: cells for name, cells in (weights or {}).items() if name in self._read_back}
        feeds = {**given, **self._feeds(picture[None]), f"grad_{self.score}": error}
        outputs = self._backward.run(feeds).outputs
        found = {name: outputs[f"grad_{name}"] for name in self._by}
        return Pass(
            tensors={name: outputs[name] for name in self._shown} | {self.score: scores},
            probabilities=probabilities,
            loss=float(0.0 - np.log(max(probabilities[label], np.finfo(np.float64).tiny))),
            errors={self.score: error} | {name: found[name] for name in reversed(self._shown)},
            gradients={name: found[name] for name in self.weights},
        )

    def _scores(self, pictures: Array, weights: Weights | None) -> Array:
        feeds = {**(weights or {}), **self._feeds(pictures)}
        scores: Array = self._forward.run(feeds, [self.score]).outputs[self.score]
        return scores

    def _feeds(self, pictures: Array) -> dict[str, Array]:
        return {self.source: as_input(pictures, self._shape)}


def through_time(states: Array) -> NDArray[np.float64]:
    """Return the error of the states of all steps, (steps, 1, 1, units), as its length at each step, (steps,)."""
    return np.asarray(np.linalg.norm(states.astype(np.float64).reshape(len(states), -1), axis=1))


def _computed(node: NodeProto) -> list[str]:
    """What the node computes: of a recurrent one all states, among which the last is."""
    if node.op_type in MOVES:
        return []
    return [node.output[0]] if node.op_type in RECURRENT else list(filter(None, node.output))
