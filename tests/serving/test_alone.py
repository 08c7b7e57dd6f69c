"""The service under uvicorn: it goes on whatever strangers send, and answers what it took before it ends."""

import asyncio
import json
import multiprocessing
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from benchmarks import strangers
from glassbox.serving import alone, connections
from tests.serving.client import tensor
from tests.serving.server import PATIENCE, Server, running
from tests.serving.test_protocol import digit

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
BODY = json.dumps({"inputs": [tensor("picture", digit())]}).encode()
HEAD = b"POST /v2/models/cnn/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    options = ("--seconds", "2", "--rate", "0", "--body", "1000000")
    with running(tmp_path_factory.mktemp("serve"), *options) as server:
        yield server


def exchange(server: Server, sent: bytes, *, end: bool = False) -> bytes:
    """What comes back on a connection of its own, until it is closed or one answer is whole."""
    with server.connect() as connection:
        connection.sendall(sent)
        if end:
            connection.shutdown(socket.SHUT_WR)
        return received(connection)


def received(connection: socket.socket) -> bytes:
    found = b""
    while part := connection.recv(65536):
        found += part
        head, _, body = found.partition(b"\r\n\r\n")
        lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if b"\r\n\r\n" in found and len(body) >= int(*lengths or [0]):
            break
    return found


def answers(server: Server) -> bool:
    return exchange(server, HEAD % len(BODY) + BODY).startswith(b"HTTP/1.1 200")


def test_it_answers(server: Server) -> None:
    assert answers(server)
    head = exchange(server, b"GET /v2 HTTP/1.1\r\nHost: any.name.at.all\r\n\r\n").lower()
    assert head.startswith(b"http/1.1 200") and b"nosniff" in head
    assert exchange(server, b"GET /elsewhere HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith(b"HTTP/1.1 404")


def test_a_slow_body_and_one_cut_off(server: Server) -> None:
    slow = exchange(server, HEAD % len(BODY) + BODY[:100])
    assert slow.startswith(b"HTTP/1.1 408") and b'"error"' in slow
    exchange(server, HEAD % len(BODY) + BODY[:100], end=True)
    assert answers(server)


def test_a_half_closed_connection_gets_its_answer_or_none(server: Server) -> None:
    found = exchange(server, HEAD % len(BODY) + BODY, end=True)
    assert found == b"" or found.startswith(b"HTTP/1.1 200")
    assert answers(server)


@linux
def test_a_body_of_a_gigabyte_is_not_taken(server: Server) -> None:
    before = server.memory()
    with server.connect() as connection:
        connection.sendall(HEAD % 10**9)
        assert received(connection).startswith(b"HTTP/1.1 413")
    chunked = b"POST /v2/models/cnn/infer HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    sent = 0
    with server.connect() as connection, suppress(OSError):
        connection.sendall(chunked)
        for _ in range(1000):
            connection.sendall(b"100000\r\n" + bytes(0x100000) + b"\r\n")
            sent += 1
    assert sent < 1000 and server.memory() < before + 50_000_000
    assert answers(server)


@linux
@pytest.mark.parametrize("name", strangers.ATTACKS)
def test_callers_are_answered_while_strangers_misbehave(server: Server, name: str) -> None:
    before = server.memory()
    stranger = multiprocessing.get_context("spawn").Process(target=strangers.attack, args=(name, server.port))
    stranger.start()
    try:
        time.sleep(2)
        assert asyncio.run(strangers.call(server.port, 2.0))  # raises for one that is refused
        assert stranger.is_alive() and server.memory() < before + 100_000_000
    finally:
        stranger.kill()
        stranger.join()
    assert answers(server)


def test_fewer_connections_are_kept_where_few_files_may_be_open(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (300, 300))
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    monkeypatch.setattr(connections.Connection, "most", connections.MOST)
    alone._raise_file_limit()
    assert connections.Connection.most == 200 and "200 connections" in caplog.text


@linux
@pytest.mark.parametrize(
    "start", [b"GET /v2 HTTP/1.1\r\nX: ", b"GET /", HEAD.split(b"Content")[0] + b"Transfer-Encoding: chunked\r\n\r\n1;"]
)
def test_a_head_without_end_ends_the_connection(server: Server, start: bytes) -> None:
    before, sent = server.memory(), 0
    with server.connect() as connection, suppress(OSError):
        connection.sendall(start)
        for _ in range(1000):
            connection.sendall(b"x" * 100_000)
            sent += 1
    assert sent < 1000 and server.memory() < before + 50_000_000
    assert answers(server)


def test_no_http(server: Server) -> None:
    assert exchange(server, b"a secret\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert answers(server)


def test_the_log_has_a_line_for_each_request_and_nothing_that_was_sent(server: Server) -> None:
    exchange(server, b"GET /v2/models/secret?secret HTTP/1.1\r\nHost: secret\r\nX-Secret: secret\r\n\r\n")
    lines = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    assert lines[-1]["route"] == "/v2/models/{name}" and lines[-1]["status"] == 404
    assert "secret" not in server.log and "Traceback" not in server.log


def test_processes_that_share_a_port_share_its_connections() -> None:
    came = [0, 0]

    async def serve(number: int, shared: socket.socket) -> asyncio.Server:
        async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            came[number] += 1
            writer.close()

        listening: Any = connections.Listening(shared)
        return await asyncio.start_server(count, sock=listening)

    async def both() -> None:
        bound = socket.create_server(("127.0.0.1", 0), backlog=20)
        clients = [socket.create_connection(bound.getsockname()) for _ in range(10)]
        with bound.dup() as other:
            servers = [await serve(number, one) for number, one in enumerate((bound, other))]
            while sum(came) < len(clients):
                await asyncio.sleep(0.01)
            for server in servers:
                server.close()
        for client in clients:
            client.close()

    asyncio.run(asyncio.wait_for(both(), PATIENCE))
    assert sum(came) == 10 and min(came) >= 4  # one more for the process that began a turn earlier


def test_it_ends_when_what_it_took_is_answered(tmp_path: Path) -> None:
    with running(tmp_path, "--drain", "2", "--rate", "0") as server:
        with server.connect() as connection:
            connection.sendall(HEAD % len(BODY) + BODY[:100])
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            assert server.status("/v2/health/ready") == 503 and server.status("/v2/health/live") == 200
            assert answers(server)
            while server.status("/v2/health/live"):
                time.sleep(0.1)
            connection.sendall(BODY[100:])
            assert received(connection).startswith(b"HTTP/1.1 200")
        server.process.wait(PATIENCE)
        assert "Traceback" not in server.log


def test_several_processes_count_together(tmp_path: Path) -> None:
    with running(tmp_path, "--workers", "2", "--metrics", "--rate", "0", "--quiet") as server:
        threads = [threading.Thread(target=answers, args=[server]) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        text = exchange(server, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").decode()
        assert 'glassbox_requests_total{route="/v2/models/{name}/infer",status="200"} 20.0' in text
    assert server.process.returncode is not None and '"route"' not in server.log
