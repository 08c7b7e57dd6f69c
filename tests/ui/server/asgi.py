"""One request to an ASGI app, without a server."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message


@dataclass
class Answer:
    """What came back: `status` 0 if the app closed a WebSocket instead of accepting it."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(app: ASGIApp, path: str, kind: str = "http", method: str = "GET", **headers: str) -> Answer:
    """Send one request; headers by their names with underscores."""
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": kind, "path": path, "headers": given, "query_string": b"", "root_path": ""}
    if kind == "http":
        scope["method"] = method
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect" if kind == "websocket" else "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    with ThreadPoolExecutor(1) as aside:  # a browser test before may have left a running loop in this thread
        aside.submit(lambda: asyncio.run(app(scope, receive, send))).result()
    start = next(
        (message for message in sent if message["type"] == "http.response.start"), {"status": 0, "headers": []}
    )
    body = b"".join(message.get("body", b"") for message in sent)
    return Answer(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body)
