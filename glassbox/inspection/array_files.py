"""Arrays from a stranger's .npy or .npz file, within limits that are met before memory is taken.

https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import io
import math
import zipfile
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from glassbox.input_error import InputError
from glassbox.inspection.answer import text

MOST_BYTES = 16_000_000
"""What all arrays of a file take together; more would not go through the sandbox's pipe."""
MOST_ARRAYS = 64
_HEADER = 10_000
_KINDS = "fiubcSU"
_ALONE = "array"
"""The name of the array of an .npy file."""


def read(data: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays in a file's bytes by name; that of an .npy file is called "array".

    Raises InputError: `array_format` for what is neither, `array_kind` for Python objects and records (arrays of these
    can run code), `arrays_too_large`, `too_many_arrays`, `array_broken`.
    """
    if data.startswith(b"\x93NUMPY"):
        return {_ALONE: _array(io.BytesIO(data), _ALONE, MOST_BYTES)}
    if not data.startswith(b"PK"):
        raise InputError("array_format", "This is not a NumPy .npy or .npz file.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _arrays(archive)
    except InputError:
        raise
    except Exception as error:  # zipfile raises its own, and what zlib and struct raise
        raise _broken("") from error


def _arrays(archive: zipfile.ZipFile) -> dict[str, NDArray[Any]]:
    entries = [entry for entry in archive.infolist() if entry.filename.endswith(".npy")]
    if not entries:
        raise InputError("array_format", "This is not a NumPy .npy or .npz file.")
    if len(entries) > MOST_ARRAYS:
        raise InputError(
            "too_many_arrays",
            f"The file has {len(entries)} arrays; the limit is {MOST_ARRAYS}.",
            count=len(entries),
            limit=MOST_ARRAYS,
        )
    found: dict[str, NDArray[Any]] = {}
    left = MOST_BYTES
    for entry in entries:
        name = text(entry.filename.removesuffix(".npy"))
        with archive.open(entry) as file:  # no more is unpacked than is read
            found[name] = _array(file, name, left)
        left -= found[name].nbytes
    return found


def _array(file: Any, name: str, most: int) -> NDArray[Any]:
    """Return the array that an .npy file holds, whose header says how many bytes to read."""
    try:
        version = npy.read_magic(file)
        readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
        shape, fortran, dtype = readers[version](file, max_header_size=_HEADER)
    except Exception as error:  # ValueError, KeyError, SyntaxError, EOFError …
        raise _broken(name) from error
    if dtype.kind not in _KINDS or dtype.hasobject:
        raise InputError("array_kind", f"Array {name!r} has dtype {dtype}; only numbers and text are read.", name=name)
    size = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or size > most:
        limit = MOST_BYTES // 1_000_000
        raise InputError("arrays_too_large", f"The arrays take more than {limit} MB together.", limit=limit)
    content = file.read(size)
    if len(content) != size or not dtype.itemsize:  # texts without letters, however many
        raise _broken(name)
    flat = np.frombuffer(content, dtype)
    return flat.reshape(shape, order="F" if fortran else "C").astype(dtype.newbyteorder("="), order="C")


def _broken(name: str) -> InputError:
    return InputError("array_broken", f"The array {name!r} is damaged or truncated and can't be read.", name=name)
