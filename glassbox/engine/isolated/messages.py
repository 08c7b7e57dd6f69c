"""What goes between the sandbox and its child: JSON with the sizes of the arrays, then their bytes. No pickle.

A message is the length of its head in four bytes, the head, and the bytes of what the head names. Whoever reads it
holds the head to its form and the sizes to their bounds before memory is taken for them: a child may forge anything.
"""

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Protocol, TypeVar

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

MOST_HEAD = 4 << 20
"""Bytes of JSON in a message."""
MOST_PARTS = 300_000
"""Values in that JSON: each takes some 60 bytes once it is read, and `[],[],` two to three as it is written."""
USUAL_BYTES, BYTES_A_SECOND = 20 << 20, 10 << 20
"""Models up to the first have the usual time together; larger ones a second more for each of the second."""
_DTYPES = r"^[<|](b1|[iu][1248]|f[248]|c8|c16|[SU][0-9]{1,6})$"
_Size = Annotated[int, Meta(ge=0, le=1 << 40)]
Head = TypeVar("Head")


def seconds_of_call(usual: int, sizes: Iterable[int]) -> int:
    """Return the seconds that a call on models of `sizes` bytes may take: twice the usual ones at most."""
    beyond = max(0, sum(sizes) - USUAL_BYTES)
    return usual + min(usual, -(-beyond // BYTES_A_SECOND))


class Reader(Protocol):
    """A file to read from."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...


class Writer(Protocol):
    """A file to write to."""

    def write(self, data: memoryview, /) -> int | None: ...


class Place(msgspec.Struct):
    """An array in a message."""

    name: str
    dtype: Annotated[str, Meta(pattern=_DTYPES)]
    shape: Annotated[list[_Size], Meta(max_length=32)]

    @property
    def size(self) -> int:
        """Bytes."""
        return np.dtype(self.dtype).itemsize * math.prod(self.shape)


class Refusal(msgspec.Struct):
    """The reason of an InputError."""

    code: Annotated[str, Meta(pattern="^[a-z0-9_]{1,60}$")]
    sentence: Annotated[str, Meta(max_length=2000)]
    details: dict[str, Any] = {}


class Greeting(msgspec.Struct):
    """What a child says of itself once it is ready: the protections that hold."""

    protections: list[str]


class Call(msgspec.Struct):
    """A command for the child: `request` of the command's own form, the bytes of each of `models`, and `arrays`."""

    command: str
    request: msgspec.Raw
    models: list[_Size]
    arrays: list[Place]


class Reply(msgspec.Struct):
    """What the child answers: `facts` and `arrays`, or a `refusal`."""

    facts: dict[str, Any] = {}
    arrays: list[Place] = []
    refusal: Refusal | None = None


class Unreadable(Exception):
    """A message that is no message, or is cut short."""


class TooLarge(Exception):
    """A message above its bounds."""


def places(arrays: Mapping[str, NDArray[Any]]) -> tuple[list[Place], list[NDArray[Any]]]:
    """Return `arrays` as places in a message and as they are sent: little-endian, in C order.

    Raises TypeError for one whose dtype is not plain.
    """
    sent = []
    for name, values in arrays.items():
        values = np.asarray(values)
        if values.dtype.kind not in "biufcSU":
            raise TypeError(f"array {name!r} has the dtype {values.dtype}, which does not leave the sandbox")
        sent.append(np.ascontiguousarray(values, values.dtype.newbyteorder("<")).reshape(values.shape))
    return [Place(name, one.dtype.str, list(one.shape)) for name, one in zip(arrays, sent, strict=True)], sent


def raw(json: bytes) -> msgspec.Raw:
    """Return JSON to stand in a head as it is."""
    return msgspec.Raw(json)


def head_bytes(head: object) -> bytes:
    """Return `head` as JSON. Raises TooLarge above the bounds."""
    data = msgspec.json.encode(head)
    _check(data)
    return data


def write(file: Writer, head: bytes, blobs: Iterable[bytes | NDArray[Any]]) -> None:
    """Write a message. Raises OSError if nobody reads it any more."""
    _write_all(file, struct.pack("<I", len(head)) + head)
    for blob in blobs:
        _write_all(file, blob if isinstance(blob, bytes) else _bytes_of(blob))


def read(file: Reader, form: type[Head]) -> Head | None:
    """Return the head of the next message, or None at the end. Raises Unreadable and TooLarge."""
    start = _read_all(file, memoryview(bytearray(4)))
    if not start:
        return None
    if len(start) < 4:
        raise Unreadable
    (length,) = struct.unpack("<I", start)
    if length > MOST_HEAD:
        raise TooLarge
    data = _read_all(file, memoryview(bytearray(length)))
    if len(data) < length:
        raise Unreadable
    _check(data)
    try:
        return msgspec.json.decode(data, type=form)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Unreadable from None


def read_blobs(file: Reader, sizes: Sequence[int]) -> list[bytes]:
    """Return the next blobs of a message. Raises Unreadable if it is cut short."""
    return [bytes(_fill(file, memoryview(bytearray(size)))) for size in sizes]


def read_arrays(file: Reader, wanted: Sequence[Place], most: int) -> dict[str, NDArray[Any]]:
    """Return the arrays of a message, each in memory of its own.

    Raises TooLarge if they have more than `most` bytes together, Unreadable if the message is cut short.
    """
    if sum(place.size for place in wanted) > most:
        raise TooLarge
    arrays = {}
    for place in wanted:
        try:
            values = np.empty(place.shape, place.dtype)
        except ValueError:  # a size of 0 beside sizes too large to be multiplied
            raise Unreadable from None
        _fill(file, _bytes_of(values))
        arrays[place.name] = values
    return arrays


def _bytes_of(values: NDArray[Any]) -> memoryview:
    flat: Any = values.reshape(-1).view(np.uint8) if values.nbytes else b""
    return memoryview(flat)


def _check(data: bytes | memoryview) -> None:
    plain = bytes(data)
    if len(plain) > MOST_HEAD or sum(map(plain.count, (b",", b"[", b"{"))) > MOST_PARTS:
        raise TooLarge


def _fill(file: Reader, target: memoryview) -> memoryview:
    filled = _read_all(file, target)
    if len(filled) < len(target):
        raise Unreadable
    return filled


def _read_all(file: Reader, target: memoryview) -> memoryview:
    """Fill `target` and return the part of it that could be filled before the end."""
    done = 0
    while done < len(target):
        count = file.readinto(target[done:])
        if not count:
            break
        done += count
    return target[:done]


def _write_all(file: Writer, data: bytes | memoryview) -> None:
    """Raw files may write a part."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) or 0 :]
