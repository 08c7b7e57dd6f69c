"""A circuit breaker: calls to a server that keeps failing fail at once for a while, so that nobody waits for it.

Nygard, "Release It!", 2007, chapter 5. Closed: calls pass. After `failures` in a row it is open: no call passes for
`pause` seconds. Then it is half open: one call passes, and closes it if it succeeds.
"""

import threading
from collections.abc import Callable
from time import monotonic

FAILURES = 3
PAUSE = 5.0


class CircuitBreaker:
    """Threads share it. `clock` gives seconds that never run back."""

    def __init__(self, failures: int = FAILURES, pause: float = PAUSE, clock: Callable[[], float] = monotonic) -> None:
        self._limit, self._pause, self._clock = failures, pause, clock
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._opened: float | None = None
        self._tried: float | None = None

    @property
    def state(self) -> str:
        """ "closed", "open" or "half_open"."""
        with self._lock:
            if self._opened is None:
                return "closed"
            return "half_open" if self._clock() >= self._opened + self._pause else "open"

    def passes(self) -> bool:
        """Return whether a call may be made now. Whoever makes it tells how it went: `succeeded` or `failed`."""
        with self._lock:
            if self._opened is None:
                return True
            now = self._clock()
            if now < self._opened + self._pause:
                return False
            if self._tried is not None and now < self._tried + self._pause:
                return False  # another call is trying whether the server is back
            self._tried = now
            return True

    def succeeded(self) -> bool:
        """Close it; return whether it had been open."""
        with self._lock:
            was_open = self._opened is not None
            self._in_a_row, self._opened, self._tried = 0, None, None
            return was_open

    def failed(self) -> None:
        """Count a failure; open it after too many in a row, and again where it was half open."""
        with self._lock:
            self._in_a_row += 1
            if self._opened is not None or self._in_a_row >= self._limit:
                self._opened, self._tried = self._clock(), None
