"""Arrays from files: as NumPy wrote them, and a sentence for anything else, before it takes memory."""

import io
import pickle
import zipfile
from typing import Any

import numpy as np
import pytest

from glassbox.input_error import InputError
from glassbox.inspection import array_files


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def npy(values: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, values, **options)
    return file.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(InputError) as error:
        array_files.read(data)
    return error.value.code


@pytest.mark.parametrize(
    "values",
    [
        np.arange(12, dtype=np.float32).reshape(3, 4),
        np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        np.array([1, 2, 3], ">i4"),
        np.array(["a", "玻璃"]),
        np.array(True),
        np.zeros((0, 3), np.float16),
    ],
)
def test_arrays_come_back_as_they_were_saved(values: np.ndarray) -> None:
    (alone,) = array_files.read(npy(values)).values()
    named = array_files.read(npz(x=values, y=np.ones(2)))
    assert list(named) == ["x", "y"]
    for found in (alone, named["x"]):
        assert found.shape == values.shape and found.dtype == values.dtype.newbyteorder("=")
        assert np.array_equal(found, values)


def test_what_is_no_file_of_numpy_is_refused() -> None:
    assert refused(b"") == "array_format"
    assert refused(b"\x89PNG\r\n") == "array_format"
    assert refused(npz()) == "array_format"
    assert refused(npy(np.ones(100))[:-8]) == "array_broken"
    assert refused(npz(x=np.ones(100))[:60]) == "array_broken"
    assert refused(b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65535) == "array_broken"


def test_objects_are_never_unpickled() -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return pytest.fail, ("unpickled",)

    array = np.empty(1, object)
    array[0] = Bomb()
    assert pickle.dumps(array)
    assert refused(npy(array, allow_pickle=True)) == "array_kind"
    assert refused(npy(np.zeros(2, [("a", "f4")]))) == "array_kind"


def test_a_file_that_unpacks_to_more_than_is_allowed_is_refused_by_its_header() -> None:
    large = np.zeros(array_files.MOST_BYTES // 8 + 1)
    packed = npz(x=large)
    assert len(packed) < 100_000
    assert refused(packed) == "arrays_too_large"
    half = np.zeros(array_files.MOST_BYTES // 16 + 1)
    assert refused(npz(x=half, y=half)) == "arrays_too_large"
    assert refused(npz(**{f"x{i}": np.zeros(1) for i in range(array_files.MOST_ARRAYS + 1)})) == "too_many_arrays"


@pytest.mark.parametrize(
    ("kind", "shape", "code"),
    [
        ("<f8", (1000,), "array_broken"),
        ("<U0", (10**15, 1000), "array_broken"),
        ("<f8", (2**40, 2**40), "arrays_too_large"),
        ("<f8", (-1,), "arrays_too_large"),
    ],
)
def test_a_header_that_claims_more_than_there_is_is_refused(kind: str, shape: tuple[int, ...], code: str) -> None:
    header, file = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": kind, "fortran_order": False, "shape": shape})
    assert refused(header.getvalue()) == code
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", header.getvalue())
    assert refused(file.getvalue()) == code
