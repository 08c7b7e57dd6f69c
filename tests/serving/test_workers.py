"""Several processes behind one address: which of them gets a connection, and real ones that serve visitors."""

import asyncio
import inspect
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.request import Request, urlopen

import pytest
from streamlit.web.server.starlette import starlette_server

from benchmarks.dashboard import free_port, wait_until_healthy
from benchmarks.visitor import Visitor
from glassbox.__main__ import main
from glassbox.paths import ROOT
from glassbox.serving import workers
from glassbox.serving.workers import COOKIE, LINES, Workers, head_of
from glassbox.ui.server.handed_over import HandedOver

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="hands file descriptors over")
PATIENCE = 60.0


@contextmanager
def asleep(count: int) -> Iterator[tuple[Workers, list[HandedOver]]]:
    """`count` processes that do nothing, and the ends on which they would get connections."""
    ends: dict[int, HandedOver] = {}

    def start(number: int, channel: socket.socket) -> subprocess.Popen[bytes]:
        ends[number] = HandedOver(fileno=os.dup(channel.fileno()))
        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])

    made = Workers(count, start)
    try:
        yield made, [ends[number] for number in range(count)]
    finally:
        made.end()
        for end in ends.values():
            end.close()


@pytest.mark.parametrize(
    ("head", "number"),
    [
        (f"GET / HTTP/1.1\r\nCookie: {COOKIE}=2\r\n\r\n", 2),
        (f"GET / HTTP/1.1\r\nHost: here\r\ncookie: a=b; {COOKIE}=1; c=d\r\n\r\n", 1),
        (f"GET / HTTP/1.1\r\nCookie: x{COOKIE}=2; {COOKIE}=0\r\n\r\n", 0),
    ],
)
def test_a_cookie_leads_to_its_process(head: str, number: int) -> None:
    with asleep(3) as (made, _):
        assert [made.choose(head.encode(), "10.0.0.1") for _ in range(4)] == [number] * 4


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xfe\x00 \r\n",
        f"GET / HTTP/1.1\r\nCookie: {COOKIE}=3\r\n\r\n".encode(),
        f"GET / HTTP/1.1\r\nCookie: {COOKIE}=-1\r\n\r\n".encode(),
        f"GET / HTTP/1.1\r\nX-Cookie: {COOKIE}=1\r\n\r\n".encode(),
        f"GET /?Cookie: {COOKIE}=1 HTTP/1.1\r\n\r\n".encode(),
    ],
)
def test_all_others_are_spread_evenly(head: bytes) -> None:
    with asleep(3) as (made, _):
        assert Counter(made.choose(head, "10.0.0.1") for _ in range(9)) == {0: 3, 1: 3, 2: 3}


def test_a_program_is_counted_by_one_process() -> None:
    with asleep(3) as (made, _):
        chosen = {
            address: {made.choose(b"POST /v2/models/cnn/infer HTTP/1.1\r\n\r\n", address) for _ in range(3)}
            for address in (f"10.0.0.{number}" for number in range(30))
        }
        assert all(len(numbers) == 1 for numbers in chosen.values())
        assert set.union(*chosen.values()) == {0, 1, 2}


def test_a_connection_arrives_unread_with_its_address() -> None:
    with asleep(1) as (made, [end]), socket.create_server(("127.0.0.1", 0)) as listening:
        address_of = listening.getsockname()
        with socket.create_connection(address_of) as visitor:
            accepted, address = listening.accept()
            visitor.sendall(b"GET / HTTP/1.1\r\n")
            accepted.setblocking(False)

            async def look() -> bytes | None:
                looking = asyncio.create_task(head_of(accepted))
                await asyncio.sleep(0.05)
                visitor.sendall(b"Host: here\r\n\r\nbody")
                return await looking

            assert asyncio.run(look()) == b"GET / HTTP/1.1\r\nHost: here\r\n\r\nbody"
            assert made.hand_over(accepted, 0)
            accepted.close()
            connection, peer = end.accept()
            with connection:
                assert peer == address
                assert connection.recv(100) == b"GET / HTTP/1.1\r\nHost: here\r\n\r\nbody"
                connection.sendall(b"answer")
            assert visitor.recv(100) == b"answer"


