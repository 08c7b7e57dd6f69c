"""What lies in the memory of a process: Linux only."""

import os
from collections.abc import Iterator

ENCODINGS = ("utf-8", "utf-16-le", "utf-32-le")
"""How Python keeps a text: one, two or four bytes a character."""


def resident(pid: int) -> int:
    """Return the bytes of the process that lie in memory."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as pages:
        return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def found(pid: int, needles: set[str]) -> set[str]:
    """Return which of `needles` lie in the memory that the process may write to, in any of ENCODINGS, freed memory that
    nothing has overwritten included. What the needles begin with alike is looked for first: it is faster."""
    alike = os.path.commonprefix([*needles])  # noqa: RUF071 (characters are meant)
    beginnings = [alike.encode(encoding) for encoding in ENCODINGS]
    forms = {one: tuple(one.encode(encoding) for encoding in ENCODINGS) for one in needles}
    return {
        one
        for region in regions(pid)
        if any(beginning in region for beginning in beginnings)
        for one, encoded in forms.items()
        if any(form in region for form in encoded)
    }


def regions(pid: int) -> Iterator[bytes]:
    """Yield the bytes of each region that the process may write to."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, permissions, *_ = line.split()
            if permissions.startswith("rw"):
                start, end = (int(address, 16) for address in span.split("-"))
                try:
                    memory.seek(start)
                    yield memory.read(end - start)
                except OSError:  # unmapped since, or a device's
                    continue
