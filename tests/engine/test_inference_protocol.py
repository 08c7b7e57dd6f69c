"""The protocol's messages against its own text: https://github.com/kserve/open-inference-protocol, and the example of
the binary extension's document."""

import json
import struct

import numpy as np
import pytest

from glassbox.engine import inference_protocol as protocol


def test_a_request_in_json() -> None:
    feeds = {"input0": np.array([[1, 2], [3, 4]], np.uint32), "input1": np.array([True])}
    body, headers = protocol.request(feeds, ["output0"], binary=False)
    assert headers == {"Content-Type": "application/json"}
    assert json.loads(body) == {
        "inputs": [
            {"name": "input0", "shape": [2, 2], "datatype": "UINT32", "data": [1, 2, 3, 4]},
            {"name": "input1", "shape": [1], "datatype": "BOOL", "data": [True]},
        ],
        "outputs": [{"name": "output0"}],
    }


def test_a_request_with_bytes() -> None:
    feeds = {"a": np.array([[1.5, -2.0]], ">f4"), "b": np.arange(6, dtype=np.int64).reshape(2, 3).T}
    body, headers = protocol.request(feeds, ["c"], binary=True)
    length = int(headers["Inference-Header-Content-Length"])
    assert json.loads(body[:length]) == {
        "inputs": [
            {"name": "a", "shape": [1, 2], "datatype": "FP32", "parameters": {"binary_data_size": 8}},
            {"name": "b", "shape": [3, 2], "datatype": "INT64", "parameters": {"binary_data_size": 48}},
        ],
        "outputs": [{"name": "c", "parameters": {"binary_data": True}}],
    }
    assert body[length:] == struct.pack("<2f", 1.5, -2) + struct.pack("<6q", 0, 3, 1, 4, 2, 5)


def answered(data: bytes = b"", length: str | None = None, **output: object) -> dict[str, np.ndarray]:
    head = json.dumps({"model_name": "m", "outputs": [{"name": "c", "shape": [2, 2], "datatype": "FP32"} | output]})
    return protocol.answer(head.encode() + data, str(len(head)) if length is None else length)


@pytest.mark.parametrize("data", [[1, 2.5, 3, 4], [[1, 2.5], [3, 4]]])
def test_an_answer_in_json_flat_or_nested(data: list[object]) -> None:
    body = json.dumps({"outputs": [{"name": "c", "shape": [2, 2], "datatype": "FP32", "data": data}]}).encode()
    found = protocol.answer(body, None)
    assert found["c"].dtype == np.float32
    np.testing.assert_array_equal(found["c"], [[1, 2.5], [3, 4]])


def test_an_answer_with_bytes() -> None:
    found = answered(struct.pack("<4f", 1, 2.5, 3, 4), parameters={"binary_data_size": 16})
    assert found["c"].dtype == np.float32
    np.testing.assert_array_equal(found["c"], [[1, 2.5], [3, 4]])


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"length": "99999"}, "length of its JSON"),
        ({"length": "-1"}, "length of its JSON"),
        ({"length": "²"}, "length of its JSON"),
        ({"length": "7"}, "truncated"),
        ({"data": b"\0" * 12, "parameters": {"binary_data_size": 12}}, "another size"),
        ({"data": b"\0" * 12, "parameters": {"binary_data_size": 16}}, "another size"),
        ({"data": b"\0" * 20, "parameters": {"binary_data_size": 16}}, "left over"),
        ({"parameters": {"binary_data_size": -16}}, "binary_data_size"),
        ({"datatype": "BYTES"}, "has the type BYTES"),
        ({"shape": [2, -2]}, "shape"),
        ({"shape": [2**40, 2**40], "data": b""}, "do not fit"),
        ({}, "do not fit"),
    ],
)
def test_a_wrong_answer_is_refused(given: dict[str, object], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        answered(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("datatype", "data"),
    [
        ("FP32", [1, 2, 3]),
        ("FP32", [[1, 2], [3]]),
        ("FP32", ["1", "2", "3", "4"]),
        ("FP32", [True, False, True, True]),
        ("FP32", [None, 1, 2, 3]),
        ("FP32", [{}, 1, 2, 3]),
        ("INT32", [1.5, 2, 3, 4]),
        ("INT32", [2**40, 2, 3, 4]),
        ("UINT8", [-1, 2, 3, 4]),
        ("BOOL", [1, 0, 1, 0]),
    ],
)
def test_json_that_does_not_fit_its_type_is_refused(datatype: str, data: list[object]) -> None:
    body = json.dumps({"outputs": [{"name": "c", "shape": [2, 2], "datatype": datatype, "data": data}]}).encode()
    with pytest.raises(ValueError, match="c"):
        protocol.answer(body, None)


def test_deep_and_foreign_json_is_refused() -> None:
    for body in (b"[" * 100_000, b'{"outputs": [{"data": ' + b"[" * 100_000, b"", b"null", b"\xff", b'{"outputs": 3}'):
        with pytest.raises(ValueError):
            protocol.answer(body, None)
