"""Do explanations tell the truth? Methods and networks tested on unseen digits, and on the visitor's own."""

from functools import partial

import streamlit as st

from glassbox.trust import scoreboard
from glassbox.trust.slices import MEASURES
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.frame import attributions, notices, shell
from glassbox.ui.pages.explainability import (
    agreement,
    completeness,
    confidence,
    disagreement,
    faithfulness,
    mistakes,
    randomisation,
    sensitivity,
    slices,
    study,
)
from glassbox.ui.pages.explainability.layout import beside, bullets, choose_network, heading
from glassbox.ui.pages.explainability.parts import CONTROLS, OF_EXPLANATIONS, OF_NETWORKS, PARTS, part
from glassbox.zoo import digit_models


@st.fragment
def cascading_randomisation(networks: study.Networks) -> None:
    """Draw what is left of one network's maps as one layer after the other is shuffled."""
    network = networks[choose_network("shuffled", list(networks))]
    beside(lambda: randomisation.cascade_table(network), randomisation.randomisation_sentences(networks))


def scoreboard_of_methods(page: shell.Page, networks: study.Networks, baseline: str) -> None:
    """Draw the scores of all methods, and let the visitor's picture be scored too."""
    heading("faithfulness")
    tested = st.container()
    with st.container():  # the progress stands where it was asked for
        own = study.own_scores(page, networks)
        if own:
            st.markdown(faithfulness.own_sentence(own, networks))
        else:
            study.offer_scoring(page)
    with tested:
        faithfulness.scores_table(networks, own, baseline)
        bullets(faithfulness.scores_sentences(networks))


def randomised(networks: study.Networks) -> None:
    """Draw what is left of each map once all weights are shuffled, and of one network's maps layer by layer."""
    randomisation.randomisation_table(networks)
    cascading_randomisation(networks)


def sums(page: shell.Page, networks: study.Networks) -> None:
    """Draw how far the sums of maps are from the change of the score, with the visitor's picture where it is scored."""
    completeness.completeness_table(networks, study.own_scores(page, networks))
    st.markdown(completeness.completeness_sentence(networks))


def steadiness(networks: study.Networks) -> None:
    """Draw by how much the maps change with small changes of the picture."""
    beside(lambda: sensitivity.sensitivity_table(networks), sensitivity.sensitivity_sentences(networks))


@st.fragment
def agreement_of_methods(page: shell.Page, networks: study.Networks) -> None:
    """Draw whether the methods of one network point at the same pixels."""
    name = choose_network("agreement", list(networks))
    left, right = st.columns(2, gap="large")
    with left:
        agreement.agreement_table(networks[name], "whole")
    with right:
        agreement.agreement_table(networks[name], "ink")
    bullets(agreement.agreement_sentences(page, name, networks[name]))


@st.fragment
def calibration(cards: dict[str, digit_models.Card]) -> None:
    """Draw the reliability of one network without and with the temperature, and the calibration of all."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        name = choose_network("calibration", list(cards))
        confidence.reliability_figure(cards[name])
    with right:
        confidence.calibration_table(cards)
        bullets(confidence.calibration_sentences(cards))


def disagreements(page: shell.Page, record: scoreboard.ExplanationStudy, names: list[str]) -> None:
    """Draw which network is right where another is wrong."""
    sentences = disagreement.disagreement_sentences(page, record.disagreement, names)
    beside(lambda: disagreement.disagreement_table(record.disagreement, names), sentences)


@st.fragment
def mistakes_of_network(record: scoreboard.ExplanationStudy, names: list[str]) -> None:
    """Draw which digits one network takes for which, and how confident it is of it."""
    name = choose_network("mistakes", names)
    recorded = record.mistakes[name]
    sentences = mistakes.mistakes_sentences(name, recorded, record.disagreement.count)
    beside(lambda: mistakes.mistakes_table(name, recorded), sentences)


@st.fragment
def accuracy_by_slice(page: shell.Page, record: scoreboard.ExplanationStudy, names: list[str]) -> None:
    """Draw the accuracy by pen, slant or size, and where the visitor's digit lies."""
    label = t("explainability.measure")
    measure = linked_choice(slices.MEASURE, label, list(MEASURES), words=lambda name: t(f"explainability.{name}"))
    value, recorded = slices.own_value(page, measure), record.slices[measure]
    st.markdown(t(f"explainability.{measure}_how"))
    cards = {name: page.reader.zoo.cards[name] for name in names}
    slices.slices_table(measure, value, record=recorded, cards=cards)
    bullets(slices.slices_sentences(measure, value, record=recorded, networks=names))


with shell.page("explainability") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo)
    if not cards:
        st.stop()
    familiarity = page.reader.familiarity(page.picture.digit)
    if familiarity and not familiarity.familiar:
        st.info(t("explainability.unlike"), icon=":material/help:")
    record = attributions.explanation_study()
    networks = study.studied_networks(record, page.reader.zoo)
    names = list(networks)

    if record and networks:
        scoreboard_of_methods(page, networks, record.baseline)
        shell.link_to("explain", t("explainability.maps"))

        PARTS.follow({*OF_EXPLANATIONS, *OF_NETWORKS}, CONTROLS)
        heading("further")
        part("randomisation", partial(randomised, networks))
        part("completeness", partial(sums, page, networks))
        part("steadiness", partial(steadiness, networks))
        part("agreement", partial(agreement_of_methods, page, networks))

        heading("networks")
        part("confidence", partial(calibration, cards), count=confidence.held_out(cards))
        part("disagreement", partial(disagreements, page, record, names))
        part("mistakes", partial(mistakes_of_network, record, names))
        part("slices", partial(accuracy_by_slice, page, record, names))
        PARTS.bring_into_view()
    else:
        heading("confidence", count=confidence.held_out(cards))
        calibration(cards)
