"""What callers notice while strangers misbehave: `python -m benchmarks.strangers [SECONDS]`.

The service runs alone. Some callers ask at a steady pace; meanwhile another process opens 10,000 idle connections,
sends bodies a byte at a time, lies about sizes, sends a gigabyte, or closes its half of a connection. Printed are the
callers' p50 and p99 before and during each, the service's memory, and what it spent on the processor. Linux only.
"""

import asyncio
import multiprocessing
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from statistics import quantiles

from benchmarks.measure import processor_seconds, resident_megabytes
from benchmarks.serving import glassbox, infer

CALLERS, PAUSE = 8, 0.02
"""Callers, and the seconds between an answer and the next request of one."""
IDLE, SLOW = 10_000, 200
SECONDS = 6.0
PATIENCE = 30.0
_TOGETHER = 200
"""Connections that are opened at a time."""


async def idle(port: int, count: int = IDLE) -> None:
    """Open `count` connections and say nothing on any."""
    held = []
    for start in range(0, count, _TOGETHER):
        many = (asyncio.open_connection("127.0.0.1", port) for _ in range(min(_TOGETHER, count - start)))
        held += [one for one in await asyncio.gather(*many, return_exceptions=True) if isinstance(one, tuple)]
    await asyncio.sleep(3600)


async def slow(port: int) -> None:
    """Send bodies a byte at a time, on SLOW connections."""
    request = infer("cnn")

    async def one() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request[:200])
        for place in range(200, len(request)):
            await asyncio.sleep(0.5)
            writer.write(request[place : place + 1])
            await writer.drain()

    await _again(one, SLOW, 0.5)


async def lying(port: int) -> None:
    """Send requests whose sizes are other than they say."""
    request = infer("cnn")
    lies = [
        request.replace(b'"binary_data_size": 3136', b'"binary_data_size": %d' % size) for size in (313, 9136, 3132)
    ] + [request.replace(b"inference-header-content-length: ", b"inference-header-content-length: 9")]

    async def one() -> None:
        for lie in lies:
            length = len(lie.partition(b"\r\n\r\n")[2])
            head, _, body = lie.partition(b"\r\n\r\n")
            head = b"\r\n".join(
                b"content-length: %d" % length if line.startswith(b"content-length") else line
                for line in head.split(b"\r\n")
            )
            await _answer(port, head + b"\r\n\r\n" + body)

    await _again(one, 4, 0.1)


async def gigabyte(port: int) -> None:
    """Send a gigabyte, said to be one or in chunks."""
    head = b"POST /v2/models/cnn/infer HTTP/1.1\r\nhost: localhost\r\n%s\r\n\r\n"
    said = head % b"content-length: 1000000000"
    chunked = head % b"transfer-encoding: chunked"

    async def one() -> None:
        for start, part in ((said, bytes(1 << 20)), (chunked, b"100000\r\n" + bytes(1 << 20) + b"\r\n")):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            with suppress(OSError):
                writer.write(start)
                for _ in range(1000):
                    writer.write(part)
                    await writer.drain()
            writer.close()

    await _again(one, 2, 0.5)


async def half_closed(port: int) -> None:
    """Close the sending half of a connection behind a request, and in the middle of one."""
    request = infer("cnn")

    async def one() -> None:
        for sent in (request, request[:-100]):
            await _answer(port, sent, end=True)

    await _again(one, 4, 0.1)


ATTACKS: Mapping[str, Callable[[int], Awaitable[None]]] = {
    one.__name__: one for one in (idle, slow, lying, gigabyte, half_closed)
}


async def _again(one: Callable[[], Awaitable[None]], count: int, pause: float) -> None:
    """Do `one` again and again, `count` times at the same time."""

    async def forever() -> None:
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                await one()
            await asyncio.sleep(pause)

    await asyncio.gather(*(forever() for _ in range(count)))


async def _answer(port: int, sent: bytes, *, end: bool = False) -> bytes:
    """Return what comes back, until the connection is closed or an answer is whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        if end:
            writer.write_eof()
        head = b""
        async with asyncio.timeout(PATIENCE):
            while line := await reader.readline():
                head += line
                if line == b"\r\n":
                    break
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            return head + await reader.readexactly(length)
    finally:
        writer.close()


def attack(name: str, port: int) -> None:
    """Misbehave until the process is ended."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(ATTACKS[name](port))  # type: ignore[arg-type]


async def call(port: int, seconds: float) -> list[float]:
    """Return the seconds that each request of CALLERS took. Raises RuntimeError for one that is refused."""
    request, taken, ended = infer("cnn"), list[float](), time.perf_counter() + seconds

    async def caller() -> None:
        while time.perf_counter() < ended:
            begun = time.perf_counter()
            answer = await _answer(port, request)
            taken.append(time.perf_counter() - begun)
            if b" 200 " not in answer[:20]:
                raise RuntimeError(f"a caller is refused: {answer[:200]!r}")
            await asyncio.sleep(PAUSE)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return taken


def measured(port: int, process: int, seconds: float) -> str:
    """Return a line on what callers got."""
    worked, begun = processor_seconds(process), time.perf_counter()
    taken = asyncio.run(call(port, seconds))
    share = (processor_seconds(process) - worked) / (time.perf_counter() - begun)
    cuts = quantiles(taken, n=100)
    memory = resident_megabytes(process)
    line = f"{len(taken):6d} asked, p50 {1e3 * cuts[49]:7.1f} ms, p99 {1e3 * cuts[98]:7.1f} ms"
    return f"{line}, {memory:5.0f} MB, {100 * share:4.0f} % of a core"


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    print(f"files that may be open: {resource.getrlimit(resource.RLIMIT_NOFILE)[1]}")
    with glassbox("--seconds", "5") as (port, process):
        for name in ATTACKS:
            print(f"{'':12}{measured(port, process, seconds)}", flush=True)
            other = multiprocessing.get_context("spawn").Process(target=attack, args=(name, port))
            other.start()
            time.sleep(3)  # until it is at it
            print(f"{name:12}{measured(port, process, seconds)}", flush=True)
            other.kill()
            other.join()
            time.sleep(1)
        print(f"{'':12}{measured(port, process, seconds)}")


if __name__ == "__main__":
    main()
