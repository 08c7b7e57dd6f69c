"""The service without the dashboard, under uvicorn: one process, or several that share a port."""

import asyncio
import gc
import logging
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import FrameType
from typing import Any

import uvicorn
from starlette.routing import Router
from uvicorn.supervisors import Multiprocess

from glassbox.serving import connections, heads
from glassbox.serving.service import Service
from glassbox.serving.settings import Settings

_log = logging.getLogger(__name__)
_KEPT_ALIVE = 20
"""Seconds that a connection may be idle after an answer."""


def application(*, replica: bool = False) -> Router:
    """Return the service as an ASGI application, set by the environment; `replica`: as of Service. All models are
    loaded before it takes requests, so that none waits for that. Raises ValueError for a setting that is not what it
    should be.

    It is the routes alone: an Endpoint answers whatever fails in it, which Starlette's middleware would be for."""
    heads.prepare()
    _raise_file_limit()
    service = Service(Settings.from_environment(), replica=replica)

    @asynccontextmanager
    async def lifespan(app: Router) -> AsyncIterator[None]:
        await service.runner.call(service.models.index)
        gc.collect()
        gc.freeze()  # what was loaded stays, and is not looked through again
        _drain_first(service)
        yield

    return Router(service.routes(everywhere=True), lifespan=lifespan)


def run(host: str, port: int, workers: int) -> None:
    """Serve until a signal ends it; what was taken by then is answered first."""
    config = uvicorn.Config(
        f"{__name__}:application",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        http=connections.Connection,
        access_log=False,  # it would tell addresses and paths; the service logs its own lines
        server_header=False,
        timeout_keep_alive=_KEPT_ALIVE,
        timeout_graceful_shutdown=int(Settings.from_environment().seconds) + 1,
        log_level="warning",
    )
    if workers > 1:
        shared: Any = connections.Listening(config.bind_socket())
        Multiprocess(config, sockets=[shared]).run()
    else:
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run()


def _drain_first(service: Service) -> None:
    """Have the first signal to end make the service say that it is not ready, and end it `drain` seconds later."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        end: Any = signal.getsignal(number)
        if not callable(end):
            continue

        def begin(number: int, frame: FrameType | None, end: Any = end) -> None:
            if service.draining or not service.settings.drain:
                service.draining = True
                end(number, frame)
            else:
                service.draining = True
                loop.call_soon_threadsafe(loop.call_later, service.settings.drain, end, number, None)

        signal.signal(number, begin)


def _raise_file_limit() -> None:
    """Allow as many open files as the system lets us have, for there is one a connection, and say where that is few."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        if files != resource.RLIM_INFINITY and files < connections.MOST + connections.SPARE:
            connections.Connection.most = max(files - connections.SPARE, 1)
            text = "only %d connections are kept, since %d files may be open: see ulimit -n"
            _log.warning(text, connections.Connection.most, files)
