"""The sandbox: files from strangers are parsed and run in other processes, which can hurt nothing but themselves.

    with Sandbox() as sandbox:
        answer = sandbox.call("me", "read", [data], Read())

A child process has its own limits on memory, time and files and, on Linux, no network, no other process and no file but
Python's own: see `isolated.confinement`. It first refuses what would cost or reach too much: see `isolated.admission`.
"""

import atexit
import functools
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from threading import Condition
from time import monotonic
from typing import Any

import msgspec
from numpy.typing import NDArray

from glassbox.engine.answer import Answer
from glassbox.engine.container import WORKERS, memory_limit
from glassbox.engine.isolated.confinement import PROTECTIONS
from glassbox.engine.isolated.process import START_SECONDS, Child
from glassbox.input_error import InputError

__all__ = ["PROTECTIONS", "Answer", "Limits", "Sandbox", "shared"]
COMMANDS = "glassbox.inspection.commands"
"""The module whose COMMANDS a child runs, by name, as it is above this one."""
MODEL_MEGABYTES, CHILDREN, SECONDS = "GLASSBOX_MODEL_MEGABYTES", "GLASSBOX_MODEL_PROCESSES", "GLASSBOX_MODEL_SECONDS"
"""Settings in the environment: what a model's file may have, how many run at a time (in all the processes that serve an
address, but one in each at least), and how long a call may take."""
_MB = 1 << 20
_SERVER_MEMORY, _LEAST_MEMORY = 400 * _MB, 350 * _MB
"""What the dashboard takes with twenty visitors, and what a small model needs, the code of the libraries included."""
_LOOK_SECONDS = 0.5
"""How often one who waits is told the place, and whether he or she still waits."""
_LIFE = 20
"""Calls of full length after which a child is replaced: its processor time is limited in all."""


