"""Clients and testers of others: the service is what its protocol and its own document say."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassbox.engine.session import Session
from glassbox.paths import MODELS
from glassbox.zoo import text_models, transformer_models
from tests.serving.client import app, ask, infer, tensor
from tests.serving.server import Server, running
from tests.serving.test_protocol import NAMES, digit, inputs

CONFIG = Path(__file__).with_name("schemathesis.toml")
FILES = "OPEN_INFERENCE_PROTOCOL"
"""Environment variable: the folder of the protocol's own files, which are not part of Glassbox:
https://github.com/kserve/open-inference-protocol/tree/main/specification/protocol"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("serve"), "--rate", "0", "--quiet") as server:
        yield server


def asked(http: Any, name: str, *, binary: bool) -> tuple[list[Any], list[Any]]:
    """The inputs and outputs of a request, as tritonclient makes them."""
    session = Session(MODELS / name / "1" / "model.onnx")
    sent = []
    for one, array in inputs(name).items():
        datatype = {"float32": "FP32", "int64": "INT64", "int32": "INT32"}[array.dtype.name]
        sent.append(http.InferInput(one, array.shape, datatype))
        sent[-1].set_data_from_numpy(array, binary_data=binary)
    return sent, [http.InferRequestedOutput(one, binary_data=binary) for one in session.outputs]


@pytest.mark.parametrize("binary", [False, True], ids=["json", "binary"])
@pytest.mark.parametrize("name", ["cnn", "text_zh_gru", "char_en", "poet_zh"])
def test_tritonclient_infers(server: Server, name: str, binary: bool) -> None:
    http = pytest.importorskip("tritonclient.http")
    with http.InferenceServerClient(f"127.0.0.1:{server.port}") as client:
        sent, wanted = asked(http, name, binary=binary)
        found = client.infer(name, sent, outputs=wanted, request_id="42")
        assert found.get_response()["id"] == "42"
        for output, values in Session(MODELS / name / "1" / "model.onnx").run(inputs(name)).outputs.items():
            np.testing.assert_allclose(found.as_numpy(output), values, rtol=1e-5, atol=1e-6)
        assert found.as_numpy("nothing") is None
        by_default = client.infer(name, sent)  # which asks for binary outputs
        assert all("binary_data_size" in one["parameters"] for one in by_default.get_response()["outputs"])


def test_tritonclient_asks_what_there_is(server: Server) -> None:
    http = pytest.importorskip("tritonclient.http")
    with http.InferenceServerClient(f"127.0.0.1:{server.port}") as client:
        assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("cnn")
        assert client.is_model_ready("cnn", "1") and not client.is_model_ready("cnn", "2")
        assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
        assert client.get_model_metadata("cnn")["inputs"][0]["shape"] == [-1, 1, 28, 28]
        assert [one["name"] for one in client.get_model_repository_index()] == list(NAMES)


def test_tritonclient_packs_what_it_sends(server: Server) -> None:
    http = pytest.importorskip("tritonclient.http")
    with http.InferenceServerClient(f"127.0.0.1:{server.port}") as client:
        sent, _ = asked(http, "cnn", binary=True)
        plain = client.infer("cnn", sent).as_numpy("probabilities")
        for way in ("gzip", "deflate"):
            packed = client.infer("cnn", sent, request_compression_algorithm=way, response_compression_algorithm=way)
            np.testing.assert_array_equal(packed.as_numpy("probabilities"), plain)


def test_tritonclient_is_told_what_is_wrong(server: Server) -> None:
    http = pytest.importorskip("tritonclient.http")
    utils = pytest.importorskip("tritonclient.utils")
    with http.InferenceServerClient(f"127.0.0.1:{server.port}") as client:
        sent, _ = asked(http, "cnn", binary=True)
        shared = http.InferInput("picture", [1, 1, 28, 28], "FP32")
        shared.set_shared_memory("region", 3136)
        for call, says in (
            (lambda: client.infer("none", sent), "no model has this name"),
            (lambda: client.infer("cnn", sent, model_version="2"), "no such version"),
            (lambda: client.infer("mlp", sent), "has the shape"),
            (lambda: client.infer("cnn", [shared]), "shared memory is not served"),
            (lambda: client.register_system_shared_memory("region", "/region", 3136), "shared memory is not served"),
            (lambda: client.get_system_shared_memory_status(), "shared memory is not served"),
            (lambda: client.get_cuda_shared_memory_status(), "shared memory is not served"),
            (lambda: client.load_model("cnn"), "nothing is served at this address"),
            (lambda: client.get_model_config("cnn"), "nothing is served at this address"),
        ):
            with pytest.raises(utils.InferenceServerException, match=says):
                call()


