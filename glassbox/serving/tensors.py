"""Tensors on the wire, as JSON numbers or as bytes, and as arrays."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from glassbox.serving.protocol import (
    ALL_BINARY,
    BINARY,
    BINARY_SIZE,
    DATATYPES,
    InferRequest,
    InferResponse,
    RequestInput,
    ResponseOutput,
    ServiceError,
)

Array = NDArray[Any]
_NAMES = {name: name.lower().replace("fp", "float") for name in DATATYPES}
DTYPES = {name: np.dtype(numpy).newbyteorder("<") for name, numpy in _NAMES.items()}
"""The type of an array for each datatype of the protocol, which sends the lowest byte first."""
DATATYPE = {np.dtype(numpy): name for name, numpy in _NAMES.items()}
"""The protocol's datatype for each type of an array."""
MOST_NUMBERS = 1_000_000
"""Of an output, as JSON: each takes some fifty bytes until it is sent."""
_SHARED_MEMORY = "shared_memory_region"
_MOST_DEPTH = 8
_requests, _encoder = msgspec.json.Decoder(InferRequest), msgspec.json.Encoder()


@dataclass(frozen=True)
class Asked:
    """A request to infer, read: `arrays` by input; `outputs` that are asked for, all if empty, and of them the
    `binary` ones; None: all of them, or none, as `all_binary` says."""

    arrays: dict[str, Array]
    outputs: Sequence[str]
    binary: Mapping[str, bool]
    all_binary: bool
    id: str | msgspec.UnsetType


def read(body: bytes, header_length: int | None) -> Asked:
    """Return the request in `body`, of which the first `header_length` bytes are JSON, or all.

    Raises ServiceError for what is no request, or where the bytes are fewer or more than it says.
    """
    if header_length is not None and not 0 <= header_length <= len(body):
        raise ServiceError(400, f"the JSON is said to have {header_length} bytes, the body has {len(body)}")
    try:
        request = _requests.decode(body if header_length is None else memoryview(body)[:header_length])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ServiceError(400, f"this is no inference request: {where(error)}") from None
    if _SHARED_MEMORY in request.parameters:
        raise _no_shared_memory()
    arrays: dict[str, Array] = {}
    place = len(body) if header_length is None else header_length
    for one in request.inputs:
        if one.name in arrays:
            raise ServiceError(400, "an input is given twice")
        size = one.parameters.get(BINARY_SIZE)
        if size is None:
            arrays[one.name] = from_json(one)
        elif type(size) is not int or not 0 <= size <= len(body) - place:
            raise ServiceError(400, f"an input is said to have other bytes than the {len(body) - place} that are left")
        else:
            arrays[one.name] = from_bytes(one, memoryview(body)[place : place + size])
            place += size
        if arrays[one.name].dtype.kind == "f" and not np.isfinite(arrays[one.name]).all():
            raise ServiceError(400, "an input has a value that is not finite")
    if place != len(body):
        raise ServiceError(400, f"{len(body) - place} bytes of the body belong to no input")
    if any(_SHARED_MEMORY in output.parameters for output in request.outputs):
        raise _no_shared_memory()
    binary = {one.name: one.parameters[BINARY] is True for one in request.outputs if BINARY in one.parameters}
    outputs = [one.name for one in request.outputs]
    return Asked(arrays, outputs, binary, request.parameters.get(ALL_BINARY) is True, request.id)


def from_bytes(one: RequestInput, data: memoryview) -> Array:
    """Return the tensor `one`, whose elements are `data`; it shares their memory. Raises ServiceError."""
    dtype = _dtype(one)
    if math.prod(one.shape) * dtype.itemsize != len(data):
        raise ServiceError(400, f"an input has {len(data)} bytes, not those of its shape and datatype")
    if one.data is not UNSET:
        raise ServiceError(400, "an input has both data and binary data")
    if one.datatype == "BOOL" and len(data) and np.frombuffer(data, np.uint8).max() > 1:
        raise ServiceError(400, "a BOOL is the byte 0 or 1")
    return np.frombuffer(data, dtype).reshape(one.shape)


def from_json(one: RequestInput) -> Array:
    """Return the tensor `one`, whose elements are numbers in its `data`. Raises ServiceError."""
    dtype = _dtype(one)
    if one.data is UNSET:
        raise ServiceError(400, "an input has neither data nor binary data")
    values = _flat(one.data)
    if len(values) != math.prod(one.shape):
        raise ServiceError(400, f"an input has {len(values)} values, not those of its shape")
    kinds: set[type] = set(map(type, values))
    if not kinds <= ({bool} if one.datatype == "BOOL" else {int, float} if dtype.kind == "f" else {int}):
        raise ServiceError(400, f"an input has a value that is no {one.datatype}")
    try:
        with np.errstate(over="ignore"):
            array = np.array(values, dtype)
    except OverflowError:
        raise ServiceError(400, f"an input has a value that is no {one.datatype}") from None
    return array.reshape(one.shape)


def response(name: str, version: str, asked: Asked, outputs: Mapping[str, Array]) -> tuple[bytes, int | None]:
    """Return the answer's body and, if it has binary tensors, the bytes of it that are JSON.

    Raises ServiceError for a number that JSON can't tell, infinite or none, and for too many of them.
    """
    parts: list[bytes] = [b""]
    records = []
    for output, array in outputs.items():
        datatype = DATATYPE[array.dtype]
        record = ResponseOutput(name=output, datatype=datatype, shape=list(array.shape))
        if asked.binary.get(output, asked.all_binary):
            data = np.ascontiguousarray(array, DTYPES[datatype]).tobytes()
            parts.append(data)
            record.parameters = {BINARY_SIZE: len(data)}
        elif array.size > MOST_NUMBERS:
            raise ServiceError(400, f"as JSON the model gives at most {MOST_NUMBERS} numbers: ask for binary data")
        elif array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ServiceError(400, "the model gives a number that is not finite: ask for binary data")
        else:
            record.data = array.ravel().tolist()
        records.append(record)
    parts[0] = _encoder.encode(InferResponse(model_name=name, model_version=version, outputs=records, id=asked.id))
    return b"".join(parts), len(parts[0]) if len(parts) > 1 else None


def _dtype(one: RequestInput) -> np.dtype[Any]:
    if _SHARED_MEMORY in one.parameters:
        raise _no_shared_memory()
    if one.datatype not in DTYPES:
        raise ServiceError(400, f"an input has a datatype that is none of {', '.join(DTYPES)}")
    return DTYPES[one.datatype]


def _flat(values: list[Any]) -> list[Any]:
    """Return the elements of nested lists, row by row. Raises ServiceError where they are uneven or too deep."""
    for _ in range(_MOST_DEPTH):
        if not values or type(values[0]) is not list:
            return values
        if any(type(row) is not list or len(row) != len(values[0]) for row in values):
            raise ServiceError(400, "an input's data has rows of different lengths")
        values = [value for row in values for value in row]
    raise ServiceError(400, "an input's data is nested too deep")


def _no_shared_memory() -> ServiceError:
    return ServiceError(400, "shared memory is not served here: send the data itself")


def where(error: Exception) -> str:
    """Return what msgspec says of a message, which names types and places of the schema and no value."""
    return str(error) if isinstance(error, msgspec.ValidationError) else "it is no JSON"
