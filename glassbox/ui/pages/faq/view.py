"""Questions that open one by one, the article's three programs then and now, and links to the live pages."""

from collections.abc import Mapping, Sequence

import streamlit as st

from glassbox.paths import ROOT
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import language, t
from glassbox.ui.base.link import linked
from glassbox.ui.components.scroll_to import reveal
from glassbox.ui.frame import essay, places, shell
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.faq import facts as faq_facts

ARTICLE = ("factors", "concepts", "algorithms", "programs", "future")
"""The article's five questions; all others are a learner's."""
PROGRAMS = ("mlp", "cnn", "rnn")


def questions(page: Page) -> None:
    """The article's questions, then the learner's. The one asked last is in the link (?q=) and comes into view."""
    made = essay.sections("faq_questions", language())
    linked("faq_question", "q", lambda asked: asked if asked in made else None, str)
    question = st.session_state.get("faq_question")
    if question != st.session_state.get("faq_shown"):
        st.session_state["faq_shown"] = question
        if question:
            st.session_state[_key(question)] = True
    facts = faq_facts.facts(page.reader.zoo)
    for title, keys in (("article", ARTICLE), ("learner", [key for key in made if key not in ARTICLE])):
        st.subheader(t(f"faq.{title}"), anchor=False)
        for key in keys:
            _question(made[key], facts)
    reveal(_key(question) if question else None)


def _question(section: essay.Section, facts: Mapping[str, str]) -> None:
    key = _key(section.key)

    def opened() -> None:
        if st.session_state[key]:
            st.session_state["faq_question"] = st.session_state["faq_shown"] = section.key

    with st.expander(section.title, key=key, on_change=opened) as body:
        if body.open:
            for part in section.filled(facts):
                st.markdown(part)
            if section.key == "programs":
                _programs(facts)
            _pages(section.pages)


def _programs(facts: Mapping[str, str]) -> None:
    """One of the three programs: what it set out to do, then and now, and the file itself."""
    words = essay.sections("faq_programs", language())
    name = linked_choice("faq_program", "program", t("faq.program"), PROGRAMS, lambda name: t(f"frame.model.{name}"))
    for part in words[name].filled(facts):
        st.markdown(part)
    st.caption(t("faq.script", file=f"export/{name}.py", command=f"python -m export --only {name}"))
    st.code((ROOT / "export" / f"{name}.py").read_text(encoding="utf-8"), language="python")


def _pages(keys: Sequence[str]) -> None:
    with st.container(horizontal=True):
        for place in (places.PLACES[key] for key in keys if key in places.PLACES):
            label = t(f"{place.key}.question")
            st.page_link(place.file, label=label, icon=place.icon, query_params=shell.link_parameters())


def _key(question: str) -> str:
    return f"gb_q_{question}"
