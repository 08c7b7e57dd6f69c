"""Which tensor of one model is which of another: by name, else by the place among tensors that are matched by name."""

from collections.abc import Hashable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from numpy.typing import NDArray

MOST_ALIGNED = 2_000
"""Tensors between two matched ones that are aligned; of more, the first so many."""

Tensor = tuple[str, NDArray[Any]]
"""The operator that makes a tensor, and its values."""


def matched(first: Mapping[str, Tensor], second: Mapping[str, Tensor]) -> list[tuple[str, str, str]]:
    """Return pairs of tensors and how they were matched, "name" or "topology", in the order of the first model.

    Both models' tensors are in topological order. A pair has one shape and holds floats, or whole numbers, on both
    sides. Between two pairs of one name the others are aligned by operator and shape.
    """
    named = [name for name in first if name in second and _alike(first[name][1], second[name][1])]
    pairs = {name: (name, "name") for name in named}
    places, others = list(first), list(second)
    start = other_start = 0
    for anchor in [*_increasing(named, {name: place for place, name in enumerate(others)}), None]:
        end = len(places) if anchor is None else places.index(anchor, start)
        other_end = len(others) if anchor is None else others.index(anchor, other_start)
        here = [name for name in places[start:end] if name not in pairs][:MOST_ALIGNED]
        there = [name for name in others[other_start:other_end] if name not in pairs][:MOST_ALIGNED]
        pairs |= {name: (twin, "topology") for name, twin in _aligned(here, there, first, second)}
        start, other_start = end + 1, other_end + 1
    return [(name, *pairs[name]) for name in first if name in pairs]


def _aligned(
    here: Sequence[str], there: Sequence[str], first: Mapping[str, Tensor], second: Mapping[str, Tensor]
) -> list[tuple[str, str]]:
    keys, other_keys = [_key(first[name]) for name in here], [_key(second[name]) for name in there]
    blocks = SequenceMatcher(None, keys, other_keys, autojunk=False).get_matching_blocks()
    return [(here[a + step], there[b + step]) for a, b, size in blocks for step in range(size)]


def _key(tensor: Tensor) -> Hashable:
    kind, value = tensor
    return kind, value.shape, _numbers(value)


def _alike(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return one.shape == other.shape and _numbers(one) == _numbers(other)


def _numbers(value: NDArray[Any]) -> str:
    """Return what a tensor holds: "whole" numbers or "floats", of which ONNX's small types are those of kind V or f."""
    return "whole" if value.dtype.kind in "iub" else "floats"


def _increasing(names: Sequence[str], place: Mapping[str, int]) -> list[str]:
    """Return names, in order, that stand in the same order in the other model: each behind all before it."""
    kept, last = [], -1
    for name in names:
        if place[name] > last:
            kept.append(name)
            last = place[name]
    return kept
