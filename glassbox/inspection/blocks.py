"""Blocks: the nodes of a large graph in groups, by the scopes that their names write down and by repetition.

A block is a run of nodes that stand one after another in topological order, so that a graph whose blocks are drawn as
one node each has no circle.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LONGEST_PERIOD = 256
"""Nodes, or blocks, that a repeated pattern may have."""


@dataclass(frozen=True)
class Block:
    """The nodes from `first` to `last`. `name` is the scope's, "" for a repeated pattern; `parent` is the block around
    it, None at the top; blocks of one `alike` hold the same operators in the same order."""

    name: str
    first: int
    last: int
    parent: int | None
    alike: int


@dataclass(frozen=True)
class _Item:
    """A node or a scope's run of nodes, on one level."""

    name: str
    first: int
    last: int


def blocks(scopes: Sequence[tuple[str, ...]], kinds: Sequence[Hashable]) -> list[Block]:
    """Return the blocks of nodes of which `scopes` gives the names of the scopes around each, outermost first, and
    `kinds` what makes two nodes alike. A block stands behind the one around it."""
    numbers = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
    found: list[Block] = []
    likes: dict[tuple[int, ...], int] = {}
    codes = tuple(numbers[kind] for kind in kinds)

    def add(name: str, first: int, last: int, parent: int | None) -> int:
        alike = likes.setdefault(codes[first : last + 1], len(likes))
        found.append(Block(name, first, last, parent, alike))
        return len(found) - 1

    stack: list[tuple[int, int, int, int | None]] = [(0, len(codes) - 1, 0, None)] if codes else []
    while stack:
        first, last, depth, parent = stack.pop()
        items = _level(scopes, first, last, depth)
        while len(items) == 1 and items[0].last > items[0].first:  # the only scope inside another adds nothing
            depth += 1
            items = _level(scopes, first, last, depth)
        for group in _repeated(items, codes):
            around = parent
            if len(group) > 1:
                around = add("", group[0].first, group[-1].last, parent)
            for item in group:
                if item.last > item.first:
                    stack.append((item.first, item.last, depth + 1, add(item.name, item.first, item.last, around)))
    return found


def scope(name: str, separator: str) -> tuple[str, ...]:
    """Return the scopes that a node's name writes down: "/encoder/layer.0/MatMul" is in encoder and in layer.0."""
    return tuple(filter(None, name.split(separator)[:-1]))


def _level(scopes: Sequence[tuple[str, ...]], first: int, last: int, depth: int) -> list[_Item]:
    """Return the runs of nodes that share a scope at `depth`, and the nodes alone that have none."""
    items: list[_Item] = []
    key: tuple[str, ...] | None = None
    for place in range(first, last + 1):
        inner = scopes[place][: depth + 1]
        own = inner if len(inner) > depth else None
        if own is not None and own == key:
            items[-1] = _Item(items[-1].name, items[-1].first, place)
        else:
            items.append(_Item("/".join(own or ()), place, place))
        key = own
    return items


def _repeated(items: Sequence[_Item], codes: Sequence[int]) -> list[list[_Item]]:
    """Return the items in groups: those of a pattern that is repeated at once, and the others alone."""
    seen: dict[tuple[int, ...], int] = {}
    keys = [tuple(codes[item.first : item.last + 1]) for item in items]
    row = np.array([seen.setdefault(key, len(seen)) for key in keys])
    covered, periods = _covered(row)
    groups: list[list[_Item]] = []
    place = 0
    while place < len(items):
        period, end = int(periods[place]), place + int(covered[place])
        if end == place:
            period, end = 1, place + 1
        groups += [list(items[at : at + period]) for at in range(place, end, period)]
        place = end
    return groups


def _covered(row: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each place how many items the pattern covers, with all its repetitions at once, that covers most from
    there on, and its period: the shortest of several, so that a pattern of one item, repeated, is no longer one."""
    most, periods = np.zeros(len(row), np.int64), np.ones(len(row), np.int64)
    for period in range(1, min(LONGEST_PERIOD, len(row) // 2) + 1):
        ends = np.flatnonzero(row[:-period] != row[period:])
        ends = np.append(ends, len(row) - period)
        places = np.arange(len(row) - period)
        run = ends[np.searchsorted(ends, places)] - places  # items that are those of one period later
        covered = np.where(run >= period, (run // period + 1) * period, 0)
        better = covered > most[: len(places)]
        most[: len(places)][better] = covered[better]
        periods[: len(places)][better] = period
    return most, periods
