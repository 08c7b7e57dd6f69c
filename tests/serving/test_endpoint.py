"""What is too large, too slow, cut off or from elsewhere is refused, and nothing of it is kept or logged."""

import asyncio
import gzip
import logging
import time
import zlib
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from glassbox.serving.bodies import DISCARDED
from glassbox.serving.endpoint import Answer, Door, Endpoint, Request
from glassbox.serving.settings import Settings
from tests.serving.client import ask

SETTINGS = Settings(body=1000, seconds=0.2, hosts=("school.example",), origins=("https://site.example",))


async def echo(request: Request) -> Answer:
    return Answer(request.body)


async def fail(request: Request) -> Answer:
    raise KeyError(request.body)


async def sleep(request: Request) -> Answer:
    await asyncio.sleep(60)
    return Answer()


pytestmark = pytest.mark.filterwarnings("ignore:This AsyncLimiter")  # each `ask` has a loop of its own


@pytest.fixture
def service() -> Starlette:
    handlers = {"/echo": echo, "/fail": fail, "/sleep": sleep}
    return Starlette(
        routes=[
            Route(path, Endpoint(path, handler, Door(SETTINGS), ("POST",), open=False))
            for path, handler in handlers.items()
        ]
    )


def test_a_body_is_joined(service: Starlette) -> None:
    assert ask(service, "POST", "/echo", [b"ab", b"", b"c"]).body == b"abc"


def test_a_body_that_is_too_large_is_not_read_on(service: Starlette) -> None:
    read = 0

    def body() -> Iterator[bytes]:
        nonlocal read
        for _ in range(1_000_000):
            read += 1
            yield b"x" * 400

    answer = ask(service, "POST", "/echo", body())
    assert answer.status == 413 and answer.json["error"]
    assert answer.headers["connection"] == "close" and read <= (DISCARDED + 1) * 1000 / 400 + 3
    read = 0
    said = ask(service, "POST", "/echo", body(), content_length="1000000000")
    assert said.status == 413 and said.headers["connection"] == "close" and read <= 1


def test_whoever_sends_a_little_too_much_may_go_on(service: Starlette) -> None:
    answer = ask(service, "POST", "/echo", [b"x" * 900] * 2, content_length="1800")
    assert answer.status == 413 and "connection" not in answer.headers


def test_compressed_bodies(service: Starlette) -> None:
    for encoding, packed in (("gzip", gzip.compress(b"abc")), ("deflate", zlib.compress(b"abc"))):
        assert ask(service, "POST", "/echo", packed, content_encoding=encoding).body == b"abc"
    bomb = gzip.compress(bytes(50_000_000))
    service.routes[0].app._door.settings = Settings(body=100_000)  # type: ignore[attr-defined]
    assert ask(service, "POST", "/echo", bomb, content_encoding="gzip").status == 413
    for broken in (b"abc", gzip.compress(b"abc")[:-4]):
        assert ask(service, "POST", "/echo", broken, content_encoding="gzip").status == 400
    assert ask(service, "POST", "/echo", b"abc", content_encoding="br").status == 415


def test_a_slow_request_ends(service: Starlette) -> None:
    begun = time.monotonic()
    assert ask(service, "POST", "/sleep").status == 503

    async def slow() -> None:
        waiting = asyncio.Event()

        async def receive() -> dict[str, object]:
            await waiting.wait()
            return {}

        sent: list[dict[str, object]] = []

        async def collect(message: dict[str, object]) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/echo", "headers": [], "query_string": b"", "root_path": ""}
        await service(scope, receive, collect)  # type: ignore[arg-type]
        assert sent[0]["status"] == 408

    asyncio.run(slow())
    assert time.monotonic() - begun < 50


def test_whoever_has_gone_gets_nothing(service: Starlette) -> None:
    assert ask(service, "POST", "/echo", [b"half", None]).status == 0


def test_what_was_sent_is_in_no_log(service: Starlette, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answer = ask(service, "POST", "/fail", b"a secret")
    assert answer.status == 500 and "error" in answer.json
    assert "KeyError in /fail" in caplog.text and "secret" not in caplog.text + answer.body.decode()


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("http://localhost:8501", "localhost:8501", 200),
        ("https://school.example", "school.example", 200),
        ("https://site.example", "localhost:8501", 200),
        ("https://evil.example", "localhost:8501", 403),
        ("http://evil.example:8501", "evil.example:8501", 403),  # whose name was pointed at this machine
        ("http://localhost:3000", "localhost:8501", 403),
        ("null", "localhost:8501", 403),
        ("http://[", "localhost:8501", 403),
    ],
)
def test_pages_that_may_ask(service: Starlette, origin: str, host: str, status: int) -> None:
    answer = ask(service, "POST", "/echo", b"x", origin=origin, host=host)
    assert answer.status == status
    elsewhere = status == 200 and host not in origin
    assert answer.headers.get("access-control-allow-origin") == (origin if elsewhere else None)


def test_a_program_asks_by_any_name(service: Starlette) -> None:
    assert ask(service, "POST", "/echo", b"x", host="glassbox.cluster.internal:8000").body == b"x"


def test_a_page_asks_beforehand(service: Starlette) -> None:
    asked = ask(service, "OPTIONS", "/echo", origin="https://site.example", host="localhost")
    assert asked.status == 204 and asked.headers["access-control-allow-methods"] == "POST"
    assert ask(service, "OPTIONS", "/echo", origin="https://evil.example", host="localhost").status == 403
