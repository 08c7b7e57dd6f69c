"""A box to write in whose text is read while it is being written, at every short pause: no button, no Enter."""

from collections.abc import Callable

from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import held
from glassbox.ui.components.register import register

SENT = 100_000
"""Characters that are sent to the server and kept there; the browser keeps all of them."""

_component = register(__file__)


def typing(
    text: str,
    version: int,
    label: str,
    placeholder: str,
    limit: int,
    on_typed: Callable[[str, int], None],
    key: str,
    language: str = "",
) -> None:
    """Show the box with `text` in it; `on_typed` gets the first SENT characters of a new text, and how many it has.

    The browser takes `text` over when `version` is new to it, so that no older answer overwrites what is being typed.
    More than `limit` characters are counted in red and sent nonetheless: why they can't be read is said by the page.
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
    """The text and its count of characters that the browser sent, if it is such."""
    if not isinstance(typed, dict):
        return None
    written, count = typed.get("text"), typed.get("count")
    if not isinstance(written, str) or type(count) is not int or count < 0:
        return None
    return written[:SENT], count
