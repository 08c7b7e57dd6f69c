"""Section "completeness": by how much the sum of a map misses the difference in score that it should explain."""

from collections.abc import Mapping

import streamlit as st

from glassbox.explain.attribution.methods import STEPS
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.charts.tables import table
from glassbox.ui.frame.attributions import Compared
from glassbox.ui.pages.explainability.estimates import share_interval
from glassbox.ui.pages.explainability.study import Networks, sample_sizes


def completeness_table(networks: Networks, own: Mapping[str, Compared]) -> None:
    """Draw by which share the sums of maps miss the difference: of gradient x input, and of integrated gradients by the
    number of steps; with it for the visitor's picture (`own`)."""
    numbers = sorted({STEPS} | {tried.steps for network in networks.values() for tried in network.steps})
    heads = [
        t("frame.method.gradient_times_input"),
        *(t("explainability.missed_steps", steps=number) for number in numbers),
    ]
    if own:
        heads.append(t("explainability.missed_own", steps=STEPS))
    rows = []
    for name, network in networks.items():
        by_steps = {tried.steps: tried.missed for tried in network.steps}
        by_steps[STEPS] = network.methods["integrated_gradients"].missed or by_steps[STEPS]  # on more pictures
        errors = [network.methods["gradient_times_input"].missed, *(by_steps.get(number) for number in numbers)]
        cells = [share_interval(missed) if missed else "–" for missed in errors]
        if own:
            integrated = own[name].found.get("integrated_gradients")
            cells.append("–" if integrated is None or integrated.missed is None else formats.rough(integrated.missed))
        rows.append([model_name(name), *cells])
    st.markdown(f"**{t('explainability.missed_caption')}**")
    table(t("explainability.missed_caption"), [t("explainability.column_network"), *heads], rows, show_caption=False)
    many = {name: network.pictures for name, network in networks.items()}
    few = {name: network.steps[0].missed.count for name, network in networks.items()}
    st.caption(t("explainability.missed_counted", steps=STEPS, many=sample_sizes(many), few=sample_sizes(few)))


def completeness_sentence(networks: Networks) -> str:
    """Return a sentence: the smallest and largest error of integrated gradients, and of gradient x input."""

    def ranked(method: str) -> list[tuple[str, float]]:
        errors = [(name, network.methods[method].missed) for name, network in networks.items()]
        return sorted(((name, error.value) for name, error in errors if error), key=lambda pair: pair[1])

    integrated, linear = ranked("integrated_gradients"), ranked("gradient_times_input")
    return t(
        "explainability.missed_said",
        steps=STEPS,
        best=model_name(integrated[0][0]),
        least=formats.rough(integrated[0][1]),
        worst=model_name(integrated[-1][0]),
        most=formats.rough(integrated[-1][1]),
        linear_least=formats.rough(linear[0][1]),
        linear_most=formats.rough(linear[-1][1]),
    )
