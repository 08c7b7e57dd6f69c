"""Lines in which jobs wait: first come, first served, in one process or across several that serve one address."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol


class Line(Protocol):
    """A line of tickets. `poll`: the seconds, for each ticket before one's own, after which another process may have
    given one back; None where only this one does."""

    poll: float | None

    def take(self) -> str:
        """Return a ticket at the end of the line. Raises OSError where there is none to be had."""

    def before(self, ticket: str) -> int:
        """Return how many tickets stand before `ticket`: never more than before."""

    def give_back(self, ticket: str) -> None:
        """Take `ticket` out of the line."""


class OwnLine:
    """The line of one process. Whoever uses it holds a lock."""

    poll: float | None = None

    def __init__(self) -> None:
        self._taken = 0
        self._tickets: list[str] = []  # at most one for each running script, so one a visitor

    def take(self) -> str:
        """Return a ticket at the end of the line."""
        self._taken += 1
        self._tickets.append(str(self._taken))
        return self._tickets[-1]

    def before(self, ticket: str) -> int:
        """Return how many tickets stand before `ticket`."""
        return self._tickets.index(ticket)

    def give_back(self, ticket: str) -> None:
        """Take `ticket` out of the line."""
        self._tickets.remove(ticket)


class SharedLine:
    """The line of several processes (Linux and macOS), in a folder: each ticket is an empty file whose name has its
    number and its process. Each process holds a lock, which goes with it however it ends: then its tickets count no
    more.
    """

    poll: float | None

    def __init__(self, folder: Path, process: str, poll: float) -> None:
        """`process`: the name of this one, or of the ended one whose place it takes. Raises OSError where the folder
        can't be written to."""
        self.poll = poll
        self._folder, self._process = folder, process
        folder.mkdir(mode=0o700, exist_ok=True)
        self._lives = _locked(self._lock_of(process), wait=True)  # until this process ends
        for name in self._tickets():
            if _process(name) == process:
                self.give_back(name)

    def take(self) -> str:
        """Return a ticket at the end of the line. Raises OSError where the folder is gone or full."""
        with self._alone():
            last = max((name.partition(".")[0] for name in self._tickets()), default="0")
            ticket = f"{int(last) + 1:012}.{self._process}"
            (self._folder / ticket).touch(mode=0o600)
        return ticket

    def before(self, ticket: str) -> int:
        """Return how many tickets of processes that live stand before `ticket`."""
        try:
            ahead = [name for name in self._tickets() if name < ticket]
        except OSError:  # the folder was taken away: nobody can be waited for
            return 0
        ended = {process for process in set(map(_process, ahead)) if self._has_ended(process)}
        for name in ahead:
            if _process(name) in ended:
                self.give_back(name)
        return sum(_process(name) not in ended for name in ahead)

    def give_back(self, ticket: str) -> None:
        """Take `ticket` out of the line."""
        with suppress(OSError):
            (self._folder / ticket).unlink(missing_ok=True)

    def _tickets(self) -> list[str]:
        return [name for name in os.listdir(self._folder) if name[0].isdigit()]

    def _lock_of(self, process: str) -> Path:
        return self._folder / f"lives.{process}"

    def _has_ended(self, process: str) -> bool:
        if process == self._process:
            return False
        try:
            handle = _locked(self._lock_of(process), wait=False)
        except BlockingIOError:
            return False
        except OSError:  # no descriptor is free: nobody knows
            return False
        os.close(handle)
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let no other process take a ticket meanwhile."""
        handle = _locked(self._folder / "taking", wait=True)
        try:
            yield
        finally:
            os.close(handle)


def _process(ticket: str) -> str:
    """Return the name of the process that a ticket is of."""
    return ticket.partition(".")[2]


def _locked(path: Path, *, wait: bool) -> int:
    """Return the descriptor of a file that nobody else holds meanwhile. Raises BlockingIOError where somebody does,
    unless this is to `wait`."""
    import fcntl  # not on Windows, where there are no several processes

    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BaseException:
        os.close(handle)
        raise
    return handle
