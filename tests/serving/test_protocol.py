"""The Open Inference Protocol's addresses answer as it says, for every model that is shipped."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from starlette.applications import Starlette

import glassbox
from glassbox.engine.session import Session
from glassbox.paths import MODELS
from glassbox.zoo import folder
from tests.serving.client import app, arrays, ask, infer, tensor

NAMES = tuple(folder.listings())


@pytest.fixture(scope="module")
def service() -> Starlette:
    return app()


def inputs(name: str, seed: int = 0, rows: int = 2) -> dict[str, NDArray[Any]]:
    """Inputs on which the model can be run: random pictures, ids and states, lengths within the text."""
    chance = np.random.default_rng(seed)
    session = Session(MODELS / name / "1" / "model.onnx")
    found: dict[str, NDArray[Any]] = {}
    for one, shape in session.inputs.items():
        size = [rows, *(5 if isinstance(free, str) else free for free in shape[1:])]
        values = chance.random(size) if session.types[one] == "float32" else chance.integers(1, 5, size)
        found[one] = values.astype(session.types[one])
    return found


def digit(seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random((1, 1, 28, 28)).astype(np.float32)


def test_the_server_says_what_it_is(service: Starlette) -> None:
    for path in ("/v2", "/v2/"):
        said = ask(service, "GET", path)
        assert said.status == 200 and said.headers["content-type"] == "application/json"
        assert said.json["name"] == "glassbox" and said.json["version"] == glassbox.__version__
        assert "binary_tensor_data" in said.json["extensions"]
    assert ask(service, "GET", "/v2/health/live").json == {"live": True}
    assert ask(service, "GET", "/v2/health/ready").json == {"ready": True}
    assert ask(service, "GET", "/v2/models").json == {"models": list(NAMES)}


def test_the_repository_has_every_model(service: Starlette) -> None:
    entries = ask(service, "POST", "/v2/repository/index", b"{}").json
    assert [entry["name"] for entry in entries] == list(NAMES)
    assert {entry["state"] for entry in entries} == {"READY"}


@pytest.mark.parametrize("base", ["/v2/models/text_zh_gru", "/v2/models/text_zh_gru/versions/1"])
def test_a_model_says_what_it_takes(service: Starlette, base: str) -> None:
    assert ask(service, "GET", base).json == {
        "name": "text_zh_gru",
        "versions": ["1"],
        "platform": "onnx_onnxv1",
        "inputs": [
            {"name": "ids", "datatype": "INT64", "shape": [-1, -1]},
            {"name": "lengths", "datatype": "INT32", "shape": [-1]},
        ],
        "outputs": [{"name": "probabilities", "datatype": "FP32", "shape": [-1, 8]}],
    }
    assert ask(service, "GET", f"{base}/ready").json == {"name": "text_zh_gru", "ready": True}


@pytest.mark.parametrize("binary", [False, True], ids=["json", "binary"])
@pytest.mark.parametrize("name", NAMES)
def test_every_model_gives_what_the_engine_gives(service: Starlette, name: str, binary: bool) -> None:
    given = inputs(name)
    request = {
        "id": "42",
        "inputs": [tensor(one, array, binary=binary) for one, array in given.items()],
        "parameters": {"binary_data_output": binary},
    }
    answer = infer(service, name, request, *(array.tobytes() for array in given.values() if binary))
    assert answer.status == 200, answer.body
    assert answer.json["id"] == "42" and answer.json["model_name"] == name and answer.json["model_version"] == "1"
    expected = Session(MODELS / name / "1" / "model.onnx").run(given).outputs
    assert arrays(answer).keys() == expected.keys()
    for output, values in arrays(answer).items():
        np.testing.assert_array_equal(values, expected[output])


def test_outputs_that_are_asked_for(service: Starlette) -> None:
    given = inputs("char_en")
    sent = [tensor(one, array) for one, array in given.items()]
    answer = infer(service, "char_en", {"inputs": sent, "outputs": [{"name": "next_state"}]})
    assert arrays(answer).keys() == {"next_state"}
    both = [{"name": "next_state", "parameters": {"binary_data": True}}, {"name": "logits"}]
    answer = infer(service, "char_en", {"inputs": sent, "outputs": both})
    assert list(arrays(answer)) == ["next_state", "logits"]
    assert ["data" in output for output in answer.json["outputs"]] == [False, True]


def test_numbers_may_be_flat_or_nested(service: Starlette) -> None:
    nested = tensor("picture", digit())
    flat = nested | {"data": digit().ravel().tolist()}
    assert infer(service, "cnn", {"inputs": [nested]}).body == infer(service, "cnn", {"inputs": [flat]}).body


def test_where_the_time_went_is_told(service: Starlette) -> None:
    timing = infer(service, "cnn", {"inputs": [tensor("picture", digit())]}).headers["server-timing"]
    assert [part.split(";")[0] for part in timing.split(", ")] == ["load", "parse", "queue", "run", "serialise"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/models/nothing", 404),
        ("GET", "/v2/models/nothing/ready", 404),
        ("POST", "/v2/models/nothing/infer", 404),
        ("GET", "/v2/models/cnn/versions/2", 404),
        ("POST", "/v2/models/cnn/versions/one/infer", 404),
        ("GET", "/v2/models/..%2f..%2fcnn", 404),
        ("GET", "/v2/models/cnn/infer", 405),
        ("POST", "/v2/models/cnn", 405),
        ("DELETE", "/v2", 405),
        ("GET", "/v2/nothing/at/all", 404),
        ("GET", "/v2/systemsharedmemory/status", 400),
        ("POST", "/v2/cudasharedmemory/region/here/register", 400),
    ],
)
def test_what_is_not_there(service: Starlette, method: str, path: str, status: int) -> None:
    answer = ask(service, method, path)
    assert answer.status == status
    assert list(answer.json) == ["error"] and answer.json["error"]
    assert "nothing" not in answer.json["error"].replace("nothing is served", "")


def picture(**changes: Any) -> dict[str, Any]:
    return {"inputs": [tensor("picture", digit()) | changes]}


BAD = {
    "no JSON": b"picture",
    "a list": b"[]",
    "NaN": b'{"inputs": [{"name": "picture", "datatype": "FP32", "shape": [1], "data": [NaN]}]}',
    "not UTF-8": b'{"inputs": [{"name": "\xff"}]}',
    "deep": b'{"inputs": [{"name": "picture", "datatype": "FP32", "shape": [1], "data": ' + b"[" * 100_000,
    "no inputs": {},
    "another input": picture(name="image"),
    "twice": {"inputs": 2 * picture()["inputs"]},
    "wrong type": picture(datatype="FP64"),
    "no such type": picture(datatype="FP31"),
    "text": picture(datatype="BYTES"),
    "wrong shape": picture(shape=[1, 28, 28]),
    "no rows": picture(shape=[0, 1, 28, 28], data=[]),
    "negative": picture(shape=[-1, 1, 28, 28]),
    "huge": picture(shape=[2**31 - 1] * 8),
    "too few": picture(data=[0.5]),
    "uneven": picture(data=[[0.5], [0.5, 0.5]]),
    "words": picture(data=["0.5"] * 784),
    "truth": picture(data=[True] * 784),
    "empty": picture(data=[None] * 784),
    "infinite": picture(data=[1e300] * 784),
    "no data": {"inputs": [{"name": "picture", "datatype": "FP32", "shape": [1, 1, 28, 28]}]},
    "another output": picture() | {"outputs": [{"name": "logits"}]},
    "shared memory": picture(parameters={"shared_memory_region": "region", "shared_memory_byte_size": 3136}),
    "shared output": picture() | {"outputs": [{"name": "probabilities", "parameters": {"shared_memory_region": "r"}}]},
    "bytes that are not there": picture(parameters={"binary_data_size": 3136}),
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_a_bad_request_is_refused(service: Starlette, body: bytes | dict[str, Any]) -> None:
    path = "/v2/models/cnn/infer"
    answer = ask(service, "POST", path, body) if isinstance(body, bytes) else infer(service, "cnn", body)
    assert answer.status == 400, answer.body
    assert list(answer.json) == ["error"] and "0.5" not in answer.json["error"]


@pytest.mark.parametrize("size", [0, 3135, 3137, -1, 2**70, 1.5, "3136", True])
def test_sizes_that_lie(service: Starlette, size: Any) -> None:
    request = {"inputs": [tensor("picture", digit(), binary=True) | {"parameters": {"binary_data_size": size}}]}
    assert infer(service, "cnn", request, digit().tobytes()).status == 400


@pytest.mark.parametrize("change", [-1, 1])
def test_bytes_that_are_missing_or_left_over(service: Starlette, change: int) -> None:
    request = {"inputs": [tensor("picture", digit(), binary=True)]}
    data = digit().tobytes() + b"\0"
    assert infer(service, "cnn", request, data[: 3136 + change]).status == 400


@pytest.mark.parametrize("length", ["-1", "99999999", "9" * 5000, "ten", "1.5", "²"])
def test_a_header_that_lies(service: Starlette, length: str) -> None:
    assert ask(service, "POST", "/v2/models/cnn/infer", b"{}", inference_header_content_length=length).status == 400


def test_numbers_that_are_none(service: Starlette) -> None:
    broken = np.full((1, 1, 28, 28), np.nan, np.float32)
    request = {"inputs": [tensor("picture", broken, binary=True)]}
    assert infer(service, "cnn", request, broken.tobytes()).status == 400


@pytest.mark.parametrize("ids", [10**6, -(10**6), 2**62])
def test_ids_of_no_token(service: Starlette, ids: int) -> None:
    sent = [tensor("ids", np.full((1, 3), ids)), tensor("lengths", np.array([3], np.int32))]
    answer = infer(service, "text_zh_gru", {"inputs": sent})
    assert answer.status == 400 and str(ids) not in answer.json["error"]


@pytest.mark.parametrize("length", [-1, 0, 4, 2**31 - 1, -(2**31)])
def test_lengths_beyond_the_text(service: Starlette, length: int) -> None:
    for name in ("text_zh_gru", "text_zh_lstm", "text_en_rnn", "char_en"):
        given = inputs(name, rows=1) | {"ids": np.ones((1, 3), np.int64), "lengths": np.array([length], np.int32)}
        answer = infer(service, name, {"inputs": [tensor(one, array) for one, array in given.items()]})
        assert answer.status in (200, 400)
        assert answer.status == 400 or np.isfinite(next(iter(arrays(answer).values()))).all()


def test_a_request_has_no_more_tokens_than_fit(service: Starlette) -> None:
    for shape in ((4097, 1), (1, 4097)):
        answer = infer(service, "induction", {"inputs": [tensor("ids", np.ones(shape, np.int64))]})
        assert answer.status == 400 and "4096" in answer.json["error"]


def test_an_answer_has_no_more_numbers_than_fit(service: Starlette) -> None:
    given = np.ones((100, 36), np.int64)
    assert infer(service, "poet_zh", {"inputs": [tensor("ids", given)]}).status == 400
    some = np.ones((25, 36), np.int64)  # 3.9 million numbers: as bytes alone
    assert infer(service, "poet_zh", {"inputs": [tensor("ids", some)]}).status == 400
    asked = {"inputs": [tensor("ids", some)], "parameters": {"binary_data_output": True}}
    assert arrays(infer(service, "poet_zh", asked))["logits"].shape == (25, 36, 4343)


EXTREMES = (0, -1, 1, 100, 10**6, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63))


@pytest.mark.parametrize("name", NAMES)
def test_extreme_values_are_answered_or_refused(service: Starlette, name: str) -> None:
    chance = np.random.default_rng(1)
    for rows in (1, 2, 3):
        given = {}
        for one, array in inputs(name, rows=rows).items():
            fits = [
                value for value in EXTREMES if array.dtype.kind == "f" or abs(value) < 2 ** (8 * array.itemsize - 1)
            ]
            pool = np.array((3e38, -3e38, 1e-40, 1.0) if array.dtype.kind == "f" else fits, array.dtype)
            given[one] = chance.choice(pool, array.shape)
        sent = [tensor(one, array, binary=True) for one, array in given.items()]
        answer = infer(service, name, {"inputs": sent}, *(array.tobytes() for array in given.values()))
        assert answer.status in (200, 400)
