"""The figure of a model: what Read found and a run measured, as graphs to draw; and where each tensor is in it."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glassbox.ui.base.i18n import t
from glassbox.ui.components.operator_graph import NOTHING, DrawnGraph, Figure, GraphNode, Mark, Measure, Place
from glassbox.ui.frame.model_graph import shape_text

Facts = Mapping[str, Any]
COUNTED = {"multiply_adds": "", "parameters": "", "bytes": "bytes"}
"""What Read counts of each operator, with the unit that the figure writes it in."""


@dataclass(frozen=True)
class Level:
    """One graph of the file: the main one, a body or a function.

    `makers`: each tensor's node in the figure, whose `operators` stand behind its `inputs`, among them what a body
    reads from outside; `folded`: what is given by operators that are not drawn, as they compute constants.
    """

    facts: Facts
    drawn: DrawnGraph
    inputs: Sequence[str]
    operators: Sequence[Facts]
    makers: Mapping[str, int]
    folded: frozenset[str]
    path: tuple[str, ...] = ()

    def operator(self, node: int) -> Facts | None:
        """Return the operator at a node of the figure; None for an input or an output."""
        place = node - len(self.inputs)
        return self.operators[place] if 0 <= place < len(self.operators) else None

    def tensors(self, node: int) -> list[str]:
        """Return what a node gives; of an output what it takes."""
        operator = self.operator(node)
        return [self.drawn.nodes[node].name] if operator is None else [name for name in operator["outputs"] if name]


@dataclass(frozen=True)
class Levels:
    """All graphs of a file, the main one first."""

    graphs: Sequence[Level]

    def name(self, place: Place) -> str:
        """Return the tensor of a place, as the link says it: of a node what it gives first."""
        level = self.graphs[place.graph]
        if place.tensor == NOTHING:
            tensor = next(iter(level.tensors(place.node)), "")
        else:
            tensor = level.drawn.tensors[place.tensor][0]
        return f"{place.graph}:{tensor}" if place.graph else tensor

    def rows(self, graph: int, run: Facts | None) -> dict[str, Facts]:
        """Return what a run found of the tensors of a graph and of those around it, by their names in the file."""
        path, found = self.graphs[graph].path, dict[str, Facts]()
        if run is None or (path and list(path) not in run["taken"]):
            return found
        for row in sorted(run["tensors"], key=lambda row: len(row.get("path", ()))):
            if path[: len(row.get("path", ()))] == tuple(row.get("path", ())):
                found[row.get("called", row["tensor"])] = row
        return found

    def called(self, row: Facts) -> str:
        """Return the tensor of a run's row as the link says it."""
        path, name = tuple(row.get("path", ())), row.get("called", row["tensor"])
        place = next((place for place, level in enumerate(self.graphs) if level.path == path), 0) if path else 0
        return f"{place}:{name}" if place else name

    def place(self, name: str) -> Place | None:
        """Return the node that gives the tensor that `name` named; None if there is none."""
        number, _, rest = name.partition(":")
        inner = int(number) if number.isdecimal() and number.isascii() and len(number) < 5 else NOTHING
        for graph, tensor in ((0, name), (inner, rest)):
            if 0 <= graph < len(self.graphs) and tensor in self.graphs[graph].makers:
                return Place(graph, self.graphs[graph].makers[tensor])
        return None


def levels(graphs: Sequence[Facts], constants: bool = False) -> Levels:
    """Return the graphs that Read found, to draw; `constants`: with the operators that compute nothing else."""
    return Levels([_level(graphs, place, constants) for place in range(len(graphs))])


