"""Prose with live numbers: content/NAME.LANGUAGE.md cut at its headings, its placeholders filled from the cards.

## What is a neuron? {#neuron pages=mlp,forward}
The MLP has {mlp.parameters} {term:parameter|parameters}.

[figure]

What stands below the figure.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st

from glassbox.ui.base import placeholders
from glassbox.ui.base.i18n import language, prose_in
from glassbox.ui.frame import shell
from glassbox.ui.frame.folds import Folds
from glassbox.ui.frame.glossary import link

_HEADING = re.compile(r"^## (?P<title>.+?) \{#(?P<key>[a-z0-9-]+)(?: pages=(?P<pages>[a-z_,]+))?\}$", re.MULTILINE)
_FIGURE = "\n\n[figure]\n\n"


@dataclass(frozen=True)
class Section:
    """A part of a text. `key`: its name in links; `pages`: keys of places.PLACES that show it; `parts`: its words
    above the figure, and below it if they go on there."""

    key: str
    title: str
    parts: tuple[str, ...]
    pages: tuple[str, ...]

    @property
    def values(self) -> set[str]:
        """Return the names of the values that its text asks for."""
        return placeholders.names("".join(self.parts))

    def filled(self, facts: Mapping[str, str]) -> list[str]:
        """Return the parts with their values and links to their terms.

        Raises KeyError for a value that `facts` lacks and for a term that the glossary lacks.
        """
        return [placeholders.fill(part, facts, link) for part in self.parts]


@lru_cache(maxsize=16)
def sections(name: str, language: str) -> dict[str, Section]:
    """Return the sections of content/NAME.LANGUAGE.md (else of the English file) by key, in their order."""
    text = prose_in(language, name)
    found = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in found[1:]] + [len(text)]
    parts = [
        Section(
            heading["key"],
            heading["title"],
            _parts(text[heading.end() : end].strip()),
            tuple(heading["pages"].split(",")) if heading["pages"] else (),
        )
        for heading, end in zip(found, ends, strict=True)
    ]
    return {part.key: part for part in parts}


def _parts(words: str) -> tuple[str, ...]:
    """Return the words above the figure and, where there are some, those below it."""
    return tuple(part.strip() for part in f"{words}\n\n".split(_FIGURE) if part.strip()) or ("",)


def draw(name: str, key: str, facts: Mapping[str, str], figure: Callable[[], None] = lambda: None) -> Section:
    """Draw the section `key` of the essay `name`: its title, its words with their values, the figure among them, and
    links to the pages that show more.

    Return the section. Raises KeyError like `Section.filled`.
    """
    section = sections(name, language())[key]
    st.header(section.title, anchor=key)
    body(section, facts, figure)
    return section


def fold(
    parts: Folds, name: str, key: str, figure: Callable[[], None] = lambda: None, *, facts: Mapping[str, str]
) -> None:
    """Draw the title of the section `key` of the essay `name` as one of `parts`, and its body once that is opened.

    Raises KeyError like `Section.filled`.
    """
    section = sections(name, language())[key]
    parts.fold(key, section.title, lambda: body(section, facts, figure))


def body(section: Section, facts: Mapping[str, str], figure: Callable[[], None] = lambda: None) -> None:
    """Draw a section without its title: its words with their values, the figure among them, and its links.

    Raises KeyError like `Section.filled`.
    """
    above, *below = section.filled(facts)
    st.markdown(above)
    figure()
    for part in below:
        st.markdown(part)
    if section.pages:
        links(section.pages)


def links(pages: Sequence[str]) -> None:
    """Draw links to pages, by their keys, side by side."""
    with st.container(horizontal=True):
        for page in pages:
            shell.link_to(page)
