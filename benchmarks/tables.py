"""What the comparisons found, as tables in Markdown: each time, how many times ours it is, and what was asked of it."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from benchmarks.measure import Timing

OURS = "Glassbox"
PACKAGES = ("onnxruntime", "numpy", "tensorflow", "keras", "tf2onnx", "ai-edge-litert", "openvino", "torch")


@dataclass(frozen=True)
class Asked:
    """A figure with the bound that is asked of it: `value` is to be at most `bound` or, if `at_least`, at least."""

    what: str
    value: float
    bound: float
    unit: str = "x"
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the figure keeps its bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


@dataclass(frozen=True)
class Table:
    """One comparison: a row is what the cells of its columns say. `note` stands below, where there is one.

    `curves`: of a table by size, the seconds of each runtime, one a column.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    asked: Sequence[Asked] = field(default=())
    note: str = ""
    curves: Mapping[str, Sequence[float]] = field(default_factory=dict)


def times(
    title: str, found: Mapping[str, Timing], asked: Sequence[Asked] = (), note: str = "", *, of: int = 1
) -> Table:
    """Return the table of timed calls, the quickest first; each time is that of one of the `of` parts of a call."""
    ours = found[OURS].seconds
    rows = [
        [name, duration(one.seconds / of), f"{one.seconds / ours:,.2f}", f"{one.calls}"]
        for name, one in sorted(found.items(), key=lambda item: item[1].seconds)
    ]
    return Table(title, ("", "time", f"times {OURS}", "calls"), rows, asked, note)


def duration(seconds: float) -> str:
    """Return a time in three digits: '12.3 us'."""
    for size, unit in ((1, "s"), (1e-3, "ms")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


def markdown(table: Table) -> str:
    """Return a table as Markdown that reads well as plain text too: its columns are padded."""
    lines = [f"### {table.title}", "", *_aligned([table.columns, *table.rows])]
    return "\n".join([*lines, *(["", table.note] if table.note else [])])


def verdicts(tables: Iterable[Table]) -> Table:
    """Return the table of all that was asked, with what was measured."""
    rows = []
    for asked in (one for table in tables for one in table.asked):
        sign = ">=" if asked.at_least else "<="
        measured = f"{asked.value:,.{'0f' if asked.value >= 1000 else '3g'}} {asked.unit}"
        rows.append([asked.what, f"{sign} {asked.bound:,g} {asked.unit}", measured, "yes" if asked.met else "NO"])
    return Table("Asked and measured", ("", "asked", "measured", "met"), rows)


def machine() -> list[str]:
    """Return lines that say when, on what machine and with which versions this was measured."""
    versions = [f"{name} {metadata.version(name)}" for name in PACKAGES if _installed(name)]
    return [
        f"- Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"- Machine: {_processor()}, {platform.system()} {platform.release()}, Python {platform.python_version()}",
        f"- Other work meanwhile: a load of {os.getloadavg()[2]:.1f} in the last 15 minutes on {os.cpu_count()} cores",
        f"- Versions: {', '.join(versions)}",
        *([f"- Not installed, so not compared: {', '.join(lacking)}"] if (lacking := _lacking()) else []),
    ]


def _lacking() -> list[str]:
    return [name for name in PACKAGES if not _installed(name)]


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _processor() -> str:
    """Return the processor's name, its number and its caches as Linux tells them, else what Python knows."""
    try:
        said = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    except OSError:
        return platform.processor() or platform.machine()
    facts = {name.strip(): value.strip() for name, value in said.items()}
    return f"{facts.get('model name', platform.machine())}, {facts.get('cpu cores', '?')} cores"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]
