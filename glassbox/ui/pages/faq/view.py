"""Questions that open one by one, the article's three programs then and now, and links to the pages that show more."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from glassbox.paths import ROOT
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import language, t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.frame import essay
from glassbox.ui.frame.folds import Folds
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.faq.facts import facts

ARTICLE = ("factors", "concepts", "algorithms", "programs", "future")
"""The keys of the article's five questions; all others are a learner's."""
PROGRAMS = ("mlp", "cnn", "rnn")
TERM = declare("faq_term", Kind.CONTROL, "", parameter="term")
OPENED = declare("faq_opened", Kind.INTERNAL, "")
"""The page that was just asked for in the glossary."""
_QUESTIONS = Folds(
    asked=declare("faq_question_asked", Kind.CONTROL, "", parameter="q"),
    shown=declare("faq_question_shown", Kind.INTERNAL, ""),
    unfolded=declare("gb_q_{part}", Kind.CONTROL, False),
)
_PROGRAM = declare("faq_program", Kind.CONTROL, "", parameter="program")


def questions(page: Page) -> None:
    """Draw the article's questions, then the learner's. The last one opened is in the link (?q=) and in view."""
    sections = essay.sections("faq_questions", language())
    _QUESTIONS.follow(sections)
    values = facts(page.reader.zoo)
    for title, keys in (("article", ARTICLE), ("learner", [key for key in sections if key not in ARTICLE])):
        st.header(t(f"faq.{title}"), anchor=False)
        for key in keys:
            _QUESTIONS.fold(key, sections[key].title, partial(_answer, sections[key], values))
    _QUESTIONS.bring_into_view()


def _answer(section: essay.Section, values: Mapping[str, str]) -> None:
    """Draw the answer to a question."""
    for part in section.filled(values):
        st.markdown(part)
    if section.key == "programs":
        _programs(values)
    essay.links(section.pages)


def _programs(values: Mapping[str, str]) -> None:
    """Draw one of the three programs: what it set out to do, then and now, and the file itself."""
    sections = essay.sections("faq_programs", language())
    name = linked_choice(_PROGRAM, t("faq.program"), PROGRAMS, words=model_name)
    for part in sections[name].filled(values):
        st.markdown(part)
    st.caption(t("faq.script", file=f"export/models/{name}.py", command=f"python -m export --only {name}"))
    st.code((ROOT / "export" / "models" / f"{name}.py").read_text(encoding="utf-8"), language="python")
