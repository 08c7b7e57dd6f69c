"""Dynamic batching: requests for a model that are there at the same time run as one batch.

Little work is done in the event loop itself, as handing it to a thread would cost more; the rest in a few threads.
While all of them are at work, what comes joins the batch that waits for one.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from glassbox.serving.models import Arrays, ServedModel
from glassbox.serving.protocol import ServiceError

IN_THE_LOOP = 0.002
"""Seconds that a run may take in the event loop, which does nothing else meanwhile."""
MOST_WAITING = 64
"""Batches that may wait for a thread."""
Result = TypeVar("Result")
_Key = tuple[str, tuple[tuple[str, tuple[int, ...]], ...]]


class Done(NamedTuple):
    """The `outputs` of one request, and in seconds how long it waited for its batch and how long that ran; `rows`: of
    the whole batch."""

    outputs: dict[str, NDArray[Any]]
    waited: float
    ran: float
    rows: int


class _Request(NamedTuple):
    """One request of a batch: its `arrays`, their `rows`, when it `came`, and the `answer` that is waited for."""

    arrays: Arrays
    rows: int
    came: float
    answer: asyncio.Future[Done]


@dataclass
class _Batch:
    """Requests that will run together: their `rows`, and their `size` in rows, or tokens in all rows."""

    requests: list[_Request] = field(default_factory=list)
    rows: int = 0
    size: int = 0


class Runner:
    """Runs batches in the event loop or in threads. `window`: seconds that a request waits for others to run with, 0:
    only those that are there already; `most`: rows of a batch, 1: no batches. `tell` is told of what each batch did."""

    def __init__(self, window: float, most: int, tell: Callable[[str, Done], None] = lambda *_: None) -> None:
        self._window, self._most, self._tell = window, most, tell
        self._open: dict[_Key, _Batch] = {}  # at most one for each request that waits
        self._ripe: dict[_Key, tuple[ServedModel, _Batch]] = {}  # those that wait for a thread: at most MOST_WAITING
        self._tasks: set[asyncio.Task[None]] = set()  # at most as many
        self._at_once = os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(self._at_once, "serving")
        self._waiting, self._most_waiting = 0, self._at_once + MOST_WAITING

    async def run(self, model: ServedModel, arrays: Arrays, size: int) -> Done:
        """Return what `model` gives for `arrays`, of `size` as its `check` returned it. Raises ServiceError."""
        loop, rows = asyncio.get_running_loop(), model.rows(arrays)
        request = _Request(arrays, rows, perf_counter(), loop.create_future())
        if not model.rows_apart or rows >= self._most or size >= model.most_at_once:
            self._begin(model, _Batch([request], rows, size))
            return await request.answer
        key = model.name, tuple((name, array.shape[1:]) for name, array in arrays.items())
        batch = self._open.get(key)
        if batch and (batch.rows + rows > self._most or batch.size + size > model.most_at_once):
            self._close(key, model, batch)
            batch = None
        if batch is None:
            batch = self._open[key] = _Batch()
            loop.call_later(self._window, self._ripen, key, model, batch)
        batch.requests.append(request)
        batch.rows, batch.size = batch.rows + rows, batch.size + size
        if batch.rows == self._most:
            self._close(key, model, batch)
        return await request.answer

    async def call(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, done in a thread. Raises ServiceError where too much waits for one already."""
        if self._waiting >= self._most_waiting:
            raise busy()
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
            if self._ripe and self._waiting < self._at_once:
                key, (model, batch) = next(iter(self._ripe.items()))
                self._close(key, model, batch)

    def _ripen(self, key: _Key, model: ServedModel, batch: _Batch) -> None:
        """Run `batch`, which has waited long enough for others, unless that has begun; or once a thread is free."""
        if self._open.get(key) is not batch:
            return
        if self._waiting < self._at_once or len(self._ripe) >= MOST_WAITING or _is_little(model, batch):
            self._close(key, model, batch)
        else:
            self._ripe[key] = model, batch

    def _close(self, key: _Key, model: ServedModel, batch: _Batch) -> None:
        """Run `batch` without any more requests."""
        del self._open[key]
        self._ripe.pop(key, None)
        self._begin(model, batch)

    def _begin(self, model: ServedModel, batch: _Batch) -> None:
        if gone := [request for request in batch.requests if request.answer.done()]:
            batch.requests = [request for request in batch.requests if not request.answer.done()]
            batch.rows -= sum(request.rows for request in gone)
        if _is_little(model, batch):
            self._answer(model, batch, _run(model, batch))
        else:
            task = asyncio.ensure_future(self._in_a_thread(model, batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _in_a_thread(self, model: ServedModel, batch: _Batch) -> None:
        try:
            found = await self.call(lambda: _run(model, batch))
        except ServiceError as error:
            found = [error.again() for _ in batch.requests]
        self._answer(model, batch, found)

    def _answer(self, model: ServedModel, batch: _Batch, found: Sequence[Done | ServiceError]) -> None:
        for request, one in zip(batch.requests, found, strict=True):
            if request.answer.done():
                continue
            if isinstance(one, ServiceError):
                request.answer.set_exception(one)
            else:
                request.answer.set_result(one)
        if found and isinstance(found[0], Done):
            self._tell(model.name, found[0])


def _is_little(model: ServedModel, batch: _Batch) -> bool:
    return model.seconds * batch.size <= IN_THE_LOOP


def busy() -> ServiceError:
    """Return why a request is not taken on: others wait already."""
    return ServiceError(503, "too many requests wait already: try again in a second", {"retry-after": "1"})


def _run(model: ServedModel, batch: _Batch) -> list[Done | ServiceError]:
    """Return what each request of `batch` gets: of one batch, or, where that fails for one of them, of its own."""
    requests = batch.requests
    if not requests:
        return []
    begun = perf_counter()
    try:
        if len(requests) == 1:
            outputs = model.run(requests[0].arrays)
        else:
            outputs = model.run(
                {name: np.concatenate([one.arrays[name] for one in requests]) for name in requests[0].arrays}
            )
    except ServiceError as error:
        if len(requests) == 1:
            return [error.again()]
        return [_run(model, _Batch([one], one.rows, one.rows))[0] for one in requests]
    ran, start = perf_counter() - begun, 0
    done: list[Done | ServiceError] = []
    for one in requests:
        mine = {name: array[start : start + one.rows] for name, array in outputs.items()}
        start += one.rows
        done.append(Done(mine, begun - one.came, ran, batch.rows))
    return done
