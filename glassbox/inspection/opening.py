"""A model that is looked into: parsed once, with what all commands need of it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper
from onnx.external_data_helper import uses_external_data

from glassbox.engine.session import Optimised, Session
from glassbox.graph.model import STANDARD, array, constant, constants, read, subgraphs
from glassbox.graph.shapes import Shape, described, shape_of, skeleton
from glassbox.input_error import InputError
from glassbox.inspection.answer import text

KEPT_MODELS = 2
"""Models that a process remembers: as many as can be compared."""


class Opened:
    """A model, parsed. Its `proto` is not to be changed."""

    def __init__(self, data: bytes) -> None:
        """Raises InputError: `not_a_model` for what is no ONNX model or holds names that are no UTF-8, `external_data`
        for weights in other files, `broken_constant` for a Constant that gives no tensor."""
        self.data = data
        self.kept: dict[str, Any] = {}  # what commands keep with the model: sessions of graphs made of it, the last run
        try:
            self.proto: ModelProto = read(data)
        except ValueError as error:
            raise InputError("not_a_model", f"This is not an ONNX model: {text(error)}.", why=text(error)) from None
        if not self._is_text:
            raise InputError("not_a_model", "Names in this file are not valid UTF-8: it is damaged.", why="UTF-8")
        if any(uses_external_data(weight) for weight in self.proto.graph.initializer):
            raise InputError("external_data", "Weights of this model are stored in other files; save it as one file.")
        for node in self.nodes:
            if node.op_type == "Constant" and node.domain in STANDARD:
                _check_constant(node)

    @property
    def _is_text(self) -> bool:
        try:
            return _is_text(self.proto, but="graph") and _is_text(self.skeleton)
        except UnicodeDecodeError:  # where protobuf decodes one at once
            return False

    @cached_property
    def described(self) -> dict[str, ValueInfoProto]:
        """The tensors of the outer graph whose type can be told, by name."""
        return described(self.proto)

    @cached_property
    def session(self) -> Session:
        """The model as it is, optimised and ready to run."""
        return session(self.data)

    def type(self, tensor: str) -> str:
        """Return the type of a tensor's numbers by NumPy's name, "string", or what else it is; "" if unknown."""
        return type_name(self.described[tensor]) if tensor in self.described else ""

    def shape(self, tensor: str) -> Shape | None:
        """Return a tensor's shape as far as it can be told."""
        return shape_of(self.described[tensor].type) if tensor in self.described else None

    @cached_property
    def skeleton(self) -> ModelProto:
        """The model without its large weights."""
        return skeleton(self.proto)

    @cached_property
    def _held(self) -> dict[str, TensorProto]:
        return {weight.name: weight for weight in self.proto.graph.initializer}

    @cached_property
    def _others(self) -> dict[str, NDArray[Any]]:
        graph = self.skeleton.graph
        return constants(GraphProto(node=graph.node, sparse_initializer=graph.sparse_initializer))

    def constant(self, name: str) -> NDArray[Any] | None:
        """Return what the file holds of a tensor: a weight, or what a Constant gives. None where it is neither."""
        return array(self._held[name]) if name in self._held else self._others.get(name)

    def held(self, name: str) -> NDArray[Any]:
        """Return what the file holds of a tensor. Raises InputError `unknown_tensor` where it holds nothing."""
        found = self.constant(name)
        if found is None:
            raise InputError("unknown_tensor", f"The file holds no tensor named {text(name)!r}.", name=text(name))
        return found

    @cached_property
    def weights(self) -> list[str]:
        """The names of the initialisers, as they stand in the file."""
        graph = self.proto.graph
        return [x.name for x in graph.initializer] + [x.values.name for x in graph.sparse_initializer]

    @property
    def nodes(self) -> Iterator[NodeProto]:
        """All nodes, first to last: of the graph, of the bodies of If, Loop and Scan, which come behind the node that
        holds them, and of the model's functions."""
        stack: list[NodeProto] = [*self.proto.graph.node, *(x for f in self.proto.functions for x in f.node)][::-1]
        while stack:
            node = stack.pop()
            yield node
            stack.extend([inner for body in subgraphs(node) for inner in body.node][::-1])

    @cached_property
    def inputs(self) -> list[ValueInfoProto]:
        """The inputs that have to be fed."""
        held = set(self.weights)
        return [value for value in self.proto.graph.input if value.name not in held]


@lru_cache(KEPT_MODELS)
def opened(data: bytes) -> Opened:
    """Return the model of a file's bytes. Raises InputError `not_a_model`."""
    return Opened(data)


def session(data: bytes, optimised: Optimised = "all", arena: bool = False) -> Session:
    """Return the model ready to run. Raises InputError `cannot_load` with ONNX Runtime's reason."""
    try:
        return Session(data, optimised=optimised, arena=arena)
    except ValueError as error:
        why = text(str(error).removeprefix("ONNX Runtime can't load this model: "))
        raise InputError("cannot_load", f"ONNX Runtime can't load this model: {why}", why=why) from None


def ran(
    ready: Session, fed: Mapping[str, NDArray[Any]], names: Sequence[str] | None = None
) -> tuple[dict[str, Any], float]:
    """Return the outputs of a run, or those of `names`, and its seconds. Raises InputError `cannot_run` with the
    reason."""
    try:
        done = ready.run(fed, names)
    except Exception as error:  # the engine raises its own errors, none of them a ValueError
        why = text(str(error))
        raise InputError("cannot_run", f"ONNX Runtime can't run this model on these inputs: {why}", why=why) from None
    return done.outputs, done.seconds


def _is_text(message: Any, but: str = "") -> bool:
    """Return whether all text in a protobuf message, and in those inside it, is UTF-8, but in the field `but`; protobuf
    itself doesn't look."""
    for field, held in message.ListFields():
        values = [held] if isinstance(held, (str, bytes)) or hasattr(held, "ListFields") else held
        if field.type == field.TYPE_STRING and not all(isinstance(value, str) for value in values):
            return False
        if field.message_type is not None and field.name != but and not all(map(_is_text, values)):
            return False
    return True


def _check_constant(node: NodeProto) -> None:
    """Raise InputError `broken_constant` for one that gives no tensor."""
    name = text(node.name or next(iter(node.output), "Constant"))
    try:
        constant(node)
        why = "" if node.output else "it has no output"
    except ValueError as error:
        why = text(str(error))
    if why:
        raise InputError("broken_constant", f"The Constant {name!r} holds no tensor: {why}.", node=name, why=why)


def type_name(value: ValueInfoProto) -> str:
    """Return the type of a value: of a tensor's numbers by NumPy's name, "string", "sequence", "map", "optional"...;
    "" if nothing is known."""
    kind = value.type.WhichOneof("value")
    if kind is None:
        return ""
    if kind != "tensor_type":
        return str(kind.removesuffix("_type"))
    return element_name(value.type.tensor_type.elem_type)


def element_size(kind: int) -> int:
    """Return the bytes of one number of an ONNX element type as NumPy holds it; 0 for an unknown type."""
    try:
        return int(helper.tensor_dtype_to_np_dtype(kind).itemsize)
    except KeyError:
        return 0


def element_name(kind: int) -> str:
    """Return the name of an ONNX element type: NumPy's, else the standard's in small letters."""
    if kind in (TensorProto.UNDEFINED, TensorProto.STRING):
        return "string" if kind else ""
    try:
        return str(helper.tensor_dtype_to_np_dtype(kind).name)
    except KeyError:
        return f"type {kind}"
