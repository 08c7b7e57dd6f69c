"""Do explanations tell the truth? Methods and networks tested on unseen digits, and on the visitor's own."""

from collections.abc import Callable

import streamlit as st

from glassbox.trust import scoreboard
from glassbox.trust.slices import MEASURES
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.frame import notices, shell
from glassbox.ui.pages.explainability import failures, robustness
from glassbox.ui.pages.explainability import scoreboard as scoreboard_view
from glassbox.zoo import digit_models

PARTS = ("whole", "ink")


def opening(part: str) -> None:
    """A part's question, and what is done to answer it."""
    st.subheader(t(f"explainability.{part}"), anchor=False)
    st.markdown(t(f"explainability.{part}_lead"))


def said(sentences: list[str]) -> None:
    """Sentences below a figure, as a list."""
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences))


def beside(figure: Callable[[], None], sentences: list[str]) -> None:
    """A figure, and what it says beside it; below it on a phone."""
    left, right = st.columns(2, gap="large")
    with left:
        figure()
    with right:
        said(sentences)


def network(part: str, names: list[str]) -> str:
    """Ask which network a part of the page shows; in the link as ?PART=."""
    return linked_choice(failures.NETWORK.at(part=part), t("frame.networks"), names, model_name)


@st.fragment
def cascade(networks: scoreboard_view.Networks) -> None:
    """What is left of each map as one layer after the other is shuffled."""
    chosen = networks[network("shuffled", list(networks))]
    beside(lambda: robustness.cascade(chosen), robustness.randomised_said(networks))


@st.fragment
def agreement(page: shell.Page, networks: scoreboard_view.Networks) -> None:
    """Do the methods of one network point at the same pixels?"""
    name = network("agreement", list(networks))
    for column, part in zip(st.columns(2, gap="large"), PARTS, strict=True):
        with column:
            robustness.agreements(networks[name], part)
    said(robustness.agreement_said(page, name, networks[name]))


@st.fragment
def confidence(cards: dict[str, digit_models.Card]) -> None:
    """Reliability before and after temperature, of one network and in short of all."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        name = network("calibration", list(cards))
        failures.reliability(cards[name])
    with right:
        failures.calibration(cards)
        said(failures.calibration_said(cards))


@st.fragment
def mistakes(record: scoreboard.ExplanationStudy, names: list[str]) -> None:
    """What one network takes for what, and how sure it is of it."""
    name = network("mistakes", names)
    found = record.mistakes[name]
    sentences = failures.mistakes_said(name, found, record.disagreement.count)
    beside(lambda: failures.mistakes(name, found), sentences)


@st.fragment
def slices(page: shell.Page, record: scoreboard.ExplanationStudy, names: list[str]) -> None:
    """Accuracy by pen, slant or size, and where the visitor's digit lies."""
    words = t("explainability.measure")
    measure = linked_choice(failures.MEASURE, words, list(MEASURES), lambda m: t(f"explainability.{m}"))
    value, found = failures.measured(page, measure), record.slices[measure]
    st.markdown(t(f"explainability.{measure}_how"))
    failures.slice_table(measure, value, found, {name: page.reader.zoo.cards[name] for name in names})
    said(failures.slices_said(measure, value, found, names))


with shell.page("explainability") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo)
    if not cards:
        st.stop()
    known = page.reader.familiarity(page.picture.digit)
    if known and not known.familiar:
        st.info(t("explainability.unlike"), icon=":material/help:")
    record = scoreboard_view.record()
    networks = scoreboard_view.networks(record, page.reader.zoo)
    names = list(networks)

    if record and networks:
        opening("faithfulness")
        mine = scoreboard_view.own(page, networks)
        scoreboard_view.scores(networks, mine)
        said(scoreboard_view.scores_said(networks))
        if mine:
            st.markdown(scoreboard_view.said_of_own(mine, networks))
        else:
            scoreboard_view.ask(page)
        shell.link_to("explain", t("explainability.maps"))

        opening("randomisation")
        robustness.randomised(networks)
        cascade(networks)

        opening("completeness")
        scoreboard_view.completeness(networks, mine)
        st.markdown(scoreboard_view.completeness_said(networks))

        opening("steadiness")
        beside(lambda: robustness.steadiness(networks), robustness.steadiness_said(networks))

        opening("agreement")
        agreement(page, networks)

    opening("confidence")
    confidence(cards)

    if record and networks:
        opening("disagreement")
        sentences = failures.disagreement_said(page, record.disagreement, names)
        beside(lambda: failures.disagreement(record.disagreement, names), sentences)

        opening("mistakes")
        mistakes(record, names)

        opening("slices")
        slices(page, record, names)
