"""Three recurrent networks read a text character by character or word by word, shown from inside."""

import streamlit as st

from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.frame import shell, texts
from glassbox.ui.pages.text import sections, state, traps, view

with shell.page("text") as page:
    state.follow_link()
    reader = texts.reader(page.reader.provider.name)
    view.controls()
    traps.choose_trap()
    if state.task() == "topic":
        st.caption(t("text.only_topics"), help=t("text.only_topics_why"))
    readings = view.read(reader)
    if readings:
        traps.explain_trap(reader, readings)
        view.verdicts(reader, readings)
    st.header(t("text.closer"), anchor=False)
    section = linked_choice(
        sections.SECTION, t("text.closer"), tuple(sections.SECTIONS), words=lambda name: t(f"text.view_{name}")
    )
    sections.SECTIONS[section](reader, readings)
