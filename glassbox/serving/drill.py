"""What callers notice when one of several replicas ends: they ask before it, from then on, and afterwards."""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import urllib3
from numpy.typing import NDArray

from glassbox.engine.circuit_breaker import CircuitBreaker
from glassbox.engine.engine_error import EngineError
from glassbox.engine.remote_server import Server, Settings
from glassbox.serving.endpoint import Answer, Request, as_json
from glassbox.serving.protocol import Live

ADDRESS, EXTENSION = "v2/replica/end", "replica_drill"
"""The address that ends the replica which gets the request, and how a server's metadata says that it has it."""
CALLERS = 4
_ANSWERED = 0.1
"""Seconds in which an answer has gone out."""
TRIES, PAUSE = 3, 0.1
"""How often a caller asks at most, and the seconds between."""


async def end_replica(request: Request) -> Answer:
    """End this replica as soon as this is answered, without a word to those who wait."""
    asyncio.get_running_loop().call_later(_ANSWERED, os.kill, os.getpid(), signal.SIGKILL)
    return as_json(Live(False))


def end_one(settings: Settings) -> None:
    """Have the service at `settings.address` end one of its replicas. Raises EngineError where it does not."""
    address = f"{settings.address.rstrip('/')}/{ADDRESS}"
    headers = {"Authorization": f"Bearer {settings.key}"}
    try:
        answer = urllib3.request(
            "POST", address, headers=headers, timeout=settings.seconds, retries=False, redirect=False
        )
    except urllib3.exceptions.HTTPError as error:
        raise EngineError("unreachable", f"The engine at {settings.address} can't be reached.") from error
    if answer.status != 200:
        said = f"The engine at {settings.address} ends no replica (HTTP {answer.status})."
        raise EngineError("refused", said, status=answer.status)


@dataclass(frozen=True)
class Part:
    """What the callers got in a part of the time: the `seconds` that each request took, and how many were `lost`."""

    seconds: list[float]
    lost: int

    def percentile(self, percent: int) -> float:
        """Return the seconds within which `percent` of the requests had their answer; NaN where none had."""
        return float(np.percentile(self.seconds, percent)) if self.seconds else float("nan")


class Callers:
    """Threads that ask the network `model` for an empty picture of `shape` all the time, by the server's `settings`."""

    def __init__(self, settings: Settings, model: str, tensors: tuple[str, str], shape: tuple[int, ...]) -> None:
        """`tensors`: the names of the model's input and output."""
        never = CircuitBreaker(failures=sys.maxsize)  # with one, nobody would be asked for five seconds
        self.server = Server(settings, never)
        source, self._output = tensors
        self._model, self._feeds = model, {source: np.zeros(shape, np.float32)}
        self._seconds: list[float] = []
        self._lost = 0
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CALLERS)]
        for thread in self._threads:
            thread.start()

    def _ask(self) -> None:
        while not self._ended.is_set():
            begun = time.perf_counter()
            if self._answered():
                self._seconds.append(time.perf_counter() - begun)
            else:
                self._lost += 1

    def _answered(self) -> bool:
        """Ask until there is an answer, TRIES times at most: asking twice changes nothing, so a caller may ask again
        where Ray's proxy says of a request that its replica has ended (500)."""
        for _ in range(TRIES):
            try:
                self.server.infer(self._model, self._feeds, [self._output], self._check)
                return True
            except EngineError:
                time.sleep(PAUSE)
        return False

    def _check(self, found: Mapping[str, NDArray[Any]]) -> None:
        """Raise ValueError for an answer that can't be right."""
        if len(found[self._output]) != 1:
            raise ValueError("the answer has another number of rows")

    def part(self, seconds: float) -> Part:
        """Return what the callers got in the next `seconds`."""
        self._seconds, self._lost = [], 0
        time.sleep(seconds)
        return Part(self._seconds, self._lost)

    def end(self) -> None:
        """Ask no more."""
        self._ended.set()
        for thread in self._threads:
            thread.join()


def run(
    callers: Callers, end: Callable[[], object], seconds: float, replaced: Callable[[], object] = lambda: None
) -> list[Part]:
    """Return what `callers` got in `seconds` before `end` ended a replica, from then on, and once `replaced` returned,
    which is to wait for another one. Raises what `end` raises."""
    try:
        parts = [callers.part(seconds)]
        end()
        parts.append(callers.part(seconds))
        replaced()
        parts.append(callers.part(seconds))
    finally:
        callers.end()
    return parts
