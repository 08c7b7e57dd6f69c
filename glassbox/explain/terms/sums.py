"""How a number came about, as rules write it down: terms as columns, a bias, the sum, what a function made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from glassbox.explain.terms.cells import NOTHING, Addresses, Array, Cell, Cells


class UnknownOperator(ValueError):
    """No rule explains this operator: `operator` and `node` name it."""

    def __init__(self, operator: str, node: str, why: str = "is not among those that can be explained") -> None:
        super().__init__(f"operator {operator} of node {node!r} {why}")
        self.operator, self.node = operator, node


@dataclass(frozen=True, slots=True)
class Columns:
    """Terms as arrays (K,): where each value comes from, the value, its weight, where that comes from, the product."""

    sources: Addresses
    values: Array
    weights: Array
    weight_sources: Addresses
    products: Array

    @classmethod
    def of(cls, sources: Addresses, values: ArrayLike, weights: ArrayLike, weight_sources: ArrayLike = NOTHING) -> Self:
        """Return terms of any shape, flattened; weights and their sources are broadcast to the values."""
        shape = sources.shape
        numbers: Array = np.broadcast_to(np.asarray(values, np.float64), shape).reshape(-1)
        factors: Array = np.broadcast_to(np.asarray(weights, np.float64), shape).reshape(-1)
        places: Addresses = np.broadcast_to(np.asarray(weight_sources, np.int64), shape).reshape(-1)
        return cls(sources.reshape(-1), numbers, factors, places, numbers * factors)

    def where_known(self) -> "Columns":
        """Return the columns without the terms that come from no cell."""
        known = self.sources != NOTHING
        if known.all():
            return self
        columns = (self.sources, self.values, self.weights, self.weight_sources, self.products)
        return Columns(*(column[known] for column in columns))

    @classmethod
    def join(cls, parts: Sequence["Columns"]) -> "Columns":
        """Return the terms of all parts, in order."""
        if not parts:
            return cls.of(np.empty(0, np.int64), (), ())
        if len(parts) == 1:
            return parts[0]
        names = ("sources", "values", "weights", "weight_sources", "products")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True, slots=True)
class Sum:
    """What a rule answers: `before` is the products' sum plus `bias`, `after` what the function made of it.

    `kind` says how to read it (see Explanation.kind), `operators` who worked on it, innermost first.
    """

    kind: str
    operators: tuple[str, ...]
    columns: Columns
    bias: float
    before: float
    after: float
    gates: tuple[Cell, ...] = ()

    @classmethod
    def total(cls, operator: str, parts: Sequence[Columns], bias: float = 0.0, kind: str = "sum") -> Self:
        """Return a plain sum, without a function over it. Padded zeros come from no cell: they are no terms."""
        columns = Columns.join(parts).where_known()
        alone = len(columns.products) == 1 and not bias  # then -0 stays -0, whose reciprocal is another infinity
        before = float(columns.products[0] if alone else columns.products.sum() + bias)
        return cls(kind, (operator,), columns, bias, before, before)


def term(
    cells: Cells, tensor: str, selection: Any, weights: ArrayLike = 1.0, weight_sources: ArrayLike = NOTHING
) -> Columns:
    """Return the cells `tensor[selection]`, each times its weight."""
    return Columns.of(cells.addresses(tensor, selection), cells.values(tensor, selection), weights, weight_sources)


def product(cells: Cells, tensor: str, selection: Any, weight: str, partners: Any, scale: float = 1.0) -> Columns:
    """Return the cells `tensor[selection]`, each times `scale` times its partner in `weight[partners]`."""
    weights = scale * cells.values(weight, partners)
    return term(cells, tensor, selection, weights, cells.addresses(weight, partners))
