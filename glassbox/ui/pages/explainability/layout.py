"""How the sections of the page are laid out: a heading, sentences, a figure beside them, a choice of network."""

from collections.abc import Callable

import streamlit as st

from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Kind, declare

NETWORK = declare("explainability_{section}", Kind.CONTROL, "", parameter="{section}")
"""The network that a section shows."""


def heading(section: str, **values: str) -> None:
    """Draw a section's question, and what is done to answer it, with `values` in place of its {names}."""
    st.header(t(f"explainability.{section}"), anchor=False)
    lead(section, **values)


def lead(section: str, **values: str) -> None:
    """Draw what is done to answer a section's question."""
    st.markdown(t(f"explainability.{section}_lead", **values))


def bullets(sentences: list[str]) -> None:
    """Draw sentences as a list."""
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences))


def beside(figure: Callable[[], None], sentences: list[str]) -> None:
    """Draw a figure and sentences beside it; below it on a phone."""
    left, right = st.columns(2, gap="large")
    with left:
        figure()
    with right:
        bullets(sentences)


def choose_network(section: str, names: list[str]) -> str:
    """Let the visitor choose the network that a section shows; it is in the link as ?SECTION=."""
    return linked_choice(NETWORK.at(section=section), t("frame.networks"), names, words=model_name)
