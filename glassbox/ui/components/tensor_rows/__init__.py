"""Tensors as a list that fits a phone: a row each with one number of the visitor's choice; it opens to all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glassbox.ui.base import payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

_component = register(__file__)
_WORDS = ("number", "search", "more", "nothing", "histogram")


@dataclass(frozen=True)
class TensorRow:
    """A tensor: its `name`, what is said `about` it below, and its numbers in words with the length of a bar (from -1
    to 1, None for none), one for each measure.

    Opened it has `facts`, pairs of words and a number, and `counts`, a histogram, with the words at its `ends`. A
    `note` stands out; `marked`: the row does.
    """

    name: str
    about: str
    values: Sequence[str]
    shares: Sequence[float | None]
    facts: Sequence[tuple[str, str]] = ()
    note: str = ""
    marked: bool = False
    counts: Sequence[int] = ()
    ends: tuple[str, str] = ("", "")


def tensor_rows(
    caption: str,
    measures: Sequence[str],
    rows: Sequence[TensorRow],
    *,
    key: str,
    show: str = "",
    on_shown: Callable[[int], None] = lambda place: None,
    leads_to: str = "",
) -> None:
    """Draw `rows`, at first with the first of `measures`, which are words.

    `show`: what the button of an opened row says, "" for none; `on_shown` gets the row's place, and the browser goes to
    the container with the key `leads_to`.
    """

    def shown() -> None:
        place = payload.parse(payload.sent(key, "shown"), payload.Index)
        if place is not None and place < len(rows):
            on_shown(place)

    words = {name: t(f"components.tensor_rows.{name}") for name in _WORDS}
    data = {
        "caption": caption,
        "measures": list(measures),
        "rows": [vars(row) for row in rows],
        "show": show,
        "leads": leads_to,
        "words": words,
    }
    _component(key=key, data=data, on_shown_change=shown)
