"""The networks compared by their cards: accuracy, calibration, cost, training and layers."""

import streamlit as st

from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.frame import notices, shell
from glassbox.ui.frame.model_graph import graph_view
from glassbox.ui.pages.model_zoo import view

with shell.page("model_zoo") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo)
    if not cards:
        st.stop()

    st.header(
        t("model_zoo.accuracy", count=formats.count(max(card.accuracy.count for card in cards.values()))), anchor=False
    )
    view.accuracy_figure(cards)
    view.comparison_table(cards)

    st.header(t("model_zoo.choose"), anchor=False)
    card = cards[view.choose_network(cards)]
    parts = st.tabs(view.part_titles(), key="zoo_part", on_change="rerun")
    for part, draw in zip(parts, view.PARTS.values(), strict=True):
        if part.open:
            with part:
                draw(card)
    graph_view(page, [card.name])
    st.caption(view.provenance(card))
