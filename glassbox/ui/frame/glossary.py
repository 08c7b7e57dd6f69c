"""The field's terms in every language: content/glossary.toml, each with its own address."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

from glassbox.paths import CONTENT
from glassbox.ui.base.i18n import FALLBACK, LANGUAGES, language, t
from glassbox.ui.components.glossary import TermRow, term_list
from glassbox.ui.frame import places


@dataclass(frozen=True)
class Term:
    """A term. `names` and `meanings` by language, in English at least; `page`: the key of the place that shows it,
    `url`: a good source."""

    key: str
    names: Mapping[str, str]
    meanings: Mapping[str, str]
    page: str | None
    url: str | None

    @property
    def name(self) -> str:
        """Return its name in the visitor's language, else in English."""
        return self.names.get(language(), self.names[FALLBACK])

    @property
    def foreign_name(self) -> str:
        """Return its name in the next language, which the literature may use; empty where that is the same."""
        here = language() if language() in self.names else FALLBACK
        return next((name for code, name in self.names.items() if code != here and name != self.name), "")

    @property
    def meaning(self) -> str:
        """Return what it means, in the visitor's language, else in English."""
        return self.meanings.get(language(), self.meanings[FALLBACK])


@lru_cache(maxsize=1)
def terms() -> dict[str, Term]:
    """Return all terms by key. Raises OSError without the file and KeyError for a term without its English."""
    table = tomllib.loads((CONTENT / "glossary.toml").read_text(encoding="utf-8"))
    codes = [FALLBACK, *(code for code in LANGUAGES if code != FALLBACK)]
    return {
        key: Term(
            key,
            {code: row[code] for code in codes if code in row or code == FALLBACK},
            {code: row[f"says_{code}"] for code in codes if f"says_{code}" in row or code == FALLBACK},
            row.get("page"),
            row.get("url"),
        )
        for key, row in table.items()
    }


def link(key: str, words: str | None = None) -> str:
    """Return Markdown that names a term in two languages, leads to it in the glossary and has its meaning as title:
    '[特征图 *feature map*](faq?term=… "…")', from which the page makes a box (components/term_popover).

    `words`: how the sentence around it puts the term, if not as its name. Where both languages share the name, it
    stands once. Raises KeyError for an unknown term.
    """
    term = terms()[key]
    name, foreign = (re.split("[,，（]", one)[0] for one in (term.name, term.foreign_name))
    here, there = name.casefold(), foreign.casefold()  # Adam, Adam 优化器: no second name is to be learned
    both = words or name if here in there or there in here else f"{words or name} *{foreign}*"
    meaning = term.meaning.replace("\\", "\\\\").replace('"', '\\"')
    return f'[{both}](faq?{urlencode({"lang": language(), "term": key})} "{meaning}")'


def of_page(page: str) -> str:
    """Return a line of links to the terms that the page `page` shows; empty where it shows none."""
    links = [link(term.key) for term in terms().values() if term.page == page]
    return t("components.glossary.of_page", terms=" · ".join(links)) if links else ""


def glossary(
    parameters: Mapping[str, str],
    asked: str | None,
    *,
    on_named: Callable[[str], None],
    on_opened: Callable[[str], None],
) -> None:
    """Show the terms, and first the one `asked` for; `parameters`: those of every link.

    `on_named` gets the key of a term that is clicked, `on_opened` that of a page.
    """
    carried = urlencode(parameters)
    rows = [_row(term, carried) for term in terms().values()]
    term_list(rows, asked, on_named=on_named, on_opened=on_opened)


def _row(term: Term, carried: str) -> TermRow:
    place = places.PLACES.get(term.page or "")
    return {
        "key": term.key,
        "name": term.name,
        "twin": term.foreign_name,
        "meaning": term.meaning,
        "page": place.key if place else None,
        "label": t(f"{place.key}.name") if place else None,
        "href": f"{places.address(place) or '.'}?{carried}" if place else None,
        "url": term.url,
        "host": (urlsplit(term.url).hostname or "").removeprefix("www.") if term.url else None,
        "self": f"faq?{carried}&{urlencode({'term': term.key})}",
    }
