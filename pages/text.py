"""Text read character by character or word by word: what three recurrent networks make of it, from inside."""

import streamlit as st

from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.frame import shell, texts
from glassbox.ui.pages.text import sections, state
from glassbox.ui.pages.text import view as text_view

with shell.page("text") as page:
    state.follow_link()
    reader = texts.reader(page.reader.provider.name)
    text_view.desk()
    readings = text_view.readings(reader)
    if readings:
        text_view.verdicts(reader, readings)
    st.subheader(t("text.closer"), anchor=False)
    view = linked_choice(sections.VIEW, t("text.closer"), tuple(sections.VIEWS), lambda name: t(f"text.view_{name}"))
    sections.VIEWS[view](reader, readings)
