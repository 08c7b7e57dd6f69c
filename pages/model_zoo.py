"""The six networks compared by their cards: how often right, how honest, how costly, and how they came to be."""

import streamlit as st

from glassbox import zoo
from glassbox.ui import figures, formats, notices, shell, style, zoo_view
from glassbox.ui.graph_view import graph_view
from glassbox.ui.i18n import t

with shell.page("model_zoo") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo, zoo.NAMES)
    if not cards:
        st.stop()

    st.subheader(
        t("zoo.accuracy", count=formats.count(max(card.accuracy.count for card in cards.values()))), anchor=False
    )
    st.plotly_chart(
        figures.accuracy(cards),
        config=figures.CONFIG,
        key="accuracy",
        alt=t("zoo.accuracy_alt", values=figures.spoken_accuracy(cards)),
    )
    zoo_view.comparison(cards)

    st.subheader(t("zoo.choose"), anchor=False)
    card = cards[zoo_view.chosen(cards)]
    model = t(f"model.{card.name}")
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"#### {t('zoo.calibration')}", anchors=False)
        st.markdown(zoo_view.calibration_note(card))
        st.plotly_chart(
            figures.calibration(card),
            config=figures.CONFIG,
            key="calibration",
            alt=t("zoo.calibration_alt", model=model),
        )
    with right:
        st.markdown(f"#### {t('zoo.confusion')}", anchors=False)
        st.markdown(zoo_view.confusion_note(card))
        st.plotly_chart(
            figures.confusion(card, style.dark()),
            config=figures.CONFIG,
            key="confusion",
            alt=t("zoo.confusion_alt", model=model),
        )
    st.markdown(f"#### {t('zoo.training')}", anchors=False)
    st.markdown(zoo_view.training_note(card))
    for column, what in zip(st.columns(2, gap="large"), ("loss", "accuracy"), strict=True):
        column.plotly_chart(
            figures.training(card, what),
            config=figures.CONFIG,
            key=f"training_{what}",
            alt=t("zoo.training_alt", model=model),
        )
    st.markdown(f"#### {t('zoo.layers')}", anchors=False)
    zoo_view.layers(card)
    graph_view(page, [card.name])
    st.caption(zoo_view.provenance(card))
