"""What the pages about learning and trust ask first: which networks, and which digit it is."""

from collections.abc import Sequence

import streamlit as st

from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.frame.shell import Page
from glassbox.zoo import digit_models


def label(page: Page, key: str, words: str, help: str | None = None) -> str:
    """Ask for one of the ten digits, "0" to "9": at first the one of the link (?label=) or what most of the networks
    read in the picture."""
    labels = next(iter(page.reader.zoo.cards.values())).labels
    if st.session_state.get(f"{key}_picture") != page.picture.link:
        st.session_state[f"{key}_picture"] = page.picture.link
        st.session_state.pop(key, None)
    linked(key, "label", lambda asked: asked if asked in labels else None, str)
    if key not in st.session_state:
        st.session_state[key] = read_by_most(page)
    return choice(key, words, labels, str, help=help)


def read_by_most(page: Page) -> str:
    """The digit that most of the networks read in the visitor's picture; among equals, the surest one's."""
    shares: dict[str, tuple[int, float]] = {}
    for verdict in page.reader.read(page.picture.digit, digit_models.NAMES).values():
        count, sure = shares.get(verdict.label, (0, 0.0))
        shares[verdict.label] = (count + 1, max(sure, verdict.confidence))
    return max(shares, key=lambda name: shares[name])


def networks(page: Page, key: str, offered: Sequence[str] = digit_models.NAMES) -> list[str]:
    """Ask for one network or more, at first those of the link (?networks=a-b) or the article's three; in the zoo's
    order."""
    offered = [name for name in offered if name in page.reader.zoo.cards]
    linked(key, "networks", lambda asked: [name for name in offered if name in asked.split("-")] or None, "-".join)
    known = [name for name in st.session_state.get(key, ()) if name in offered]
    st.session_state[key] = known or [name for name in digit_models.ARTICLE if name in offered] or offered[:1]
    widget = f"{key}_widget"
    st.session_state[widget] = st.session_state[key]

    def changed() -> None:
        st.session_state[key] = [name for name in offered if name in st.session_state[widget]]

    st.pills(
        t("frame.questions.networks"),
        offered,
        selection_mode="multi",
        format_func=lambda name: t(f"frame.model.{name}"),
        key=widget,
        on_change=changed,
    )
    chosen: list[str] = st.session_state[key]
    return chosen