def test_a_head_that_does_not_end_is_waited_for_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "SECONDS", 0.1)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        assert asyncio.run(head_of(ours)) == b""
        theirs.sendall(b"GET /")
        assert asyncio.run(head_of(ours)) == b"GET /"
        theirs.close()
        ours.recv(100)
        assert asyncio.run(head_of(ours)) is None


def test_a_process_ends_with_the_one_that_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda process, number: sent.append((process, number)))
    ours, theirs = socket.socketpair()
    ours.close()
    with HandedOver(fileno=theirs.detach()) as end, pytest.raises(BlockingIOError):
        end.accept()
    assert sent == [(os.getpid(), signal.SIGTERM)]


def test_the_place_of_one_that_ended_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "RESTART_SECONDS", 0.0)
    with asleep(2) as (made, _), socket.create_server(("127.0.0.1", 0)) as any_socket:
        first = made.workers[0].process
        first.kill()
        first.wait()
        made.replace_ended()
        assert made.workers[0].process.pid != first.pid and made.workers[0].process.poll() is None
        assert made.hand_over(any_socket, 0)


def test_without_room_for_a_folder_they_are_served_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_room(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workers.tempfile, "TemporaryDirectory", no_room)
    with workers._folder() as folder:
        assert folder == ""
    assert "No space left on device" in capsys.readouterr().err


def test_streamlit_binds_its_port_by_one_function() -> None:
    """A private part that handed_over.py relies on."""
    parameters = inspect.signature(starlette_server._bind_server_socket).parameters
    assert list(parameters) == ["server_address", "bind_address", "port", "backlog"]
    assert "_bind_server_socket(" in inspect.getsource(starlette_server.UvicornRunner.run)


@pytest.mark.parametrize("options", [["--workers", "0"], ["--workers", "2", "--server.sslCertFile", "x"]])
def test_what_cannot_be_is_refused(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dashboard", *options]) == 2
    assert "--workers" in capsys.readouterr().err


def cookie_of(url: str, sent: str = "") -> str:
    """The number that the answer's cookie names, "" if it sets none."""
    with urlopen(Request(url, headers={"Cookie": sent} if sent else {}), timeout=PATIENCE) as answer:
        cookies = answer.headers.get_all("Set-Cookie") or []
    return next((one.partition(";")[0].partition("=")[2] for one in cookies if one.startswith(COOKIE)), "")


def children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in tasks.read_text().split()]


def variables(process: int) -> dict[str, str]:
    found = Path(f"/proc/{process}/environ").read_text().split("\0")
    return dict(one.split("=", 1) for one in found if "=" in one)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_visitors_of_real_processes(tmp_path: Path) -> None:
    """They are spread, keep their process, and are served on when one is killed."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "glassbox", "dashboard", "--workers", "2", "--server.port", str(port)]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen([*command, "--server.address", "127.0.0.1"], cwd=ROOT, stderr=log) as server,
    ):
        try:
            wait_until_healthy(server, url)
            assert {cookie_of(url) for _ in range(4)} == {"0", "1"}
            assert {cookie_of(url, f"{COOKIE}=1") for _ in range(3)} == {""}

            async def visits() -> None:
                for _ in range(3):
                    async with Visitor(url, query="lang=en") as visitor:
                        await visitor.run()
                        assert visitor.exceptions() == [] and len(visitor.elements) > 10

            asyncio.run(visits())
            before = children(server.pid)
            assert len(before) == 2
            lines = {variables(child)[LINES] for child in before}
            assert len(lines) == 1 and Path(*lines).stat().st_mode & 0o777 == 0o700
            os.kill(before[0], signal.SIGKILL)
            end = monotonic() + PATIENCE
            while (set(children(server.pid)) == set(before) or len(children(server.pid)) < 2) and monotonic() < end:
                sleep(0.1)
            asyncio.run(visits())
            mine = children(server.pid)
        finally:
            server.terminate()
        assert server.wait(PATIENCE) == 0
    assert not [child for child in mine if Path(f"/proc/{child}/stat").exists()]
    assert not Path(*lines).exists()
