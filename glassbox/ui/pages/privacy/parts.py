"""What lies behind each act: parts of the essay that open one by one."""

from collections.abc import Callable, Mapping

from glassbox.ui.base.i18n import language
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.frame import essay
from glassbox.ui.frame.folds import Folds

PARTS = Folds(
    asked=declare("privacy_part_asked", Kind.CONTROL, "", parameter="part"),
    shown=declare("privacy_part_shown", Kind.INTERNAL, ""),
    unfolded=declare("gb_part_{part}", Kind.CONTROL, False),
)


def part(facts: Mapping[str, str], key: str, figure: Callable[[], None] = lambda: None) -> None:
    """Show the title of the essay's section `key`, and once it is opened its words and its figure."""
    section = essay.sections("privacy_essay", language())[key]
    PARTS.fold(key, section.title, lambda: essay.body(section, facts, figure))
