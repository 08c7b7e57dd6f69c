"""A network in training: epochs of gradient descent, its losses, and each neuron's output over the plane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from glassbox.engine.session import Session
from glassbox.playground import features, network
from glassbox.playground.data import LIMIT, DataSet
from glassbox.playground.setup import OPTIMISERS, Setup
from glassbox.training.learner import Learner

Floats = NDArray[np.float32]
HISTORY = 400
"""Points of the loss curve kept; when they are full, every second one goes."""
WEIGHT_LIMIT = 1000.0
"""How large a weight set by hand may be."""


@dataclass(frozen=True)
class Score:
    """Losses without penalty (NaN without points), and accuracies (None for a regression and without points), after
    `epoch` epochs."""

    epoch: int
    train_loss: float
    test_loss: float
    train_accuracy: float | None
    test_accuracy: float | None


class Trainer:
    """The training of one setup, for one thread at a time. `rate` may change while it trains; for any other change of
    setup make a new one."""

    def __init__(self, setup: Setup, data: DataSet) -> None:
        self.setup, self.rate = setup, setup.rate
        model = network.build(setup, data)
        self._learner = Learner(model, network.loss(data), OPTIMISERS[setup.optimiser], setup.regularisation)
        self._watch = Session(network.watched(model).SerializeToString())
        self._hold(data)
        self.reset()

    def reset(self) -> None:
        """Go back to the first weights and the first order of the points."""
        self._learner.reset()
        self._rng = np.random.default_rng(self.setup.seed)
        self.epoch, self.history = 0, [self._scored(0)]

    def take(self, data: DataSet) -> None:
        """Go on with other points, of the same classes."""
        self._hold(data)
        self._note()

    def _hold(self, data: DataSet) -> None:
        self.data = data
        self._inputs, self._targets = features.compute(data.points, self.setup.features), data.targets
        self._train = data.split(self.setup.share / 100)

    @property
    def trained_on(self) -> int:
        """The number of points, the first ones of the data, that are trained on."""
        return self._train

    @property
    def steps(self) -> int:
        """The number of steps of gradient descent made."""
        return self._learner.steps

    @property
    def weights(self) -> Mapping[str, NDArray[Any]]:
        """The present weights: W1 (inputs, neurons), b1 (neurons,), ..."""
        return self._learner.weights

    @property
    def score(self) -> Score:
        """The present score."""
        return self.history[-1]

    def learn(self, epochs: int, seconds: float = np.inf) -> None:
        """Go through the training points `epochs` times, each time in a new order, or until `seconds` have passed.

        A batch holds at most all of them; points that don't fill one wait for the next epoch; without points nothing
        happens. Raises Diverged, with the last good weights kept.
        """
        if not self._train:
            return
        size = min(self.setup.batch, self._train)
        deadline, k = perf_counter() + seconds, self._train // size
        try:
            for _ in range(epochs):
                order = self._rng.permutation(self._train)[: k * size].reshape(k, size)
                self._learner.learn(self._inputs[order], self._targets[order], self.rate)
                self.epoch += 1
                if perf_counter() > deadline:
                    break
        finally:
            self._note()

    def set_weight(self, layer: int, row: int | None, column: int, value: float) -> None:
        """Set the weight from `row` (None: the bias) to neuron `column` of `layer` (from 0).

        Raises IndexError where there is none, ValueError for a number beyond WEIGHT_LIMIT.
        """
        layers = network.in_layers(self.weights)
        if not 0 <= layer < len(layers):
            raise IndexError(f"there is no layer {layer}")
        matrix, bias = layers[layer]
        if not (0 <= column < len(bias) and (row is None or 0 <= row < len(matrix))):
            raise IndexError(f"layer {layer} has no weight at row {row}, column {column}")
        if not abs(value) <= WEIGHT_LIMIT:
            raise ValueError(f"a weight must lie between -{WEIGHT_LIMIT:g} and {WEIGHT_LIMIT:g}, not {value}")
        if row is None:
            bias[column] = value
        else:
            matrix[row, column] = value
        self._note()

    def neurons(self, points: Floats, weights: Mapping[str, NDArray[Any]] | None = None) -> dict[str, Floats]:
        """Return the output of every layer for points (N, 2): h1 (N, neurons), ..., output (N, outputs)."""
        return self._neurons(features.compute(points, self.setup.features), weights)

    def losses(self, weights: Mapping[str, NDArray[Any]] | None = None) -> tuple[float, float]:
        """Return the loss on the points trained on and on the others, with these weights or the present ones."""
        each = self._each_loss(self._neurons(self._inputs, weights)[network.OUTPUT])
        return _mean(each[: self._train]), _mean(each[self._train :])

    def model(self) -> ModelProto:
        """Return the trained network as a model that takes points in the data's own units."""
        return network.of_points(self._learner.trained(), self.setup.features, self.data)

    def _neurons(self, inputs: Floats, weights: Mapping[str, NDArray[Any]] | None) -> dict[str, Floats]:
        return self._watch.run({network.INPUT: inputs, **(self.weights if weights is None else weights)}).outputs

    def _each_loss(self, outputs: Floats) -> NDArray[np.float64]:
        """Return the loss of each point, float64 (N,): the squared error, or minus the logarithm of the right class's
        probability."""
        if self.data.outputs == 1:
            return np.asarray(np.square(outputs.astype(np.float64) - self._targets)[:, 0])
        right = (outputs * self._targets).sum(1, dtype=np.float64)
        return np.asarray(-np.log(np.maximum(right, np.finfo(np.float32).tiny)))

    def _scored(self, epoch: int) -> Score:
        outputs = self._neurons(self._inputs, None)[network.OUTPUT]
        each, cut = self._each_loss(outputs), self._train
        right = decided(outputs) == self.data.values if self.data.classes else None
        parts = (None, None) if right is None else (right[:cut], right[cut:])
        shares = [_mean(part) if part is not None and len(part) else None for part in parts]
        return Score(epoch, _mean(each[:cut]), _mean(each[cut:]), *shares)

    def _note(self) -> None:
        if self.history[-1].epoch == self.epoch:
            self.history.pop()
        elif len(self.history) >= HISTORY:
            del self.history[1::2]
        self.history.append(self._scored(self.epoch))


def _mean(values: NDArray[Any]) -> float:
    """Return the mean, NaN of nothing."""
    return float(values.mean()) if len(values) else np.nan


def decided(outputs: Floats) -> NDArray[np.int64]:
    """Return the class of each row: by the sign of a single output, else the largest."""
    return outputs.argmax(1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0).astype(np.int64)


def grid(side: int) -> Floats:
    """Return the centres of side x side cells of the plane, (side * side, 2), row by row from the top left."""
    centres = (np.arange(side) + 0.5) / side * 2 * LIMIT - LIMIT
    x, y = np.meshgrid(centres, -centres)
    return np.stack([x.ravel(), y.ravel()], 1).astype(np.float32)
