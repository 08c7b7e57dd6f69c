"""The tests beyond the first: parts that open one by one."""

from collections.abc import Callable

from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.frame.folds import Folds
from glassbox.ui.pages.explainability.layout import lead

OF_EXPLANATIONS = ("randomisation", "completeness", "steadiness", "agreement")
OF_NETWORKS = ("confidence", "disagreement", "mistakes", "slices")
CONTROLS = {"shuffled": "randomisation", "calibration": "confidence"} | {
    name: name for name in ("agreement", "mistakes", "slices")
}
"""The part that a choice in the link belongs to, by the choice's parameter."""

PARTS = Folds(
    asked=declare("explainability_part_asked", Kind.CONTROL, "", parameter="part"),
    shown=declare("explainability_part_shown", Kind.INTERNAL, ""),
    unfolded=declare("explainability_part_{part}", Kind.CONTROL, False),
)


def part(key: str, draw: Callable[[], None], **values: str) -> None:
    """Show the question of a section; once it is opened, what is done to answer it and what `draw` draws."""

    def body() -> None:
        lead(key, **values)
        draw()

    PARTS.fold(key, t(f"explainability.{key}"), body)
