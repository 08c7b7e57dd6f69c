"""What does an answer cost? Time, energy and carbon of the networks and their compressed versions, on this machine."""

from functools import partial

import streamlit as st

from glassbox.ui.frame import essay, notices, shell
from glassbox.ui.pages.sustainability import electricity, energy_scale, everyday, view
from glassbox.ui.pages.sustainability.facts import article, facts

draw = partial(essay.draw, "sustainability_essay")

with shell.page("sustainability") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo)
    measurement = view.measured(page)
    versions = measurement.versions
    if not article(versions):
        st.stop()
    since = view.processor_seconds()
    values = facts(versions, cards, measurement.counter)

    draw("now", values, lambda: view.now_table(measurement))
    draw("twins", values, lambda: view.versions_figure(measurement))
    view.pruning_figure()
    draw("training", values, lambda: view.training_table(measurement, cards))
    everyday.everyday_section(versions)
    electricity.electricity_section(versions)
    draw("scale", values, lambda: energy_scale.scale(versions, cards))
    draw("limits", values | view.page_facts(since, measurement))
