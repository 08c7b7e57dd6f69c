"""The first screen: the visitor gives a picture, and three networks say which digit they read."""

import streamlit as st

from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.components.cards import verdict_cards
from glassbox.ui.components.preparation import preparation
from glassbox.ui.frame import notices, picture, places, shell, taught
from glassbox.ui.pages.read import batch, differences, several
from glassbox.ui.pages.read.inputs import ALL_MODELS, model_links, picture_inputs, taught_cards

_OPENED = declare("read_opened", Kind.INTERNAL, "")
"""The network whose link was just followed."""


def first_screen(page: shell.Page) -> None:
    """Draw the inputs, the verdicts, the table of several files, and how the picture was prepared."""
    left, right = st.columns([4, 7], gap="medium")
    with left:
        picture_inputs(page.reader)
    with right:
        several.chooser(page.picture, page.reader)
        zoo = page.reader.zoo
        models = tuple(zoo.cards) if ALL_MODELS.get() else zoo.article
        verdicts = page.reader.read(page.picture.digit, models)
        summary = notices.summary(verdicts, page.reader.familiarity(page.picture.digit))
        with st.container(key="gb_cards"):
            own = taught_cards(page)
            verdict_cards(verdicts, model_links(verdicts), summary, on_opened=_OPENED.set, own=own)
        st.toggle(
            t("read.all_six", count=len(zoo.cards) - len(zoo.article)), key=ALL_MODELS.key, persist_state="session"
        )
        differences.section(page, verdicts)
        notices.refused(zoo)
    if opened := _OPENED.get():
        _OPENED.clear()
        place, parameters = taught.place(opened) or places.of_model(opened)
        st.switch_page(place.file, query_params=shell.link_parameters() | parameters)

    batch.table(models)
    st.header(t("read.strip.title"), anchor=False, help=t("read.strip.help"))
    with st.container(key="gb_strip"):
        shown = page.picture
        preparation(shown.digit, shown.steps, several.boxes(shown), shown.chosen, picture.choose)
    several.left_out(page.picture)
    if page.picture.origin == "link":
        st.caption(t("read.strip.from_link"))
