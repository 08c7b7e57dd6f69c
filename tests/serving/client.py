"""Requests to the service without a server: the ASGI application is called as a server would."""

import asyncio
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message

from glassbox.serving.protocol import HEADER_LENGTH
from glassbox.serving.service import Service
from glassbox.serving.settings import Settings


@dataclass
class Answer:
    """What came back; `status` 0 if nothing did."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body[: int(self.headers.get(HEADER_LENGTH, len(self.body)))])


def app(**settings: Any) -> Starlette:
    return Starlette(routes=Service(Settings(**{"rate": 0} | settings)).routes())


async def send(
    app: ASGIApp, method: str, path: str, body: bytes | Iterable[bytes | None] = b"", **headers: str
) -> Answer:
    """Send one request; a `body` in parts arrives part by part, and None among them is a client who has gone."""
    parts = iter([body] if isinstance(body, bytes) else body)
    following = next(parts, b"")
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "client": ("127.0.0.1", 50_000),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal following
        if following == b"end":
            await asyncio.Event().wait()  # until whoever asked has gone, which nobody does
        part, following = following, next(parts, b"end")
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": following != b"end"}

    async def collect(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, collect)
    start = next((one for one in sent if one["type"] == "http.response.start"), {"status": 0, "headers": []})
    return Answer(
        start["status"],
        {name.decode(): value.decode() for name, value in start["headers"]},
        b"".join(one.get("body", b"") for one in sent),
    )


def ask(app: ASGIApp, method: str, path: str, body: bytes | Iterable[bytes | None] = b"", **headers: str) -> Answer:
    """Send one request, in a loop of its own: a browser test before may have left a running one in this thread."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(lambda: asyncio.run(send(app, method, path, body, **headers))).result()


def infer(app: ASGIApp, model: str, request: dict[str, Any], *binary: bytes) -> Answer:
    """Infer with the JSON `request`, and the bytes of `binary` tensors behind it."""
    written = json.dumps(request).encode()
    headers = {"inference_header_content_length": str(len(written))} if binary else {}
    return ask(app, "POST", f"/v2/models/{model}/infer", written + b"".join(binary), **headers)


def tensor(name: str, array: NDArray[Any], *, binary: bool = False) -> dict[str, Any]:
    """Return an input of a request: its data as numbers, or how many bytes they are."""
    datatype = {"float32": "FP32", "int64": "INT64", "int32": "INT32"}[array.dtype.name]
    record: dict[str, Any] = {"name": name, "shape": list(array.shape), "datatype": datatype}
    if binary:
        return record | {"parameters": {"binary_data_size": array.nbytes}}
    return record | {"data": array.tolist()}


def arrays(answer: Answer) -> dict[str, NDArray[Any]]:
    """Return the outputs of an answer, from numbers or bytes."""
    place, found = int(answer.headers.get(HEADER_LENGTH, len(answer.body))), {}
    for output in answer.json["outputs"]:
        dtype = {"FP32": "<f4"}[output["datatype"]]
        size = output.get("parameters", {}).get("binary_data_size")
        if size is None:
            values = np.array(output["data"], dtype)
        else:
            values, place = np.frombuffer(answer.body[place : place + size], dtype), place + size
        found[output["name"]] = values.reshape(output["shape"])
    assert place == len(answer.body)
    return found
