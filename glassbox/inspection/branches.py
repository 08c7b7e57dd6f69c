"""A model on one input with the branches that it takes in the place of each If, so that what is in them can be seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray
from onnx import ModelProto

from glassbox.graph.branches import Path, conditions, is_if, straighten
from glassbox.graph.model import array
from glassbox.graph.submodel import submodel_to
from glassbox.inspection.answer import text
from glassbox.inspection.inputs import digest
from glassbox.inspection.opening import Opened, ran, session

Array = NDArray[Any]


@dataclass(frozen=True)
class Settled:
    """A model with its branches settled: `origins`, for each node of its main graph the path of bodies that it comes
    from and its label there; the paths `taken`; `renamed`, what tensors are called in the file that have another name
    here; `given`, the tensors that an If gives."""

    model: Opened
    origins: Mapping[str, tuple[Path, str]]
    taken: tuple[Path, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    given: frozenset[str] = frozenset()

    def place(self, tensor: str) -> dict[str, Any]:
        """Return as facts where a tensor is that is given by a branch or by an If: the `path` of bodies, the `node`
        there that gives it, and what it is `called` in the file, if that is another name."""
        path, node = self.origins.get(tensor, ((), ""))
        if tensor in self.given:
            return {"node": text(node), "operator": "If"} | ({"path": list(path)} if path else {})
        if not path:
            return {}
        called = {"called": self.renamed[tensor]} if tensor in self.renamed else {}
        return {"path": list(path), "node": text(node), **called}


def settled(model: Opened, fed: Mapping[str, Array]) -> Settled:
    """Return the model as it is on the inputs `fed`, the last of them kept with it. Raises InputError as a run does."""
    if not any(map(is_if, model.proto.graph.node)):
        return Settled(model, {})
    key = digest(fed)
    if model.kept.get("settled", (None, None))[0] != key:
        model.kept["settled"] = key, _settled(model, fed)
    made: Settled = model.kept["settled"][1]
    return made


def _settled(model: Opened, fed: Mapping[str, Array]) -> Settled:
    def decide(proto: ModelProto) -> dict[str, bool]:
        every = conditions(proto.graph)
        held = {weight.name: array(weight) for weight in proto.graph.initializer if weight.name in every} | dict(fed)
        wanted = [name for name in every if name not in held]
        if not wanted:
            return {name: bool(held[name].reshape(-1)[0]) for name in every}
        ready = session(submodel_to(proto, wanted).SerializeToString())
        given = {name: value for name, value in fed.items() if name in ready.inputs}
        found = held | ran(ready, given, wanted)[0]
        return {name: bool(found[name].reshape(-1)[0]) for name in every}

    straight = straighten(model.proto, decide)
    data = straight.model.SerializeToString()
    before = model.kept.get("settled", (None, None))[1]
    made = before.model if before is not None and before.model.data == data else Opened(data)
    origins = {
        name: origin
        for node, origin in zip(straight.model.graph.node, straight.origins, strict=True)
        for name in node.output
        if name
    }
    return Settled(made, origins, tuple(straight.taken), straight.renamed, frozenset(straight.given))
