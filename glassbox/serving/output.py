"""What a server prints and logs, where there is no room for it. Only the standard library is imported."""

import io
import sys
from typing import Any


class _Lossy(io.FileIO):
    """A file of which what can't be written is lost."""

    def write(self, data: Any) -> int:
        """Return how many bytes are written or lost."""
        try:
            return super().write(data)
        except OSError:  # the disk is full, or nobody reads any more
            return len(data)


def never_fail() -> None:
    """Lose from now on what the process's standard output and error can't take, so that a server which can't tell its
    address or its log serves all the same. What stands in their place already stays."""
    for name in ("stdout", "stderr"):
        stream: io.TextIOWrapper | None = getattr(sys, name)
        if stream is None or stream is not getattr(sys, f"__{name}__") or sys.platform == "win32":
            continue
        file = io.BufferedWriter(_Lossy(stream.fileno(), "w", closefd=False))
        setattr(sys, name, io.TextIOWrapper(file, stream.encoding, stream.errors, line_buffering=True))
