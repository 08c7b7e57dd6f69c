"""The recorded study of explanations, and the scores of the visitor's own picture beside it."""

from collections.abc import Mapping

import streamlit as st

from glassbox.trust import scoreboard
from glassbox.trust.scoreboard import ExplanationStudy, NetworkExplanations
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts.tables import Cell
from glassbox.ui.frame import attributions
from glassbox.ui.frame.attributions import Compared
from glassbox.ui.frame.shell import Page
from glassbox.zoo.digit_models import Zoo

_SCORED = declare("explainability_tested", Kind.DIGIT, "")
"""The digit that the visitor asked to have scored."""

Networks = Mapping[str, NetworkExplanations]


def studied_networks(study: ExplanationStudy | None, zoo: Zoo) -> Networks:
    """Return the study of the zoo's networks; warn if there is none, or of networks that have changed since."""
    if study is None:
        st.warning(t("explainability.missing"), icon=":material/help:")
        return {}
    found = scoreboard.of_zoo(study, zoo)
    if stale := [name for name in zoo.cards if name not in found]:
        words = t("explainability.listed").join(model_name(name) for name in stale)
        st.warning(t("explainability.stale", models=words), icon=":material/help:")
    return found


def own_scores(page: Page, networks: Networks) -> dict[str, Compared]:
    """Return the scores of the visitor's picture by network, each explaining its own verdict; none until asked for."""
    if _SCORED.get() != page.picture.link:
        return {}
    verdicts = page.reader.read(page.picture.digit, list(networks))
    labels = {name: int(verdict.label) for name, verdict in verdicts.items()}
    return attributions.compare(page, labels, on_stop=lambda done: _SCORED.clear())


def offer_scoring(page: Page) -> None:
    """Draw the button that has the visitor's picture scored too, until it changes."""

    def asked() -> None:
        _SCORED.set(page.picture.link)

    st.button(t("explainability.ask"), key="explainability_ask", icon=":material/science:", on_click=asked)


def missing_cell(method: str, network: NetworkExplanations) -> Cell:
    """Return the cell of a method without numbers: it does not apply to the network, or came after the study."""
    if method in network.all_blank:
        return Cell("–", said=t("explainability.all_blank", count=network.pictures), kind="missing")
    if method in network.inapplicable:
        return Cell("–", said=t("explainability.inapplicable"), kind="missing")
    return Cell(t("explainability.not_measured"), said=t("explainability.not_measured_help"), kind="missing")


def blank_sentences(networks: Networks) -> list[str]:
    """Return a sentence for each method and network whose map is blank on some test digits, which are not scored."""
    return [
        t(
            "explainability.blank_said",
            method=t(f"frame.method.{method}"),
            model=model_name(name),
            blank=tested.blank,
            count=network.pictures,
            scored=tested.score.count,
        )
        for name, network in networks.items()
        for method, tested in network.methods.items()
        if tested.blank
    ]


def sample_sizes(counts: Mapping[str, int]) -> str:
    """Return in words the number of test digits, and the number of each network that had fewer."""
    most = max(counts.values())
    sentence = t("explainability.counted", count=most)
    fewer = [t("explainability.fewer", model=model_name(name), count=n) for name, n in counts.items() if n < most]
    return sentence + t("explainability.but", fewer=t("explainability.listed").join(fewer)) if fewer else sentence


def model_names(networks: Networks) -> list[str]:
    """Return the networks' names in the visitor's language."""
    return [model_name(name) for name in networks]
