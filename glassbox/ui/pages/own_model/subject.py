"""What the parts of the page speak of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.own_model.asking import Model
from glassbox.ui.pages.own_model.figure import Levels


@dataclass(frozen=True)
class Subject:
    """A model that could be read: what Read found of it, and its graphs."""

    page: Page
    model: Model
    facts: Mapping[str, Any]
    levels: Levels
