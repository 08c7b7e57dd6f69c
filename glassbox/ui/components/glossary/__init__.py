"""A list of terms, searched as one types."""

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

# Not in a shadow root: the page's own search and its links to terms reach in.
_component = register(__file__, isolate_styles=False)


class Asked(NamedTuple):
    """What a visitor asked of the glossary: a term to link to, or a page to go to."""

    term: str | None
    page: str | None


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


def term_list(rows: Sequence[TermRow], asked: str | None, key: str = "glossary") -> Asked:
    """List `rows`, the term `asked` for in view, and return what was clicked."""
    words = {name: t(f"components.glossary.{name}") for name in ("search", "count", "none", "link")}
    result = _component(
        key=key,
        data={"terms": rows, "words": words, "asked": asked, "language": t("frame.language_tag")},
        on_named_change=lambda: None,
        on_opened_change=lambda: None,
    )
    named, opened = result.named, result.opened
    return Asked(
        named if isinstance(named, str) and any(row["key"] == named for row in rows) else None,
        opened if isinstance(opened, str) and any(row["page"] == opened for row in rows) else None,
    )
