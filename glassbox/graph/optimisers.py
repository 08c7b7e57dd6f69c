"""Optimisers: how a gradient changes a weight, as nodes of a graph, by the rules of Keras."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from glassbox.graph.builder import Builder, Value

LEARNING_RATE, STEP = "learning_rate", "step"


class Optimiser(ABC):
    """A rule that turns weights, gradients and what it remembers (`slots`, in the weight's shape) into the next ones.

    The gradient arrives times `scale`, is added to `base`, and `step` makes the next values of the sum.
    """

    counts_steps: ClassVar[bool] = False
    """Whether the learning rate of a step depends on how many steps were made: see `rates`."""

    @property
    @abstractmethod
    def slots(self) -> tuple[str, ...]:
        """The names of what is remembered of each weight."""

    def scale(self, rate: Value) -> Value | float:
        """Return the factor that the loss's cotangent takes before back-propagation."""
        return 1.0

    @abstractmethod
    def base(self, body: Builder, w: Value, slots: Sequence[Value], penalty: Value | None) -> Value | None:
        """Return what the scaled gradient is added to, with the scaled gradient of the penalty; None for nothing."""

    @abstractmethod
    def step(self, body: Builder, w: Value, slots: Sequence[Value], total: Value, rate: Value) -> list[Value]:
        """Return the next weight and the next slots, from `total`, base + scaled gradient, and the step's `rate`."""

    def rates(self, g: Builder, rate: Value, steps: Value) -> Value:
        """Return the `rate` of each of `steps`, (k,), counted from 1; asked for where the optimiser `counts_steps`."""
        return rate


@dataclass(frozen=True)
class Sgd(Optimiser):
    """w' = w - lr g; with momentum m' = momentum m - lr g and w' = w + m', or w + momentum m' - lr g (nesterov).

    Sutskever et al. 2013, https://proceedings.mlr.press/v28/sutskever13.html
    """

    momentum: float = 0.0
    nesterov: bool = False

    @property
    def slots(self) -> tuple[str, ...]:
        return ("momentum",) if self.momentum else ()

    def scale(self, rate: Value) -> Value | float:
        """-lr: with it every gradient arrives as the change that it makes, and can be added where it is computed."""
        return -rate

    def base(self, body: Builder, w: Value, slots: Sequence[Value], penalty: Value | None) -> Value | None:
        start = body.op("Mul", slots[0], self.momentum) if slots else w
        return start if penalty is None else body.op("Add", start, penalty)

    def step(self, body: Builder, w: Value, slots: Sequence[Value], total: Value, rate: Value) -> list[Value]:
        """[w', m'] from total = momentum m - lr g, or [w'] from total = w - lr g."""
        if not slots:
            return [total]
        if not self.nesterov:
            return [body.op("Add", w, total), total]
        change = body.op("Sub", total, body.op("Mul", slots[0], self.momentum))
        return [body.op("Add", w, body.op("Add", body.op("Mul", total, self.momentum), change)), total]


@dataclass(frozen=True)
class Adam(Optimiser):
    """m' = m + (1 - beta_1)(g - m), v' = v + (1 - beta_2)(g^2 - v), w' = w - a m' / (sqrt v' + epsilon),

    a = lr sqrt(1 - beta_2^t) / (1 - beta_1^t) at step t = 1, 2, ... Kingma & Ba, https://arxiv.org/abs/1412.6980
    """

    counts_steps: ClassVar[bool] = True
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    @property
    def slots(self) -> tuple[str, ...]:
        return ("mean", "square")

    def base(self, body: Builder, w: Value, slots: Sequence[Value], penalty: Value | None) -> Value | None:
        return penalty

    def step(self, body: Builder, w: Value, slots: Sequence[Value], total: Value, rate: Value) -> list[Value]:
        """[w', m', v'] from total = g; rate is a."""
        m, v = slots
        m = body.op("Add", m, body.op("Mul", body.op("Sub", total, m), 1 - self.beta_1))
        v = body.op("Add", v, body.op("Mul", body.op("Sub", body.op("Mul", total, total), v), 1 - self.beta_2))
        change = body.op("Div", body.op("Mul", m, rate), body.op("Add", body.op("Sqrt", v), self.epsilon))
        return [body.op("Sub", w, change), m, v]

    def rates(self, g: Builder, rate: Value, steps: Value) -> Value:
        """The a of each step t in `steps`, (k,)."""
        beta_1, beta_2 = g.constant(self.beta_1, rate.dtype), g.constant(self.beta_2, rate.dtype)
        return rate * g.op("Sqrt", 1 - g.op("Pow", beta_2, steps)) / (1 - g.op("Pow", beta_1, steps))


@dataclass(frozen=True)
class Penalty:
    """l1 sum |w| + l2 sum w^2 on every weight of at least two axes, added to the loss, as Keras' regularizers do."""

    l1: float = 0.0
    l2: float = 0.0

    def applies(self, w: Value) -> bool:
        """Whether the weight is penalised: a bias is not."""
        return bool(self.l1 or self.l2) and w.rank > 1

    def factors(self, g: Builder, scale: Value | float) -> list[Value | float]:
        """Return the factors of sign w and of w in the gradient, l1 and 2 l2, times `scale`."""
        return [scale * self.l1 if self.l1 else 0.0, scale * (2 * self.l2) if self.l2 else 0.0]

    def gradient(self, body: Builder, w: Value, factors: Sequence[Value | float]) -> Value | None:
        """Return the gradient of the penalty by `w`, scaled; None where it does not apply."""
        if not self.applies(w):
            return None
        parts = []
        if self.l1:
            parts.append(body.op("Mul", body.op("Sign", w), factors[0]))
        if self.l2:
            parts.append(body.op("Mul", w, factors[1]))
        return parts[0] if len(parts) == 1 else body.op("Add", *parts)

    def value(self, body: Builder, weights: Sequence[Value]) -> Value | None:
        """Return the penalty itself, (); None where it applies to no weight."""
        parts = []
        for w in filter(self.applies, weights):
            if self.l1:
                parts.append(body.op("Mul", body.op("ReduceSum", body.op("Abs", w), keepdims=0), self.l1))
            if self.l2:
                parts.append(body.op("Mul", body.op("ReduceSum", body.op("Mul", w, w), keepdims=0), self.l2))
        return body.op("Sum", *parts) if parts else None