def _level(graphs: Sequence[Facts], at: int, constants: bool) -> Level:
    facts = graphs[at]
    kept = list(range(len(facts["nodes"]))) if constants else _changing(graphs, at)
    operators = [facts["nodes"][place] for place in kept]
    known = facts.get("tensors") or {}
    inputs = [*facts["inputs"], *([] if at == 0 else captured(graphs, at))]
    nodes = [GraphNode("input", name, _shape(known, name)) for name in inputs]
    makers = {name: place for place, name in enumerate(inputs)}
    names: dict[str, int] = {}
    edges: list[tuple[int, int, int]] = []
    for place, operator in enumerate(operators, len(inputs)):
        makers |= {tensor: place for tensor in operator["outputs"] if tensor and tensor not in makers}

    def read(tensor: str, target: int) -> None:
        if tensor in makers:
            edges.append((makers[tensor], target, names.setdefault(tensor, len(names))))

    for operator in operators:
        bodies = [] if operator["function"] is None else [operator["function"]]
        bodies += operator["bodies"]
        inner = [name for body in operator["bodies"] for name in captured(graphs, body)]
        for tensor in dict.fromkeys([*operator["inputs"], *inner]):
            read(tensor, len(nodes))
        first = next(filter(None, operator["outputs"]), "")
        nodes.append(GraphNode("operator", operator["name"], _shape(known, first), operator["operator"], tuple(bodies)))
    for name in facts["outputs"]:
        read(name, len(nodes))
        nodes.append(GraphNode("output", name, _shape(known, name)))
    groups = _groups(facts["blocks"], kept, len(inputs))
    tensors = [(name, _shape(known, name)) for name in names]
    drawn = DrawnGraph(_title(graphs, at), nodes, tensors, edges, groups, _parent(facts))
    folded = {name for operator in facts["nodes"] for name in operator["outputs"]} - makers.keys()
    return Level(facts, drawn, inputs, operators, makers, frozenset(folded), _path(graphs, at))


def _path(graphs: Sequence[Facts], at: int) -> tuple[str, ...]:
    facts = graphs[at]
    if facts["kind"] == "main":
        return ()
    if facts["kind"] == "function" or not facts["holder"]:
        return (f"function:{at}",)  # which no run tells
    graph, node = facts["holder"]
    return (*_path(graphs, graph), f"{graphs[graph]['nodes'][node]['name']}:{facts['name']}")


def _changing(graphs: Sequence[Facts], at: int) -> list[int]:
    """Return the operators of a graph that its inputs change, or what it reads from outside, or chance; all of them, if
    that is none."""
    facts = graphs[at]
    changing = {*facts["inputs"], *([] if at == 0 else captured(graphs, at))}
    found = []
    for place, operator in enumerate(facts["nodes"]):
        inner = [name for body in operator["bodies"] for name in captured(graphs, body)]
        if changing.intersection([*operator["inputs"], *inner]) or operator["operator"].startswith("Random"):
            changing.update(filter(None, operator["outputs"]))
            found.append(place)
    return found or list(range(len(facts["nodes"])))


def _groups(blocks: Sequence[Facts], kept: Sequence[int], shift: int) -> list[tuple[str, int, int, int, int]]:
    """Return the blocks of the operators that are drawn, `kept` in ascending order, by their places behind `shift`
    inputs; those that hold less than two of them fall away."""
    places: dict[int, int] = {}
    found: list[tuple[str, int, int, int, int]] = []
    for number, one in enumerate(blocks):
        first, last = bisect_left(kept, one["first"]), bisect_right(kept, one["last"]) - 1
        parent = NOTHING if one["parent"] is None else places[one["parent"]]
        if last <= first:
            places[number] = parent
            continue
        places[number] = len(found)
        found.append((one["name"], shift + first, shift + last, parent, one["alike"]))
    return found


def captured(graphs: Sequence[Facts], at: int) -> list[str]:
    """Return the tensors that a body, or one in it, reads from the graphs around it."""
    facts = graphs[at]
    own = {name for operator in facts["nodes"] for name in (*operator["outputs"], *operator["constants"])}
    own |= {"", *facts["inputs"]}
    reads = [name for operator in facts["nodes"] for name in operator["inputs"]] + list(facts["outputs"])
    reads += [name for operator in facts["nodes"] for body in operator["bodies"] for name in captured(graphs, body)]
    return [name for name in dict.fromkeys(reads) if name not in own]


def _title(graphs: Sequence[Facts], at: int) -> str:
    facts = graphs[at]
    if not facts["holder"]:
        return str(facts["name"])
    graph, node = facts["holder"]
    return f"{graphs[graph]['nodes'][node]['operator']} · {facts['name']}"


def _parent(facts: Facts) -> int:
    return int(facts["holder"][0]) if facts["holder"] else NOTHING if facts["kind"] == "main" else 0


def _shape(tensors: Mapping[str, Facts], name: str) -> str:
    known = tensors.get(name)
    return "" if known is None or known["shape"] is None else shape_text(tuple(known["shape"]))


