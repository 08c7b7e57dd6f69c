"""Questions that open one by one, the article's three programs then and now, and links to the live pages."""

from collections.abc import Mapping, Sequence

import streamlit as st

from glassbox.paths import ROOT
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import language, t
from glassbox.ui.base.link import linked
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.components.scroll_to import scroll_to
from glassbox.ui.frame import essay, shell
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.faq import facts as faq_facts

ARTICLE = ("factors", "concepts", "algorithms", "programs", "future")
"""The article's five questions; all others are a learner's."""
PROGRAMS = ("mlp", "cnn", "rnn")
TERM = declare("faq_term", Kind.CONTROL, "", parameter="term")
_QUESTION = declare("faq_question", Kind.CONTROL, "", parameter="q")
_SHOWN = declare("faq_shown", Kind.INTERNAL, "")
"""The question that was opened last by the link or by hand."""
_OPEN = declare("gb_q_{question}", Kind.CONTROL, False)
_PROGRAM = declare("faq_program", Kind.CONTROL, "", parameter="program")


def questions(page: Page) -> None:
    """The article's questions, then the learner's. The one asked last is in the link (?q=) and comes into view."""
    made = essay.sections("faq_questions", language())
    linked(_QUESTION, lambda asked: asked if asked in made else None)
    question = _QUESTION.get()
    if question != _SHOWN.get():
        _SHOWN.set(question)
        if question:
            _OPEN.at(question=question).set(True)
    facts = faq_facts.facts(page.reader.zoo)
    for title, keys in (("article", ARTICLE), ("learner", [key for key in made if key not in ARTICLE])):
        st.subheader(t(f"faq.{title}"), anchor=False)
        for key in keys:
            _question(made[key], facts)
    scroll_to(_OPEN.at(question=question).key if question else None)


def _question(section: essay.Section, facts: Mapping[str, str]) -> None:
    unfolded = _OPEN.at(question=section.key)

    def opened() -> None:
        if unfolded.get():
            _QUESTION.set(section.key)
            _SHOWN.set(section.key)

    with st.expander(section.title, key=unfolded.key, on_change=opened) as body:
        if body.open:
            for part in section.filled(facts):
                st.markdown(part)
            if section.key == "programs":
                _programs(facts)
            _pages(section.pages)


def _programs(facts: Mapping[str, str]) -> None:
    """One of the three programs: what it set out to do, then and now, and the file itself."""
    words = essay.sections("faq_programs", language())
    name = linked_choice(_PROGRAM, t("faq.program"), PROGRAMS, model_name)
    for part in words[name].filled(facts):
        st.markdown(part)
    st.caption(t("faq.script", file=f"export/models/{name}.py", command=f"python -m export --only {name}"))
    st.code((ROOT / "export" / "models" / f"{name}.py").read_text(encoding="utf-8"), language="python")


def _pages(keys: Sequence[str]) -> None:
    with st.container(horizontal=True):
        for key in keys:
            shell.link_to(key)
