"""What the pages about learning and trust ask first: which networks, and which digit it is."""

from collections.abc import Sequence

import streamlit as st

from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Entry, Kind, bound, declare
from glassbox.ui.frame.shell import Page

_TRUE_LABEL = declare("true_label", Kind.DIGIT, "", parameter="label")
"""What the visitor says the digit is, on all pages that ask for it."""
_ASKED_OF = declare("{question}_picture", Kind.DIGIT, "")
"""The digit that a question was last answered for."""


def label(page: Page, entry: Entry[str], words: str, help: str | None = None) -> str:
    """Ask for one of the ten digits, "0" to "9": at first the one of the link or what most of the networks read in the
    picture."""
    labels = next(iter(page.reader.zoo.cards.values())).labels
    asked_of = _ASKED_OF.at(question=entry.key)
    if asked_of.get() != page.picture.link:
        asked_of.set(page.picture.link)
        entry.clear()
    linked(entry, lambda asked: asked if asked in labels else None)
    if not entry.is_set:
        entry.set(read_by_most(page))
    return choice(entry, words, labels, str, help=help)


def true_label(page: Page) -> int:
    """Ask what the visitor's digit really is; the pages share the answer."""
    return int(label(page, _TRUE_LABEL, t("frame.questions.truth"), t("frame.questions.truth_help")))


def read_by_most(page: Page) -> str:
    """Return the digit that most of the networks read in the visitor's picture; among equals, the surest one's."""
    shares: dict[str, tuple[int, float]] = {}
    for verdict in page.reader.read(page.picture.digit, tuple(page.reader.zoo.cards)).values():
        count, sure = shares.get(verdict.label, (0, 0.0))
        shares[verdict.label] = (count + 1, max(sure, verdict.confidence))
    return max(shares, key=lambda name: shares[name])


def networks(page: Page, entry: Entry[Sequence[str]]) -> list[str]:
    """Ask for one network or more, at first those of the link (a-b) or the article's three; in the zoo's
    order."""
    offered = list(page.reader.zoo.cards)
    linked(entry, lambda asked: [name for name in offered if name in asked.split("-")] or None, "-".join)
    known = [name for name in entry.get() if name in offered]
    chosen = known or list(page.reader.zoo.article) or offered[:1]
    entry.set(chosen)
    st.pills(
        t("frame.questions.networks"),
        offered,
        selection_mode="multi",
        format_func=model_name,
        **bound(entry.widget, chosen, lambda names: entry.set([name for name in offered if name in names])),
    )
    return chosen
