"""Questions and answers, each with links to the pages that show more; the article's programs; and the glossary."""

import streamlit as st

from glassbox.history import study
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.frame import notices, places, shell
from glassbox.ui.frame.glossary import glossary, terms
from glassbox.ui.pages.faq import view

with shell.page("faq") as page:
    notices.refused(page.reader.zoo)
    if study.growth_study() is None:
        notices.damaged(study.STUDY.name)
    view.questions(page)

    st.header(t("components.glossary.title"), anchor="glossary")
    linked(view.TERM, lambda text: text if text in terms() else None)
    glossary(shell.link_parameters(), view.TERM.get() or None, on_named=view.TERM.set, on_opened=view.OPENED.set)
    if opened := view.OPENED.get():
        view.OPENED.clear()
        st.switch_page(places.PLACES[opened].file, query_params=shell.link_parameters())
