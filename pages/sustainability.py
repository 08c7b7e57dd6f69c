"""What does an answer cost? Time, energy and carbon of the networks and their compressed versions, on this machine."""

from functools import partial

import streamlit as st

from glassbox.ui.base.i18n import t
from glassbox.ui.frame import essay, notices, shell
from glassbox.ui.pages.sustainability import electricity, energy_scale, everyday, view
from glassbox.ui.pages.sustainability.facts import article, facts
from glassbox.ui.pages.sustainability.parts import CONTROLS, KEYS, PARTS

with shell.page("sustainability") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo)
    measurement = view.measured(page)
    versions = measurement.versions
    if not article(versions):
        st.stop()
    since = view.processor_seconds()
    values = facts(versions, cards, measurement.counter)
    draw = partial(essay.draw, "sustainability_essay", facts=values)
    show = partial(essay.fold, PARTS, "sustainability_essay")

    PARTS.follow(KEYS, CONTROLS)
    draw("now", figure=lambda: view.now_table(measurement))
    draw("twins", figure=lambda: view.versions_figure(measurement))
    view.pruning_figure()
    show("training", lambda: view.training_table(measurement, cards), facts=values)
    PARTS.fold("everyday", t("sustainability.everyday_title"), lambda: everyday.everyday_section(versions))
    PARTS.fold("where", electricity.title(), lambda: electricity.electricity_section(versions))
    draw("scale", figure=lambda: energy_scale.scale(versions, cards))
    show("limits", facts=values | view.page_facts(since, measurement))
    PARTS.bring_into_view()
