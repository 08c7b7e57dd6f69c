"""The container that this process is in, if it is in one. Only the standard library is imported."""

from pathlib import Path

_MEMORY = Path("/sys/fs/cgroup/memory.max")
"""https://docs.kernel.org/admin-guide/cgroup-v2.html"""
WORKERS = "GLASSBOX_WORKERS"
"""Environment variable of a process: how many of its like serve one address and share what the machine has."""


def memory_limit() -> int | None:
    """Return the bytes of memory that the container may take; None without a limit, or outside of Linux."""
    try:
        return int(_MEMORY.read_text(encoding="ascii"))
    except (OSError, ValueError):  # "max": no limit
        return None
