"""A list of terms, searched as one types."""

from collections.abc import Callable, Sequence
from typing import TypedDict

from glassbox.ui.base import payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register
from glassbox.ui.components.term_popover import twin_language

# Not in a shadow root: the page's own search and its links to terms reach in.
_component = register(__file__, isolate_styles=False)


class TermRow(TypedDict):
    """A term as it is listed. `twin`: its name in another language; `page`: the key of the page that shows it, with the
    page's name `label` and address `href`; `url` and `host`: a source; `self`: the term's own address."""

    key: str
    name: str
    twin: str
    meaning: str
    page: str | None
    label: str | None
    href: str | None
    url: str | None
    host: str | None
    self: str


def term_list(
    rows: Sequence[TermRow],
    asked: str | None,
    *,
    on_named: Callable[[str], None],
    on_opened: Callable[[str], None],
    key: str = "glossary",
) -> None:
    """List `rows`, the term `asked` for in view; `on_named` gets the key of the term that was clicked, `on_opened` that
    of the page."""

    def clicked(event: str, known: Callable[[TermRow], str | None], then: Callable[[str], None]) -> None:
        name = payload.parse(payload.sent(key, event), str)
        if name is not None and any(known(row) == name for row in rows):
            then(name)

    languages = {"language": t("frame.language_tag"), "twin_language": twin_language()}
    words = {name: t(f"components.glossary.{name}") for name in ("search", "count", "none", "link")}
    _component(
        key=key,
        data={"terms": rows, "words": words, "asked": asked, **languages},
        on_named_change=lambda: clicked("named", lambda row: row["key"], on_named),
        on_opened_change=lambda: clicked("opened", lambda row: row["page"], on_opened),
    )
