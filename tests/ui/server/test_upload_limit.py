"""Parked uploads have one limit over all sessions, and those that are arriving count."""

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from glassbox.ui.server.upload_limit import UploadLimit
from tests.ui.server.asgi import ask

PATH = "/_stcore/upload_file/session/file"


@pytest.mark.parametrize(("held", "length", "status"), [(0, 100, 200), (60, 40, 200), (61, 40, 503), (0, 101, 503)])
def test_an_upload_needs_room(held: int, length: int, status: int) -> None:
    app = UploadLimit(PlainTextResponse("taken"), held=lambda: held, limit=100)
    assert ask(app, PATH, method="PUT", content_length=str(length)).status == status
    assert ask(app, "/", held=str(length)).status == 200


def test_an_upload_without_a_length_is_refused() -> None:
    app = UploadLimit(PlainTextResponse("taken"), held=lambda: 0, limit=100)
    assert ask(app, PATH, method="PUT").status == ask(app, PATH, method="PUT", content_length="-1").status == 411


def test_what_is_arriving_counts_until_it_is_there() -> None:
    others: list[int] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(2):
            inner: list[Message] = []

            async def keep(message: Message, inner: list[Message] = inner) -> None:
                inner.append(message)

            length = b"60" if not others else b"30"
            await app({**scope, "headers": [(b"content-length", length)]} | {"inner": True}, receive, keep)
            others.append(inner[0]["status"])
        await PlainTextResponse("taken")(scope, receive, send)

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        await (PlainTextResponse("taken") if scope.get("inner") else slow)(scope, receive, send)

    app = UploadLimit(route, held=lambda: 0, limit=100)
    assert ask(app, PATH, method="PUT", content_length="60").status == 200
    assert others == [503, 200] and app.arriving == 0


def test_a_broken_upload_is_counted_no_longer() -> None:
    async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
        raise OSError("the visitor is gone")

    app = UploadLimit(breaks, held=lambda: 0, limit=100)
    with pytest.raises(OSError):
        ask(app, PATH, method="PUT", content_length="60")
    assert app.arriving == 0
