"""What lies around the request: parts of the essay that open one by one."""

from glassbox.ui.base.state import Kind, declare
from glassbox.ui.frame.folds import Folds

KEYS = ("program", "cost", "seen", "scale", "start")
CONTROLS = {"program": "program"}
"""The part that a choice in the link belongs to, by the choice's parameter."""

PARTS = Folds(
    asked=declare("service_part_asked", Kind.CONTROL, "", parameter="part"),
    shown=declare("service_part_shown", Kind.INTERNAL, ""),
    unfolded=declare("service_part_{part}", Kind.CONTROL, False),
)
