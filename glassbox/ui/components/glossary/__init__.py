"""The field's terms in both languages: content/glossary.toml, searched as one types, each with its own address."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from glassbox.paths import CONTENT
from glassbox.ui.base.i18n import language, t
from glassbox.ui.components.register import register
from glassbox.ui.frame import places

# Not in a shadow root: the page's own search and its links to terms reach in.
_component = register(__file__, isolate_styles=False)


@dataclass(frozen=True)
class Term:
    """A term. `names` and `meanings` by language; `page`: the key of the place that shows it, `url`: a good source."""

    key: str
    names: Mapping[str, str]
    meanings: Mapping[str, str]
    page: str | None
    url: str | None


class Asked(NamedTuple):
    """What a visitor asked of the glossary: a term to link to, or a page to go to."""

    term: str | None
    page: str | None


@lru_cache(maxsize=1)
def terms() -> dict[str, Term]:
    """All terms by key. Raises OSError without the file and KeyError for a term that lacks a name or a meaning."""
    table = tomllib.loads((CONTENT / "glossary.toml").read_text(encoding="utf-8"))
    return {
        key: Term(
            key,
            {"en": row["en"], "zh": row["zh"]},
            {"en": row["says_en"], "zh": row["says_zh"]},
            row.get("page"),
            row.get("url"),
        )
        for key, row in table.items()
    }


def link(key: str, words: str | None = None) -> str:
    """Markdown that names a term in both languages and leads to its meaning: '[特征图 feature map](faq?term=…)'.

    `words`: how the sentence around it puts the term, if not as its name. Raises KeyError for an unknown term.
    """
    names = terms()[key].names
    short = {code: re.split("[,，（]", name)[0] for code, name in names.items()}
    other = "zh" if language() == "en" else "en"
    here = words or short[language()]
    both = here if short["en"] == short["zh"] else f"{here} {short[other]}"
    return f"[{both}](faq?{urlencode({'lang': language(), 'term': key})})"


def of_page(page: str) -> str:
    """A line of links to the terms that the page `page` shows; empty where it shows none."""
    links = [link(term.key) for term in terms().values() if term.page == page]
    return t("components.glossary.of_page", terms=" · ".join(links)) if links else ""


def glossary(parameters: Mapping[str, str], asked: str | None, key: str = "glossary") -> Asked:
    """Show the terms, and first the one `asked` for; `parameters`: those of every link. Gives what was clicked."""
    words = {name: t(f"components.glossary.{name}") for name in ("search", "count", "none", "link")}
    result = _component(
        key=key,
        data={
            "terms": [_row(term, parameters) for term in terms().values()],
            "words": words,
            "asked": asked,
            "language": {"zh": "zh-CN-u-co-pinyin", "en": "en"}[language()],
        },
        on_named_change=lambda: None,
        on_opened_change=lambda: None,
    )
    named, opened = result.named, result.opened
    return Asked(
        named if isinstance(named, str) and named in terms() else None,
        opened if isinstance(opened, str) and opened in places.PLACES else None,
    )


def _row(term: Term, parameters: Mapping[str, str]) -> dict[str, str | None]:
    here, other = language(), "zh" if language() == "en" else "en"
    place = places.PLACES.get(term.page or "")
    return {
        "key": term.key,
        "name": term.names[here],
        "twin": term.names[other] if term.names[other] != term.names[here] else "",
        "meaning": term.meanings[here],
        "page": place.key if place else None,
        "label": t(f"{place.key}.name") if place else None,
        "href": f"{places.address(place) or '.'}?{urlencode(parameters)}" if place else None,
        "url": term.url,
        "host": (urlsplit(term.url).hostname or "").removeprefix("www.") if term.url else None,
        "self": f"faq?{urlencode({**parameters, 'term': term.key})}",
    }
