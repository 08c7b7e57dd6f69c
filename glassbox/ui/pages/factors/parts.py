"""What lies behind the first factor: parts of the essay that open one by one."""

from glassbox.ui.base.state import Kind, declare
from glassbox.ui.frame.folds import Folds

KEYS = ("hardware", "data", "algorithms", "applications", "limits")
CONTROLS = {"chip": "hardware", "size": "data"}
"""The part that a choice in the link belongs to, by the choice's parameter."""

PARTS = Folds(
    asked=declare("factors_part_asked", Kind.CONTROL, "", parameter="part"),
    shown=declare("factors_part_shown", Kind.INTERNAL, ""),
    unfolded=declare("factors_part_{part}", Kind.CONTROL, False),
)
