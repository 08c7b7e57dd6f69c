"""What the hostile files are made of; each is entered in MADE with the code that it is refused with.

A code of None: what comes of it is up to the engine, as it may well answer; no harm is done all the same.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from onnx import (
    FunctionProto,
    GraphProto,
    ModelProto,
    NodeProto,
    StringStringEntryProto,
    TensorProto,
    ValueInfoProto,
    helper,
    numpy_helper,
)

from glassbox.paths import MODELS

SECRET = np.frombuffer(b"SECRETsecretSECRETsecret", np.float32)
"""What the files hold that no answer may contain."""
Maker = Callable[[], bytes]
MADE: dict[str, tuple[Maker, str | None]] = {}
"""The makers of the files, by name, each with the code."""
FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64
REAL = (MODELS / "cnn" / "1" / "model.onnx").read_bytes()


def hostile(name: str, code: str | None = None) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Enter what a function makes, bytes or a model, among the files."""

    def enter(make: Callable[[], Any]) -> Callable[[], Any]:
        def data() -> bytes:
            made = make()
            return made if isinstance(made, bytes) else bytes(made.SerializeToString())

        assert name not in MADE
        MADE[name] = data, code
        return make

    return enter


def value(name: str, shape: Sequence[Any] | None = (1,), kind: int = FLOAT) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def constant(name: str, values: Any) -> TensorProto:
    return numpy_helper.from_array(np.asarray(values), name)


def model(
    nodes: Sequence[NodeProto],
    weights: Sequence[TensorProto] = (),
    inputs: Sequence[Any] = (),
    outputs: Sequence[Any] | None = None,
    **fields: Any,
) -> ModelProto:
    """A model whose last node's first output is the output, of any type, unless `outputs` says otherwise."""
    outputs = [ValueInfoProto(name=nodes[-1].output[0])] if outputs is None else outputs
    graph = helper.make_graph(nodes, "g", inputs or [value("x")], outputs, weights)
    versions = {"": 21, "ai.onnx.ml": 3, "com.microsoft": 1, "my": 1}
    made = helper.make_model(
        graph, opset_imports=[helper.make_opsetid(*one) for one in versions.items()], ir_version=10
    )
    for name, given in fields.items():
        getattr(made, name).extend(given)
    return made


def node(operator: str, inputs: str = "x", outputs: str = "y", **attributes: Any) -> NodeProto:
    return helper.make_node(operator, inputs.split(), outputs.split(), **attributes)


def external(location: str, name: str = "w", marked: bool = True) -> TensorProto:
    """A tensor of as many numbers as SECRET has, in the file `location`."""
    tensor = TensorProto(name=name, data_type=FLOAT, dims=[6])
    tensor.data_location = TensorProto.EXTERNAL if marked else TensorProto.DEFAULT
    for key, text in (("location", location), ("offset", "0"), ("length", "24")):
        tensor.external_data.append(StringStringEntryProto(key=key, value=text))
    return tensor


def branch(nodes: Sequence[NodeProto], weights: Sequence[TensorProto] = (), output: str = "b") -> GraphProto:
    return helper.make_graph(nodes, "b", [], [value(output, None)], weights)


def function(nodes: Sequence[NodeProto], name: str = "F", domain: str = "my") -> FunctionProto:
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("my", 1)]
    return helper.make_function(domain, name, ["x"], ["y"], nodes, opsets)


def call(name: str = "F", inputs: str = "x", outputs: str = "y", domain: str = "my") -> NodeProto:
    return node(name, inputs, outputs, domain=domain)


def loop(count: Any, nodes: Sequence[NodeProto], *more: TensorProto) -> ModelProto:
    """A loop whose condition `c` stays true, over a state `s`."""
    ends = [value("c", (), TensorProto.BOOL), value("t", None)]
    starts = [value("i", (), INT), value("c", (), TensorProto.BOOL), value("s", None)]
    body = helper.make_graph(nodes, "b", starts, ends)
    limits = [] if count is None else [constant("m", count)]
    made = helper.make_node("Loop", ["m" if limits else "", "c0", "x"], ["y"], body=body)
    return model([made], [constant("c0", True), *limits, *more])


def within(field: int, data: bytes) -> bytes:
    """A message in the `field` of another, as protobuf writes it."""
    length, left = b"", len(data)
    while left > 127:
        length += bytes([left & 127 | 128])
        left >>= 7
    return bytes([field << 3 | 2]) + length + bytes([left]) + data