@dataclass(frozen=True)
class Limits:
    """What a child may take: `seconds` a call, up to twice as many for large models, see
    `isolated.messages.seconds_of_call`; `memory` and the other sizes in bytes. `children` run at a time, one is
    ended after `idle_seconds` without a call, and `waiting` calls wait, each for `wait_seconds` at most."""

    seconds: int = 12
    memory: int = 1024 * _MB
    model_bytes: int = 20 * _MB
    request_bytes: int = 16 * _MB
    answer_bytes: int = 32 * _MB
    children: int = 2
    idle_seconds: float = 60.0
    waiting: int = 20
    wait_seconds: float = 60.0

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] = os.environ) -> "Limits":
        """Return the limits with the operator's settings; a larger file may take and give more. A value that is no
        number from 1 on counts as not set. In a container all children together leave the servers their own memory."""
        megabytes = _number(environment.get(MODEL_MEGABYTES)) or cls.model_bytes // _MB
        processes = _number(environment.get(WORKERS)) or 1
        children = max(1, (_number(environment.get(CHILDREN)) or cls.children) // processes)
        memory = max(cls.memory, (512 + 20 * megabytes) * _MB)
        if (container := memory_limit()) is not None:
            left = container - processes * _SERVER_MEMORY
            memory = min(memory, max(_LEAST_MEMORY, left // (processes * children)))
        return cls(
            seconds=_number(environment.get(SECONDS)) or cls.seconds,
            memory=memory,
            model_bytes=megabytes * _MB,
            answer_bytes=max(cls.answer_bytes, 3 * megabytes * _MB // 2),  # a model may be made of it
            children=children,
        )


class Sandbox:
    """Children that answer calls: one a session, kept for its next call. Threads may share it."""

    def __init__(self, limits: Limits = Limits(), commands: str = COMMANDS) -> None:
        """Start nothing yet. `commands`: the module whose COMMANDS the children run."""
        self.limits = limits
        most_seconds = START_SECONDS + limits.seconds * _LIFE
        self._settings = {**asdict(limits), "most_seconds": most_seconds, "commands": commands}
        self._children: dict[str, Child] = {}  # by session; limits.children at most
        self._busy: set[str] = set()
        self._queue: list[tuple[str, object]] = []  # limits.waiting at most
        self._changed = Condition()
        atexit.register(self.close)

    def call(
        self,
        session: str,
        command: str,
        models: Sequence[bytes],
        request: Any,
        arrays: Mapping[str, NDArray[Any]] | None = None,
        *,
        tell: Callable[[int], None] = lambda place: None,
    ) -> Answer:
        """Return what `command` finds about `models`. `request` is anything that msgspec writes as JSON.

        While others are before it, `tell` is called with the place in the queue, from 1, every half second; what it
        raises ends the waiting. Raises InputError with the command's own refusal, or with one of the codes of
        `isolated.admission`, `model_crashed`, `model_too_slow`, `out_of_memory`, `model_failed`, `answer_too_large`,
        `answer_unreadable`, `sandbox_busy` and `sandbox_unavailable`.
        """
        size = sum(values.nbytes for values in (arrays or {}).values())
        if size > self.limits.request_bytes:
            limit = self.limits.request_bytes // _MB
            raise InputError("arrays_too_large", f"The inputs take more than the {limit} MB allowed.", limit=limit)
        for model in models:  # before a copy is made of it
            if len(model) > self.limits.model_bytes:
                found, limit = round(len(model) / _MB, 1), self.limits.model_bytes // _MB
                sentence = f"The file has {found} MB; the limit is {limit} MB."
                raise InputError("model_too_large", sentence, size=found, limit=limit)
        with self._turn(session, tell):
            return self._child(session).ask(command, msgspec.json.encode(request), models, arrays or {})

    def prepare(self, session: str) -> None:
        """Start the session's child, if one is free, so that its first call finds it ready. Does not wait."""
        with self._changed:
            if session not in self._children and len(self._children) < self.limits.children:
                self._children[session] = Child(self._settings)

    def place(self, session: str) -> int:
        """Return the session's place in the queue, from 1; 0 if it does not wait."""
        with self._changed:
            return next((place for place, (one, _) in enumerate(self._queue, 1) if one == session), 0)

    def protections(self) -> dict[str, bool]:
        """Return which of PROTECTIONS hold in a child here. Raises InputError if none can be started."""
        return dict(self._protections)

    @functools.cached_property
    def _protections(self) -> dict[str, bool]:
        child = Child(self._settings)
        try:
            held = child.greet()
        finally:
            child.end()
        return {name: name in held for name in PROTECTIONS}

    def end(self, session: str) -> None:
        """End the session's child at once, with all that it knows of a file; a call that it is answering is refused."""
        with self._changed:
            child, asked = self._children.pop(session, None), session in self._busy
        if child and asked:
            child.expire()  # the thread that waits for its answer does the rest
        elif child:
            child.end()

    def sweep(self, sessions: Collection[str]) -> None:
        """End the children of sessions that are not among `sessions`, and those that have long had nothing to do."""
        now = monotonic()
        with self._changed:
            over = [
                session
                for session, child in self._children.items()
                if session not in sessions
                or not child.lives
                or (session not in self._busy and now - child.used > self.limits.idle_seconds)
            ]
            ended = [self._children.pop(session) for session in over]
        for child in ended:
            child.end()

    def close(self) -> None:
        """End all children."""
        self.sweep(())
        atexit.unregister(self.close)

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    @contextmanager
    def _turn(self, session: str, tell: Callable[[int], None]) -> Iterator[None]:
        ticket, until = (session, object()), monotonic() + self.limits.wait_seconds
        with self._changed:
            if len(self._queue) >= self.limits.waiting:
                raise _busy(len(self._queue) + 1)
            self._queue.append(ticket)
        try:
            seconds = 0.0
            while not self._enters(ticket, seconds):
                if monotonic() > until:
                    raise _busy(self.place(session))
                tell(self.place(session))
                seconds = _LOOK_SECONDS
        finally:
            with self._changed:
                self._queue.remove(ticket)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._busy.remove(session)
                self._changed.notify_all()

    def _enters(self, ticket: tuple[str, object], seconds: float) -> bool:
        """Wait `seconds` for the turn of `ticket`; take it if it has come."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_next(ticket), seconds):
                return False
            self._busy.add(ticket[0])
            return True

    def _is_next(self, ticket: tuple[str, object]) -> bool:
        """A session waits for its own last call; whoever waits for nothing else goes first."""
        if len(self._busy) >= self.limits.children:
            return False
        return ticket is next((one for one in self._queue if one[0] not in self._busy), None)

    def _child(self, session: str) -> Child:
        """Return the session's child, started anew if need be, in the place of the one longest idle."""
        ended = []
        with self._changed:
            child = self._children.pop(session, None)
            if child and not (child.lives and child.spent < self.limits.seconds * (_LIFE - 2)):
                ended.append(child)
                child = None
            if child is None and len(self._children) >= self.limits.children:
                idle = [one for one in self._children if one not in self._busy]
                ended.append(self._children.pop(min(idle, key=lambda one: self._children[one].used)))
            for one in ended:
                one.end()
            self._children[session] = child or Child(self._settings)
            return self._children[session]


@functools.cache
def shared() -> Sandbox:
    """Return the process's own sandbox, with the operator's settings."""
    return Sandbox(Limits.of_environment())


def _busy(place: int) -> InputError:
    return InputError("sandbox_busy", f"All processes are busy: place {place} in the queue.", place=place)


def _number(text: str | None) -> int | None:
    """`text` as a number from 1 on, or None."""
    return int(text) if text and text.isascii() and text.isdecimal() and int(text) else None
