"""Messages of the Open Inference Protocol, version 2, as a client writes and reads them: JSON, or the binary extension.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
"""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

BINARY = "binary_tensor_data"
"""The name of the binary extension in a server's metadata."""
HEADER_LENGTH = "Inference-Header-Content-Length"
"""The HTTP header with the bytes of the JSON that stands before the binary tensors."""
DATATYPES: Mapping[str, str] = {
    name: name.upper().replace("FLOAT", "FP")
    for name in [
        "bool",
        *(f"{kind}{bits}" for kind in ("uint", "int") for bits in (8, 16, 32, 64)),
        "float16",
        "float32",
        "float64",
    ]
}
"""NumPy's names of the types, and the protocol's."""
_NUMPY = {datatype: np.dtype(name).newbyteorder("<") for name, datatype in DATATYPES.items()}
_Size = Annotated[int, Meta(ge=0, le=2**40)]


class ServerMetadata(msgspec.Struct, frozen=True):
    """What GET v2 answers."""

    name: str
    version: str = ""
    extensions: tuple[str, ...] = ()


class TensorMetadata(msgspec.Struct, frozen=True):
    """An input or output of a model; a size of -1 is free."""

    name: str
    datatype: str
    shape: tuple[int, ...]


class ModelMetadata(msgspec.Struct, frozen=True):
    """What GET v2/models/NAME answers."""

    name: str
    inputs: tuple[TensorMetadata, ...]
    outputs: tuple[TensorMetadata, ...]
    versions: tuple[str, ...] = ()
    platform: str = ""


class _Parameters(msgspec.Struct, frozen=True):
    binary_data_size: _Size | None = None


class _Output(msgspec.Struct, frozen=True):
    name: str
    shape: tuple[_Size, ...]
    datatype: str
    parameters: _Parameters = _Parameters()
    data: list[Any] | None = None


class _Answer(msgspec.Struct, frozen=True):
    outputs: tuple[_Output, ...]


_answers = msgspec.json.Decoder(_Answer)


def request(feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str], *, binary: bool) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of a request for `outputs` of a model that is given `feeds`, by input name."""
    inputs, contents = [], []
    for name, value in feeds.items():
        tensor: dict[str, Any] = {"name": name, "shape": value.shape, "datatype": DATATYPES[value.dtype.name]}
        if binary:
            contents.append(np.ascontiguousarray(value, _NUMPY[tensor["datatype"]]).tobytes())
            tensor["parameters"] = {"binary_data_size": len(contents[-1])}
        else:
            tensor["data"] = value.ravel().tolist()
        inputs.append(tensor)
    asked = [{"name": name, "parameters": {"binary_data": True}} if binary else {"name": name} for name in outputs]
    head = msgspec.json.encode({"inputs": inputs, "outputs": asked})
    if not binary:
        return head, {"Content-Type": "application/json"}
    return b"".join([head, *contents]), {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(head))}


def answer(body: bytes, header_length: str | None) -> dict[str, NDArray[Any]]:
    """Return the tensors of an answer by name; `header_length`: its header HEADER_LENGTH, None where it has none.

    Raises ValueError for what is no answer of the protocol, or holds another number of values than its shapes say.
    """
    length = len(body)
    if header_length is not None:
        if not header_length.isascii() or not header_length.isdigit() or int(header_length) > len(body):
            raise ValueError("the length of its JSON is not within the answer")
        length = int(header_length)
    try:
        described = _answers.decode(body[:length])
    except RecursionError as error:
        raise ValueError("its JSON is nested too deeply") from error
    found, place = {}, length
    for output in described.outputs:
        dtype, count = _NUMPY.get(output.datatype), math.prod(output.shape)
        if dtype is None:
            raise ValueError(f"its output {output.name} has the type {output.datatype}")
        size = output.parameters.binary_data_size
        if size is not None:
            if size != count * dtype.itemsize or place + size > len(body):
                raise ValueError(f"its output {output.name} has another size than its shape says")
            values = np.frombuffer(body, dtype, count, place)
            place += size
        else:
            values = _from_json(output, dtype, count)
        found[output.name] = values.reshape(output.shape).astype(dtype.newbyteorder("="), copy=False)
    if place != len(body):
        raise ValueError("bytes are left over behind its tensors")
    return found


def _from_json(output: _Output, dtype: np.dtype[Any], count: int) -> NDArray[Any]:
    """Return the values of an output that came as JSON, flat or nested."""
    values = np.asarray(output.data if output.data is not None else [])  # raises ValueError where it is ragged
    kinds = "b" if dtype.kind == "b" else "iu" if dtype.kind in "iu" else "iuf"
    if values.size != count or (count and values.dtype.kind not in kinds):
        raise ValueError(f"the data of its output {output.name} do not fit its shape and type")
    if dtype.kind in "iu" and count and not np.array_equal(values, values.astype(dtype)):
        raise ValueError(f"the data of its output {output.name} do not fit its type")
    return values.ravel().astype(dtype)
