"""The service on Ray Serve: the protocol's tests, asked of its replicas, and no request is lost with one of them."""

import asyncio
import http.client
import sys
from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.replicas import kill_one, ray_service, replicas_of
from tests.serving.test_protocol import *  # noqa: F403  (they take this module's `service`)

pytest.importorskip("ray", reason="needs Ray: deploy/ray/requirements.txt")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def on_ray() -> Iterator[tuple[str, int]]:
    with ray_service(replicas=2) as running:
        yield running


@pytest.fixture(scope="module")
def service(on_ray: tuple[str, int]) -> ASGIApp:
    """An ASGI application that passes each request on to Ray Serve."""
    host = on_ray[0].removeprefix("http://")

    def ask(scope: Scope, body: bytes) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(host, timeout=60)
        query = scope["query_string"].decode()
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        connection.request(scope["method"], scope["path"] + (f"?{query}" if query else ""), body, headers)
        return connection.getresponse()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        answer = await asyncio.to_thread(ask, scope, body)
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.getheaders()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.read()})

    return application


def test_no_request_is_lost_with_a_replica(on_ray: tuple[str, int]) -> None:
    address, starter = on_ray
    before = set(replicas_of(starter))
    assert len(before) == 2
    parts, _ = kill_one(address, starter, seconds=2.0)
    assert [part.lost for part in parts] == [0, 0, 0]
    assert all(len(part.seconds) > 0 for part in parts)
    after = set(replicas_of(starter))
    assert len(after) == 2 and len(after & before) == 1
