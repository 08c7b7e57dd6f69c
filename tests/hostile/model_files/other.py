"""Files that are no ONNX model, or of versions that there are none of."""

import gzip
import io
import pickle
import zipfile
from typing import Any

import numpy as np
from onnx import ModelProto

from tests.hostile.model_files.building import REAL, constant, hostile, model, node, value, within

# Files that are something else.
for _name, _data in {
    "nothing": b"",
    "one byte": b"\x08",
    "zeros": bytes(1000),
    "ones": b"\xff" * 1000,
    "random": np.random.default_rng(0).bytes(100_000),
    "page": b"<!doctype html><script>alert(1)</script>",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "gzip": gzip.compress(REAL),
    "half": REAL[: len(REAL) // 2],
    "all but a byte": REAL[:-1],
    "a length of 2**60": b"\x3a" + b"\xff" * 8 + b"\x0f",
    "groups without end": b"\x3b" * 100_000,
    "nested without end": b"\x3a\x7f" * 60_000,
    "a tensor": bytes(constant("w", [1.0]).SerializeToString()),
}.items():
    hostile(_name, "not_onnx")(lambda data=_data: data)


@hostile("archive", "not_onnx")
def _archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../model.onnx", bytes(10_000_000))
    return file.getvalue()


class _Pickled:
    def __reduce__(self) -> Any:
        return eval, ("__import__('os').abort()",)


@hostile("pickle", "not_onnx")
def _pickle() -> bytes:
    return pickle.dumps(_Pickled())


@hostile("the engine's other format in a model's name", "not_onnx")
def _other_format() -> bytes:
    return b"\x12\x10\0\0ORTM" + bytes(10) + model([node("Relu")]).SerializeToString()


@hostile("no nodes", "not_onnx")
def _no_nodes() -> ModelProto:
    return model([], outputs=[value("x")])


@hostile("21 MB", "model_too_large")
def _large() -> ModelProto:
    made = model([node("Relu")])
    made.doc_string = "x" * (21 << 20)
    return made


@hostile("20 MB of empty nodes", None)
def _empty_nodes() -> bytes:
    return b"\x08\x0a" + within(7, b"\x0a\x00" * 9_000_000)


# Versions.
@hostile("format 0", "unknown_ir")
def _format_0() -> ModelProto:
    made = model([node("Relu")])
    made.ir_version = 0
    return made


@hostile("format 2**62", "unknown_ir")
def _format_large() -> ModelProto:
    made = model([node("Relu")])
    made.ir_version = 2**62
    return made


for _version in (0, -1, 1000):

    @hostile(f"opset {_version}", "unknown_opset")
    def _opset(version: int = _version) -> ModelProto:
        made = model([node("Relu")])
        made.opset_import[0].version = version
        return made


@hostile("no opset")
def _no_opset() -> ModelProto:
    made = model([node("Relu")])
    del made.opset_import[:]
    return made
