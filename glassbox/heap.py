"""How glibc keeps the memory of a process that answers for long: in one heap, kept between two answers, overwritten
where strangers' data was, and returned to the system when that is asked for. With another C library these do nothing.
"""

import ctypes
import sys
from contextlib import suppress

ARENAS = 1
"""Heaps that glibc may keep for the threads of a server; by itself it makes eight for each processor. What one thread
freed in its own would lie there unused by the others, up to a third of the memory; with Python's lock they hardly ever
wait for each other."""
KEPT, LARGE = 32 * 2**20, 8 * 2**20
"""Bytes that may lie free at the end of the heap, and from which on a piece gets pages of its own. By itself glibc
gives the arrays of a small picture back after each, and the system clears every page of the next ones: a quarter of
the time that preparing it takes."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_PERTURB, _M_ARENA_MAX = -1, -3, -6, -8
_OVER = 255
"""The options of mallopt in malloc.h, and the byte that freed memory is filled with."""


def bound_arenas() -> None:
    """Have glibc make no more than ARENAS heaps. Those that there are already stay, so this is done before there are
    other threads than the first."""
    _set(_M_ARENA_MAX, ARENAS)


def keep_freed() -> None:
    """Have glibc keep up to KEPT bytes of what is freed, until `give_back`.

    The dashboard does without: what it frees is overwritten, which takes as long as this saves.
    """
    _set(_M_MMAP_THRESHOLD, LARGE)
    _set(_M_TRIM_THRESHOLD, KEPT)


def overwrite_freed() -> None:
    """Have glibc overwrite what is freed from now on, but pieces of up to a kilobyte.

    What it gives back to the system is no more than most of it: not what lies at the end of a thread's heap.
    """
    _set(_M_PERTURB, _OVER)


def give_back() -> None:
    """Have glibc return its free heap to the system."""
    if libc := glibc():
        libc.malloc_trim(0)


def glibc() -> ctypes.CDLL | None:
    """Return the C library of this process if it is glibc."""
    with suppress(OSError):
        if sys.platform == "linux" and hasattr(libc := ctypes.CDLL("libc.so.6"), "mallopt"):
            return libc
    return None


def _set(option: int, value: int) -> None:
    if libc := glibc():
        libc.mallopt(option, value)