def test_tritonclient_for_asyncio(server: Server) -> None:
    http = pytest.importorskip("tritonclient.http.aio")

    async def run() -> list[Any]:
        async with http.InferenceServerClient(f"127.0.0.1:{server.port}") as client:
            assert await client.is_server_ready() and await client.is_model_ready("cnn")
            requests = [asked(http, "cnn", binary=binary) for binary in (True, False) for _ in range(8)]
            found = await asyncio.gather(*(client.infer("cnn", sent, outputs=out) for sent, out in requests))
            return [one.as_numpy("probabilities") for one in found]

    expected = Session(MODELS / "cnn" / "1" / "model.onnx").run(inputs("cnn")).outputs["probabilities"]
    for values in asyncio.run(run()):
        np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-6)


def test_schemathesis_finds_nothing(server: Server, tmp_path: Path) -> None:
    pytest.importorskip("schemathesis")
    options = ["--max-examples", "3", "--seed", "1", "--phases", "coverage,fuzzing", "--no-color"]
    options += ["--exclude-path-regex", "/versions/"]  # they are answered by what answers those without
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", *options]
    address = f"http://127.0.0.1:{server.port}/v2/openapi.json"
    ran = subprocess.run([*command, address], capture_output=True, text=True, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr
    assert re.search(r"Tested: 1\d", ran.stdout), ran.stdout


def test_the_document_is_complete_and_of_what_is_there() -> None:
    served = app(metrics=True)
    document = ask(served, "GET", "/v2/openapi.json").json
    undocumented = {route.path for route in served.routes} - document["paths"].keys()
    assert undocumented == {"/v1/{rest:path}", "/v2/{rest:path}", "/v2/"}
    operations = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(set(operations)) == len(operations) == len(document["paths"])
    jsonschema = pytest.importorskip("jsonschema")
    infers = document["paths"]["/v2/models/{name}/infer"]["post"]
    for body, schema in (
        (infer(served, "cnn", {"inputs": [tensor("picture", digit())]}).json, infers["responses"]["200"]),
        (infer(served, "cnn", {}).json, infers["responses"]["400"]),
    ):
        schema = schema["content"]["application/json"]["schema"] | {"components": document["components"]}
        jsonschema.validate(body, schema)
    assert "securitySchemes" not in document["components"]
    (named, _) = document["paths"]["/v2/models/{name}/versions/{version}/generate"]["post"]["parameters"]
    transformers = transformer_models.load().cards
    written = ("quatrains", "plays")
    poets = {name for name, card in transformers.items() if card.task in written and card.architecture != "gru"}
    assert poets and set(named["schema"]["enum"]) == poets | text_models.load().writers.keys()


def test_the_page_of_the_document_loads_nothing() -> None:
    page = ask(app(), "GET", "/v2/docs")
    text = page.body.decode()
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "POST /v2/models/{name}/infer" in text and "GenerateParameters" in text and "<script" not in text
    assert "src=" not in text and "@import" not in text and "url(" not in text and "//" not in text.replace("://", "")


@pytest.mark.skipif(FILES not in os.environ, reason=f"{FILES} does not say where the protocol's own files are")
def test_the_answers_are_those_of_the_protocols_files() -> None:
    yaml, jsonschema = pytest.importorskip("yaml"), pytest.importorskip("jsonschema")
    served, checked = app(), 0
    picture = json.dumps({"inputs": [tensor("picture", digit())]}).encode()
    poem = json.dumps({"text_input": "", "parameters": {"details": True, "max_tokens": 5}}).encode()
    for file, model, body in (("open_inference_rest.yaml", "cnn", picture), ("generate_rest.yaml", "poet_zh", poem)):
        document = yaml.safe_load(Path(os.environ[FILES], file).read_text("utf-8"))
        for path, operations in document["paths"].items():
            method = "POST" if "post" in operations else "GET"
            where = path.replace("${MODEL_NAME}", model).replace("${MODEL_VERSION}", "1")
            for sent, status in ((body, 200), (b"{}", None)):
                answer = ask(served, method, where, sent if method == "POST" else b"")
                status = status or (answer.status if method == "POST" else 200)
                assert answer.status == status and str(status) in operations[method.lower()]["responses"], where
                content = operations[method.lower()]["responses"][str(status)].get("content", {})
                for media in content.values():
                    schema = media["schema"] | {"components": document["components"]}
                    lines = answer.body.decode().split("\n\n")[:-1] if b"data: " in answer.body else [answer.body]
                    for line in lines:
                        jsonschema.validate(json.loads(line[6:] if isinstance(line, str) else line), schema)
                        checked += 1
    assert checked > 10
