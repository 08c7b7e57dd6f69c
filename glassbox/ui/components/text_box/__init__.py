"""A box to write in that sends its text at every short pause in typing, without a button or Enter."""

from collections.abc import Callable

from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import held
from glassbox.ui.components.register import register

SENT = 100_000
"""Characters that are sent to the server and kept there; the browser keeps all of them."""

_component = register(__file__)


def text_box(
    text: str,
    *,
    version: int,
    label: str,
    placeholder: str,
    limit: int,
    on_typed: Callable[[str, int], None],
    key: str,
    language: str = "",
) -> None:
    """Show the box with `text` in it; `on_typed` gets the first SENT characters of a new text and how many it has.

    The browser takes `text` over when `version` is new to it, so that no older answer overwrites what is being typed.
    Texts of more than `limit` characters are sent too, and their count is red. `language`: of the text, as in HTML.
    """

    def changed() -> None:
        found = checked(held(key).get("typed"))
        if found:
            on_typed(*found)

    _component(
        key=key,
        data={
            "text": text,
            "version": version,
            "limit": limit,
            "sent": SENT,
            "language": language,
            "words": {
                "label": label,
                "placeholder": placeholder,
                "clear": t("components.text_box.clear"),
                "count": t("components.text_box.count"),
            },
        },
        on_typed_change=changed,
    )


def checked(typed: object) -> tuple[str, int] | None:
    """Return the text and its number of characters, if that is what the browser sent; else None: it may be forged."""
    if not isinstance(typed, dict):
        return None
    written, count = typed.get("text"), typed.get("count")
    if not isinstance(written, str) or type(count) is not int or count < 0:
        return None
    return written[:SENT], count
