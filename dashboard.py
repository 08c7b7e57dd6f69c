"""The first screen: a picture in, three verdicts out."""

import streamlit as st

from glassbox.ui.base.i18n import t
from glassbox.ui.components.cards import verdict_cards
from glassbox.ui.components.preparation import preparation
from glassbox.ui.frame import notices, places, shell
from glassbox.ui.pages.read import batch
from glassbox.ui.pages.read.inputs import ALL_SIX, model_links, ways_in

with shell.page("read") as page:
    left, right = st.columns([4, 7], gap="medium")
    with left:
        ways_in(page.reader)
    with right:
        zoo = page.reader.zoo
        models = tuple(zoo.cards) if ALL_SIX.get() else zoo.article
        verdicts = page.reader.read(page.picture.digit, models)
        said = notices.summary(verdicts, page.reader.familiarity(page.picture.digit))
        with st.container(key="gb_cards"):
            opened = verdict_cards(verdicts, model_links(verdicts), said)
        st.toggle(t("read.all_six", count=len(zoo.cards) - len(zoo.article)), key=ALL_SIX.key, persist_state="session")
        notices.refused(zoo)
    if opened:
        place, parameters = places.of_model(opened)
        st.switch_page(place.file, query_params=shell.link_parameters() | parameters)

    batch.table(models)
    st.subheader(t("read.strip.title"), anchor=False, help=t("read.strip.help"))
    with st.container(key="gb_strip"):
        preparation(page.picture.digit, page.picture.steps)
    if page.picture.origin == "link":
        st.caption(t("read.strip.from_link"))
