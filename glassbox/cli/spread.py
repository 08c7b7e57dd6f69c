"""Pictures read by several processes, or by Ray, a few chunks at a time, and answered in their order."""

import importlib
import itertools
import json
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any

from glassbox import heap
from glassbox.digits.files import Answer, FileReader
from glassbox.digits.reader import Reader
from glassbox.zoo import digit_models

CHUNK = 64
"""Pictures that are read together."""
AHEAD = 3
"""Chunks a process that may wait or be read: what is kept in memory does not grow with the pictures."""


@dataclass(frozen=True)
class Work:
    """How pictures are read: by which `models`, on which `provider`, and whether `as_is` (see
    `glassbox.digits.files.prepared_file`)."""

    models: Sequence[str]
    provider: str = "cpu"
    as_is: bool = False

    def reader(self) -> FileReader:
        """Return what reads them in this process."""
        return FileReader(Reader(digit_models.load(names=self.models), self.provider), self.models, as_is=self.as_is)


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def chunks(paths: Iterable[str], size: int = CHUNK) -> Iterator[list[str]]:
    """Yield the paths, up to `size` at a time."""
    coming = iter(paths)
    while chunk := list(itertools.islice(coming, size)):
        yield chunk


def in_this_process(reader: FileReader, paths: Iterable[str]) -> Iterator[list[Answer]]:
    """Yield the answers on the pictures, a chunk at a time."""
    return (reader.answers(chunk) for chunk in chunks(paths))


def over_processes(work: Work, paths: Iterable[str], count: int) -> Iterator[list[Answer]]:
    """Yield the answers on the pictures in their order, a chunk at a time, read by `count` processes.

    At most AHEAD chunks a process are under way. Raises what reading raises, and BrokenProcessPool where a process
    ended.
    """
    context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
    pool = ProcessPoolExecutor(count, context, _prepare, (work,))
    under_way: deque[Future[list[Answer]]] = deque()
    try:
        for chunk in chunks(paths):
            under_way.append(pool.submit(_answers, chunk))
            if len(under_way) == AHEAD * count:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_here: list[FileReader] = []


def _prepare(work: Work) -> None:
    """Make a new process ready to read; it ends when the one that started it does, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that started it tells this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    heap.keep_freed()
    _here[:] = [work.reader()]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _answers(paths: list[str]) -> list[Answer]:
    return _here[0].answers(paths)


def over_ray(work: Work, paths: Iterable[str], count: int) -> Iterator[list[Answer]]:
    """Yield the answers on the pictures in their order, a chunk at a time, read by `count` actors of Ray Data.

    Ray holds back what is read before it is asked for. The address of a cluster is in RAY_ADDRESS, as Ray has it; its
    machines need the same files at the same paths, and Glassbox. Raises ImportError where Ray is not installed.
    """
    ray, data = importlib.import_module("ray"), importlib.import_module("ray.data")
    if not ray.is_initialized():
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    context = data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    rows = [{"paths": chunk} for chunk in chunks(paths)]
    read = data.from_items(rows).map_batches(
        _Actor,
        fn_constructor_args=(work,),
        batch_size=1,
        batch_format="numpy",
        compute=data.ActorPoolStrategy(size=count),
    )
    for row in read.iter_rows():
        yield json.loads(row["answers"])


class _Actor:
    """What an actor of Ray Data does: a batch has one row, of which `paths` are those of a chunk."""

    def __init__(self, work: Work) -> None:
        self._reader = work.reader()

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        answers = self._reader.answers([str(path) for path in batch["paths"][0]])
        return {"answers": [json.dumps(answers)]}  # as it is: Ray would make a table of it
