"""A small server of the Open Inference Protocol, written from its text alone, which can be told to fail.

It shares no code with the engine that is tested against it. In a thread of the test: `with running(models) as server:`.
As a process of its own, to be killed: `python -m tests.serving.reference_server FOLDER PORT`.
"""

import asyncio
import contextlib
import json
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

TYPES = {"tensor(float)": "FP32", "tensor(int64)": "INT64", "tensor(int32)": "INT32"}
NUMPY = {"FP32": "<f4", "INT64": "<i8", "INT32": "<i4", "FP64": "<f8"}
LENGTH = "Inference-Header-Content-Length"


@dataclass
class Behaviour:
    """What the server does: `fault` names how an answer is wrong; `seconds` it waits; `statuses` are answered first."""

    binary: bool = True
    key: str = ""
    seconds: float = 0.0
    fault: str = ""
    statuses: list[int] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    """Replaces parts of what a model says of itself."""


class ReferenceServer:
    """The models of a folder, served. `seen` counts the requests by path, `binary_requests` those with bytes."""

    def __init__(self, folder: Path) -> None:
        self.sessions = {
            path.parts[-3]: ort.InferenceSession(path, providers=["CPUExecutionProvider"])
            for path in folder.glob("*/1/model.onnx")
        }
        self.behaviour = Behaviour()
        self.seen: Counter[str] = Counter()
        self.binary_requests = 0
        self.keys: set[str] = set()
        self.address = ""
        self.app = Starlette(
            routes=[
                Route("/v2", self.server),
                Route("/v2/health/ready", self.ready),
                Route("/v2/models/{name}", self.model),
                Route("/v2/models/{name}/infer", self.infer, methods=["POST"]),
            ]
        )

    async def _before(self, request: Request) -> Response | None:
        self.seen[request.url.path] += 1
        self.keys.add(request.headers.get("authorization", ""))
        if self.behaviour.key and request.headers.get("authorization") != f"Bearer {self.behaviour.key}":
            return JSONResponse({"error": "no key"}, 401)
        if self.behaviour.statuses:
            return JSONResponse({"error": "told to"}, self.behaviour.statuses.pop(0))
        await asyncio.sleep(self.behaviour.seconds)
        return None

    async def ready(self, request: Request) -> Response:
        return await self._before(request) or JSONResponse({"ready": True})

    async def server(self, request: Request) -> Response:
        extensions = ["binary_tensor_data"] if self.behaviour.binary else []
        told = {"name": "reference", "version": "1.0", "extensions": extensions}
        return await self._before(request) or JSONResponse(told)

    async def model(self, request: Request) -> Response:
        if answer := await self._before(request):
            return answer
        name = request.path_params["name"]
        if name not in self.sessions:
            return JSONResponse({"error": "no such model"}, 404)
        session = self.sessions[name]
        tensors = (
            [
                {
                    "name": one.name,
                    "datatype": TYPES[one.type],
                    "shape": [size if isinstance(size, int) else -1 for size in one.shape],
                }
                for one in side
            ]
            for side in (session.get_inputs(), session.get_outputs())
        )
        told = dict(zip(("inputs", "outputs"), tensors, strict=True))
        return JSONResponse({"name": name, "platform": "onnx_onnxv1"} | told | self.behaviour.metadata)

    async def infer(self, request: Request) -> Response:
        if answer := await self._before(request):
            return answer
        name = request.path_params["name"]
        if name not in self.sessions:
            return JSONResponse({"error": "no such model"}, 404)
        body = await request.body()
        length = int(request.headers.get(LENGTH, len(body)))
        asked, place = json.loads(body[:length]), length
        self.binary_requests += length < len(body)
        feeds = {}
        for tensor in asked["inputs"]:
            dtype = np.dtype(NUMPY[tensor["datatype"]])
            if "data" in tensor:
                values = np.array(tensor["data"], dtype)
            else:
                size = tensor["parameters"]["binary_data_size"]
                values = np.frombuffer(body[place : place + size], dtype)
                place += size
            feeds[tensor["name"]] = values.reshape(tensor["shape"])
        assert place == len(body)
        names = [output["name"] for output in asked.get("outputs", [])] or None
        session = self.sessions[name]
        arrays = session.run(names, feeds)
        wanted = names or [one.name for one in session.get_outputs()]
        binary = any(one.get("parameters", {}).get("binary_data") for one in asked.get("outputs", []))
        return self._answer(name, dict(zip(wanted, arrays, strict=True)), binary)

    def _answer(self, name: str, arrays: dict[str, np.ndarray], binary: bool) -> Response:
        fault = self.behaviour.fault
        outputs, contents = [], b""
        for output, array in arrays.items():
            if fault == "wrong_shape":
                array = array[..., :-1]
            if fault == "one_row_more":
                array = np.concatenate([array, array[:1]])
            if fault == "not_finite":
                array = np.full_like(array, np.nan)
            if fault == "reversed":
                array = array[..., ::-1]  # all that its form says is right: the sum too
            if fault == "rounded":
                array = array.astype(np.float16)
            if fault == "wrong_type":
                array = array.astype(np.float64)
            datatype = "FP64" if fault == "wrong_type" else "FP32"
            told: dict[str, Any] = {"name": output, "datatype": datatype, "shape": list(array.shape)}
            if fault == "other_name":
                told["name"] = "something"
            if binary:
                content = array.astype(NUMPY[datatype]).tobytes()
                size = len(content) + (4 if fault == "lying_size" else 0)
                told["parameters"] = {"binary_data_size": size}
                contents += content[:-4] if fault == "too_few_bytes" else content
            else:
                told["data"] = array.ravel().tolist()
                if fault == "too_few_bytes":
                    told["data"] = told["data"][:-1]
                if fault == "lying_size":
                    told["data"] = [str(value) for value in told["data"]]
            outputs.append(told)
        head = json.dumps({"model_name": name, "outputs": outputs}).encode()
        body = b"<html>502</html>" if fault == "no_json" else head + contents
        headers = {LENGTH: str(len(head) + (len(body) if fault == "lying_length" else 0))} if binary else {}
        if fault == "drip":
            return StreamingResponse(_dripping(body), headers=headers)
        if fault == "breaks_off":
            return StreamingResponse(_broken(body), headers=headers | {"Content-Length": str(len(body))})
        if fault == "endless":
            return StreamingResponse(_endless(), headers=headers)
        return Response(body, headers=headers)


async def _dripping(body: bytes) -> AsyncIterator[bytes]:
    for byte in body:
        await asyncio.sleep(0.05)
        yield bytes([byte])


async def _broken(body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]


async def _endless() -> AsyncIterator[bytes]:
    while True:
        await asyncio.sleep(0.001)  # in which it is seen that the client has gone
        yield bytes(1_000_000)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[ReferenceServer]:
    """Serve the models of `folder` in a thread, at `address`."""
    server = ReferenceServer(folder)
    with listening(server.app) as server.address:
        yield server


@contextlib.contextmanager
def listening(app: Starlette) -> Iterator[str]:
    """Serve `app` in a thread, at the address that this gives."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = uvicorn.Server(_configuration(app))
        thread = threading.Thread(target=process.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        while not process.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        finally:
            process.should_exit = process.force_exit = True
            thread.join(10)


def _configuration(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(app, log_level="critical", lifespan="off", access_log=False)


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", int(sys.argv[2]))) as taken:
        uvicorn.Server(_configuration(ReferenceServer(Path(sys.argv[1])).app)).run(sockets=[taken])
