"""What lies behind each act: parts of the essay that open one by one."""

from glassbox.ui.base.state import Kind, declare
from glassbox.ui.frame.folds import Folds

PARTS = Folds(
    asked=declare("privacy_part_asked", Kind.CONTROL, "", parameter="part"),
    shown=declare("privacy_part_shown", Kind.INTERNAL, ""),
    unfolded=declare("gb_part_{part}", Kind.CONTROL, False),
)