def figure(found: Levels, version: str, run: Facts | None, compared: Facts | None = None) -> Figure:
    """Return what is drawn of a model.

    `version` tells it from others; `run`: what a run found of its tensors; `compared`: how a second model differs,
    which then is what stands out.
    """
    rows = [found.rows(place, run) for place in range(len(found.graphs))]
    measures = {
        name: Measure(t(f"own_model.measure.{name}"), [_counted(level, name) for level in found.graphs], unit)  # type: ignore[arg-type]
        for name, unit in COUNTED.items()
    }
    if run and run.get("times"):
        seconds = [list(_seconds(level, _times(level, run))) for level in found.graphs]
        measures["time"] = Measure(t("own_model.measure.time"), seconds, "seconds")
    if rows[0]:
        spans = [
            [_span(rows[place], level.tensors(node)) for node in range(len(level.drawn.nodes))]
            for place, level in enumerate(found.graphs)
        ]
        measures["range"] = Measure(t("own_model.measure.range"), spans, largest=True)
    if compared:
        shares = [list(_differences(level, compared)) for level in found.graphs]
        measures = {"difference": Measure(t("own_model.measure.difference"), shares, largest=True), **measures}
    differs = "differ_" if compared else ""
    return Figure(
        version=version,
        graphs=[level.drawn for level in found.graphs],
        measures=measures,
        marks=differing_nodes(found, compared) if compared else bad_nodes(found, run),
        mark_words={"first": t(f"own_model.bad.{differs}first"), "bad": t(f"own_model.bad.{differs}bad")},
        first_words=t(f"own_model.bad.{differs}go"),
    )


def _counted(level: Level, measure: str) -> list[float | None]:
    operators = (level.operator(node) for node in range(len(level.drawn.nodes)))
    return [None if operator is None else operator[measure] for operator in operators]


def _times(level: Level, run: Facts) -> Mapping[str, float]:
    """Return the seconds of a graph's operators, by their names."""
    if not level.path:
        times: Mapping[str, float] = run["times"]
        return times
    return {label: seconds for path, label, seconds in run["inner_times"] if tuple(path) == level.path}


def _seconds(level: Level, times: Mapping[str, float]) -> Iterator[float | None]:
    for node in range(len(level.drawn.nodes)):
        operator = level.operator(node)
        yield None if operator is None else times.get(operator["name"])


def _span(rows: Mapping[str, Facts], tensors: Sequence[str]) -> float | None:
    """Return the largest size of a finite number in `tensors`."""
    ends = [rows[name].get(end) for name in tensors if name in rows for end in ("least", "largest")]
    return max((abs(end) for end in ends if end is not None and math.isfinite(end)), default=None)


def bad_nodes(found: Levels, run: Facts | None) -> dict[tuple[int, int], Mark]:
    """Return the nodes that give NaN or infinities, the first one marked as such."""
    if run is None:
        return {}
    marks: dict[tuple[int, int], Mark] = {}
    for row in run["tensors"]:
        place = found.place(found.called(row)) if row.get("nan") or row.get("infinite") else None
        if place is not None:
            first = row["tensor"] == run["first_bad"]
            marks[place.graph, place.node] = "first" if first else marks.get((place.graph, place.node), "bad")
    return marks


def differing_nodes(found: Levels, compared: Facts) -> dict[tuple[int, int], Mark]:
    """Return the nodes whose tensors differ from the second model's, the first one marked as such."""
    marks: dict[tuple[int, int], Mark] = {}
    for row in reversed([row for row in compared["tensors"] if row["exceeds"]]):
        place = found.place(found.called(row))
        if place is not None:
            marks[place.graph, place.node] = "first" if row["tensor"] == compared["first"] else "bad"
    return marks


def _differences(level: Level, compared: Facts) -> Iterator[float | None]:
    """Return the largest relative difference of the tensors that each node of a graph gives."""
    rows = [row for row in compared["tensors"] if tuple(row.get("path", ())) == level.path]
    differing = {row.get("called", row["tensor"]): row["relative"] for row in rows}
    for node in range(len(level.drawn.nodes)):
        known = [differing[name] for name in level.tensors(node) if name in differing]
        yield max((share for share in known if share is not None), default=None)
