"""The proofs behind what the page shows first: parts that open one by one."""

from collections.abc import Callable

from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.frame.folds import Folds

KEYS = ("verify", "carry", "parts")

PARTS = Folds(
    asked=declare("circuit_part_asked", Kind.CONTROL, "", parameter="part"),
    shown=declare("circuit_part_shown", Kind.INTERNAL, ""),
    unfolded=declare("circuit_part_{part}", Kind.CONTROL, False),
)


def part(key: str, draw: Callable[[], None]) -> None:
    """Show the title of a part, and what `draw` draws once it is opened."""
    PARTS.fold(key, t(f"circuit.{key}"), draw)
