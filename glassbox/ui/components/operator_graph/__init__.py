"""A model's graph of operators: laid out in layers, its blocks opened and closed, searched, coloured by measures.

The whole graph is sent once; opening, searching, colouring and moving about happen in the browser. A node or a
tensor that is clicked is told to the page.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from glassbox.ui.base import payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

_component = register(__file__)
_WORDS = (
    "search",
    "found",
    "nothing",
    "colour",
    "zoom",
    "smaller",
    "larger",
    "whole",
    "open_all",
    "close_all",
    "keys",
    "unmeasured",
    "operators",
    "input",
    "output",
    "first_mark",
    "open",
    "close",
    "enter",
    "way",
    "main",
)
Mark = Literal["bad", "first"]
NOTHING = -1


@dataclass(frozen=True)
class GraphNode:
    """A node: an operator, an input or an output of the graph (`operator` is "" then).

    `shape`: what it gives, in words; `bodies`: the graphs inside it, by their places in the figure.
    """

    kind: Literal["input", "operator", "output"]
    name: str
    shape: str
    operator: str = ""
    bodies: tuple[int, ...] = ()


@dataclass(frozen=True)
class DrawnGraph:
    """One graph: its nodes in topological order, its tensors (name, shape in words), and its edges: (source, target,
    tensor), places among nodes and tensors. `groups`: its blocks, an outer one before those in it: (name, first node,
    last node, the block around it, a number that blocks of the same operators share). `parent`: the graph that its node
    is in; NOTHING for none."""

    title: str
    nodes: Sequence[GraphNode]
    tensors: Sequence[tuple[str, str]]
    edges: Sequence[tuple[int, int, int]]
    groups: Sequence[tuple[str, int, int, int, int]] = ()
    parent: int = NOTHING


@dataclass(frozen=True)
class Measure:
    """What nodes are coloured by: its words, the `values` of each graph's nodes, None where nobody knows.

    `largest`: a block has the largest of its nodes' values, not their sum.
    """

    label: str
    values: Sequence[Sequence[float | None]]
    unit: Literal["", "seconds", "bytes"] = ""
    largest: bool = False


@dataclass(frozen=True)
class Place:
    """A node of a graph and, where an edge was clicked, a tensor: places in the figure; NOTHING for none."""

    graph: int
    node: int
    tensor: int = NOTHING


@dataclass(frozen=True)
class Figure:
    """What is drawn. `version` tells it from any other; `marks`: nodes that stand out, "first" more than "bad"."""

    version: str
    graphs: Sequence[DrawnGraph]
    measures: Mapping[str, Measure]
    marks: Mapping[tuple[int, int], Mark]
    mark_words: Mapping[Mark, str]
    first_words: str = ""


class _Picked(msgspec.Struct):
    graph: payload.Index
    node: payload.Index
    tensor: int


class _Measured(msgspec.Struct):
    measure: str


def operator_graph(
    figure: Figure,
    *,
    measure: str,
    asked: tuple[int, Place] | None,
    on_picked: Callable[[Place], None],
    on_measured: Callable[[str], None],
    key: str = "operator_graph",
) -> None:
    """Draw `figure`, coloured at first by `measure` (a key of its measures).

    `asked`: a place to go to, and a number that changes with every such wish. `on_picked` gets the place that is
    clicked, `on_measured` the measure that is chosen.
    """

    def picked() -> None:
        place = picked_place(payload.sent(key, "picked"), figure)
        if place is not None:
            on_picked(place)

    def measured() -> None:
        chosen = payload.parse(payload.sent(key, "measured"), _Measured)
        if chosen is not None and chosen.measure in figure.measures:
            on_measured(chosen.measure)

    _component(
        key=key,
        data=_data(figure, measure, asked),
        on_picked_change=picked,
        on_measured_change=measured,
    )


def picked_place(sent: object, figure: Figure) -> Place | None:
    """Return the place that a browser says was clicked; None if `figure` has none such."""
    place = payload.parse(sent, _Picked)
    if place is None or place.graph >= len(figure.graphs):
        return None
    graph = figure.graphs[place.graph]
    is_there = place.node < len(graph.nodes) and NOTHING <= place.tensor < len(graph.tensors)
    return Place(place.graph, place.node, place.tensor) if is_there else None


def _data(figure: Figure, measure: str, asked: tuple[int, Place] | None) -> dict[str, Any]:
    words: dict[str, Any] = {name: t(f"components.operator_graph.{name}") for name in _WORDS}
    words["marks"] = dict(figure.mark_words)
    if figure.first_words:
        words["first_mark"] = figure.first_words
    return {
        "version": figure.version,
        "graphs": [_graph(graph) for graph in figure.graphs],
        "measures": {name: vars(one) for name, one in figure.measures.items()},
        "measure": measure,
        "marks": [[graph, node, mark] for (graph, node), mark in figure.marks.items()],
        "asked": None if asked is None else {"number": asked[0], "graph": asked[1].graph, "node": asked[1].node},
        "words": words,
    }


def _graph(graph: DrawnGraph) -> dict[str, Any]:
    return {
        "title": graph.title,
        "parent": graph.parent,
        "nodes": [vars(node) for node in graph.nodes],
        "tensors": [{"name": name, "shape": shape} for name, shape in graph.tensors],
        "edges": [list(edge) for edge in graph.edges],
        "groups": [list(group) for group in graph.groups],
    }
