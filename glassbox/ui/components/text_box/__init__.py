"""A box to write in that sends its text at every short pause in typing, without a button or Enter."""

from collections.abc import Callable

import msgspec

from glassbox.ui.base import payload
from glassbox.ui.base.i18n import t
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
        found = checked(payload.sent(key, "typed"))
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


class _Typed(msgspec.Struct):
    text: str
    count: payload.Index


def checked(typed: object) -> tuple[str, int] | None:
    """Return the text and its number of characters, if that is what the browser sent; else None: it may be forged.

    Half a surrogate pair, which JavaScript's strings may hold and no encoding has, becomes U+FFFD.
    """
    sent = payload.parse(typed, _Typed)
    if sent is None:
        return None
    return sent.text[:SENT].encode("utf-16", "surrogatepass").decode("utf-16", "replace"), sent.count
