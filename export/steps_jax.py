"""The steps of a training by JAX, each compiled by XLA: what an accelerator runs, and a GPU in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import keras
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from export.resumable import Trainer

Values = list[jax.Array]
State = tuple[Values, Values, Values]
"""The values of the weights that learn, of the network's other variables and of the optimizer's."""


class Compiled:
    """As `resumable.Steps`. Between two calls of `write_back` the values are on the device alone, and no step waits
    for the one before it."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self._update = jax.jit(self._step, donate_argnums=0)
        self._evaluate = jax.jit(self._measured)
        self._state: State | None = None

    def update(self, ids: NDArray[np.int64]) -> Sequence[float]:
        self._state, sums = self._update(self._state or self._read(), ids.astype(np.int32))
        return tuple(sums)

    def evaluate(self, ids: NDArray[np.int64]) -> Sequence[float]:
        weights, others, _ = self._state or self._read()
        return tuple(self._evaluate(weights, others, ids.astype(np.int32)))

    def write_back(self) -> None:
        if self._state is None:
            return
        for variables, values in zip(self._variables(), self._state, strict=True):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        self._state = None

    def _variables(self) -> tuple[list[keras.Variable], ...]:
        model, teacher = self.trainer.model, self.trainer.teacher
        others = [*model.non_trainable_variables, *(teacher.variables if teacher else [])]
        return model.trainable_variables, others, self.trainer.optimizer.variables

    def _read(self) -> State:
        weights, others, optimizer = ([jnp.array(v.value) for v in part] for part in self._variables())
        return weights, others, optimizer

    def _step(self, state: State, ids: jax.Array) -> tuple[State, jax.Array]:
        weights, others, optimizer = state
        given = jax.value_and_grad(self._loss, has_aux=True)(weights, others, ids)
        (_, (sums, others)), gradients = given
        weights, optimizer = self.trainer.optimizer.stateless_apply(optimizer, gradients, weights)
        return (weights, others, optimizer), sums

    def _loss(self, weights: Values, others: Values, ids: jax.Array) -> tuple[jax.Array, tuple[jax.Array, Values]]:
        """The mean loss; beside it the sums, and the values of the variables that do not learn."""
        sums, others = self._sums(weights, others, ids, training=True)
        share = self.trainer.recipe.taught
        return (sums[0] * (1 - share) + sums[3] * share) / sums[2], (sums[:3], others)

    def _measured(self, weights: Values, others: Values, ids: jax.Array) -> jax.Array:
        return self._sums(weights, others, ids, training=False)[0][:3]

    def _sums(self, weights: Values, others: Values, ids: jax.Array, training: bool) -> tuple[jax.Array, Values]:
        """As `resumable.Steps` has them, and the sum of the losses beside the teacher."""
        trained, kept, _ = self._variables()
        values = zip([*trained, *kept], [*weights, *others], strict=True)
        with keras.StatelessScope(state_mapping=list(values)) as scope:
            logits, targets, right, inside = self.trainer.read(ids, training)
            taught = self.trainer.taught(ids, logits) if training else None
        by_token = jax.nn.log_softmax(logits.astype(jnp.float32))
        losses = -jnp.take_along_axis(by_token, targets[:, None], axis=1)[:, 0]
        parts = (losses, right, jnp.ones_like(right), jnp.zeros_like(right) if taught is None else taught)
        sums = jnp.stack([jnp.sum(part * inside) for part in parts])
        return sums, [scope.get_current_value(variable) for variable in kept]
