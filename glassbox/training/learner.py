"""Training that can be watched: a network, its weights, and steps of gradient descent a handful at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, helper

from glassbox.engine.session import Session
from glassbox.graph.model import Model, read
from glassbox.graph.optimisers import LEARNING_RATE, Optimiser, Penalty
from glassbox.graph.training import LOSSES, TARGETS, Loss, carry_on, start, trainable, training_graph, with_weights

Arrays = dict[str, NDArray[Any]]
Floats = NDArray[np.float32]


class Divergence(NamedTuple):
    """Where training ran into numbers that are not finite.

    `step` is the first step whose update made them so (from 1); `cause` is "learning_rate" or "data": the batch or the
    weights given were not finite, or their loss was not, before anything was learned from them.
    """

    step: int
    cause: str
    learning_rate: float


class Diverged(ArithmeticError):
    """Training ran into numbers that are not finite: see `divergence`. The learner keeps the last good weights."""

    def __init__(self, step: int, cause: str, learning_rate: float) -> None:
        self.divergence = Divergence(step, cause, learning_rate)
        why = {
            "learning_rate": f"the learning rate {learning_rate:g} is probably too large; try a tenth of it",
            "data": "the batch or the weights hold numbers that are not finite, or far too large ones",
        }[cause]
        super().__init__(f"step {step} gave numbers that are not finite: {why}")


class Learner:
    """A model in training: `weights` are its weights now, `steps` the steps made. For one thread at a time."""

    def __init__(
        self,
        model: Model,
        loss: Loss,
        optimiser: Optimiser,
        penalty: Penalty | None = None,
        provider: str = "cpu",
        *,
        weights: Sequence[str] | None = None,
        session: Session | None = None,
    ) -> None:
        """`weights`: which of them learn (all by default); `session`: of the training graph, where learners of the same
        graph share one. Raises ValueError as `training_graph` does."""
        self.model, self.optimiser = read(model), optimiser
        self._learning = trainable(self.model) if weights is None else list(weights)
        if session is None:
            graph = training_graph(self.model, loss, optimiser, penalty, self._learning)
            session = Session(graph.SerializeToString(), provider)
        self._session = session
        held = {tensor.name for tensor in self.model.graph.initializer}
        source = next(x for x in self.model.graph.input if x.name not in held)
        self._source, self._type = source.name, helper.tensor_dtype_to_np_dtype(source.type.tensor_type.elem_type)
        self.reset()

    def reset(self) -> None:
        """Go back to the weights of the model as it was given."""
        self._state: Arrays = {
            name: cells.copy() for name, cells in start(self.model, self.optimiser, self._learning).items()
        }
        self.steps = 0

    @property
    def weights(self) -> Arrays:
        """The weights that learn as they are now, by name. Assigning to the cells of an array edits the network."""
        return {name: self._state[name] for name in self._learning}

    def trained(self) -> ModelProto:
        """Return the model with the weights of now."""
        return with_weights(self.model, self.weights)

    def learn(self, batches: NDArray[Any], targets: Floats, learning_rate: float) -> Floats:
        """Make one step on each of the k batches (k, N, ...) with targets (k, N, ...); return the loss before each.

        Raises Diverged, with the weights left as they were before the step that spoiled them, and ValueError for
        batches that don't fit the model.
        """
        losses, state = self._run(batches, targets, learning_rate)
        good, cause = _judge(losses, state, batches, targets, learned=self.steps > 0)
        if good == len(batches):
            self._state, self.steps = state, self.steps + good
            return losses
        if good:  # repeat the good steps: the same numbers, as nothing in the graph is random
            _, self._state = self._run(batches[:good], targets[:good], learning_rate)
            self.steps += good
        raise Diverged(self.steps + 1, cause, learning_rate)

    def _run(self, batches: NDArray[Any], targets: Floats, learning_rate: float) -> tuple[Floats, Arrays]:
        feeds = {**self._state, LEARNING_RATE: np.array(learning_rate, np.float32)}
        feeds |= {self._source: np.asarray(batches, self._type), TARGETS: np.asarray(targets, np.float32)}
        outputs = self._session.run(feeds).outputs
        return outputs[LOSSES], carry_on(outputs)


def _judge(losses: Floats, after: Arrays, batches: NDArray[Any], targets: Floats, learned: bool) -> tuple[int, str]:
    """Return how many steps from the first on were sound, and what probably spoiled the next.

    `learned`: whether steps were made before this run.
    """
    bad = np.flatnonzero(~np.isfinite(losses))
    if not len(bad):  # then it can only have been the last step
        return len(losses) - (not all(np.isfinite(cells).all() for cells in after.values())), "learning_rate"
    first = int(bad[0])
    if not (np.isfinite(batches[first]).all() and np.isfinite(targets[first]).all()):
        return first, "data"
    # The step before left weights that give no finite loss; before the first of all steps, they were given so.
    return max(first - 1, 0), "learning_rate" if first or learned else "data"
