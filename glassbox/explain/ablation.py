"""What does a neuron do? Remove it, and see what becomes of the verdict. The whole network runs again without it.

Meyes, Lu, de Puiseau, Meisen, "Ablation Studies in Artificial Neural Networks", 2019, https://arxiv.org/abs/1901.08644
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.terms.explain import Inside, Tapped
from glassbox.graph.model import Model
from glassbox.graph.patch import with_patches

Array = NDArray[Any]


class Ablation:
    """A model with one input and a switch at each of the `units` of its layer `layer`, whose output is (N, units)."""

    def __init__(self, model: Model, layer: str, provider: str = "cpu") -> None:
        """Raises ValueError for a layer that the model does not have or whose output is not (N, units)."""
        patched, patches = with_patches(model, [layer])
        self._patch = patches[layer]
        self._tapped = Tapped(patched, provider)
        self.layer = layer
        self.output = self._tapped.session.outputs[0]
        shape = self._patch.shape
        if shape is None or len(shape) != 2 or not isinstance(shape[1], int):
            raise ValueError(f"layer {layer!r} gives {shape}, not (N, units)")
        self.units = shape[1]
        (self._input,) = self._tapped.session.inputs

    def run(self, picture: Array, removed: Collection[int] = ()) -> Inside:
        """Return every number inside the model as it reads `picture` (1, ...) without the units `removed`.

        Raises ValueError for a unit that is not there.
        """
        return self._tapped.run({self._input: picture} | self._patch.replaced(0, self._chosen(removed)))

    def each(self, picture: Array, removed: Collection[int] = ()) -> Array:
        """Return the model's outputs (units, labels): row j is what it gives for `picture` (1, ...) when unit j is
        removed as well as those `removed`. One run. Raises ValueError for a unit that is not there.
        """
        chosen = self._chosen(removed) | np.eye(self.units, dtype=bool)
        feeds = {self._input: np.repeat(picture, self.units, axis=0)} | self._patch.replaced(0, chosen)
        run = self._tapped.session.run(feeds, [self.output])
        answer: Array = run.outputs[self.output]
        return answer

    def dispensable(self, picture: Array) -> list[int]:
        """Return the units that can be removed one after another until the verdict on `picture` (1, ...) turns, the one
        that turns it last; all of them where it never does.

        Each time it is the unit without which the verdict keeps the largest lead over the next label: a greedy search,
        so another order may do with fewer units. One run a unit.
        """
        verdict = int(self.run(picture).tensors[self.output][0].argmax())
        removed: list[int] = []
        while len(removed) < self.units:
            outputs = self.each(picture, removed)
            rivals = np.delete(outputs, verdict, axis=1).max(axis=1)
            lead = outputs[:, verdict] - rivals
            lead[removed] = -np.inf
            removed.append(int(lead.argmax()))
            if lead[removed[-1]] < 0:
                break
        return removed

    def survived(self, picture: Array, order: Sequence[int]) -> int:
        """Return how many of the units `order` can be removed one after another before the verdict on `picture`
        (1, ...) turns. One run. Raises ValueError for a unit that is not there."""
        chosen = np.zeros((len(order) + 1, self.units), bool)
        for count in range(1, len(order) + 1):
            chosen[count] = chosen[count - 1] | self._chosen(order[count - 1 : count])
        feeds = {self._input: np.repeat(picture, len(chosen), axis=0)} | self._patch.replaced(0, chosen)
        read = self._tapped.session.run(feeds, [self.output]).outputs[self.output].argmax(axis=1)
        turned = np.flatnonzero(read != read[0])
        return int(turned[0]) - 1 if turned.size else len(order)

    def _chosen(self, removed: Collection[int]) -> NDArray[np.bool_]:
        if unknown := [unit for unit in removed if not 0 <= unit < self.units]:
            raise ValueError(f"layer {self.layer!r} has no unit {unknown[0]}; it has {self.units}, counted from 0")
        chosen = np.zeros(self.units, bool)
        chosen[list(removed)] = True
        return chosen
