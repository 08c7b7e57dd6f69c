"""What goes beyond an answer's cost: parts of the essay that open one by one."""

from glassbox.ui.base.state import Kind, declare
from glassbox.ui.frame.folds import Folds

KEYS = ("training", "everyday", "where", "limits")
CONTROLS = {"answers": "everyday", "country": "where"}
"""The part that a choice in the link belongs to, by the choice's parameter."""

PARTS = Folds(
    asked=declare("sustainability_part_asked", Kind.CONTROL, "", parameter="part"),
    shown=declare("sustainability_part_shown", Kind.INTERNAL, ""),
    unfolded=declare("sustainability_part_{part}", Kind.CONTROL, False),
)
