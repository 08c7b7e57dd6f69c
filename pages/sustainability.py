"""What does an answer cost? Time, energy and carbon of the networks and their smaller twins, on this machine."""

import streamlit as st

from glassbox.ui.frame import notices, shell
from glassbox.ui.pages.sustainability import electricity, view
from glassbox.ui.pages.sustainability import facts as footprint_facts
from glassbox.ui.pages.sustainability.energy_scale import ladder

with shell.page("sustainability") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo)
    found = view.measured(page)
    if not footprint_facts.article(found.twins):
        st.stop()
    since = view.clock()
    facts = footprint_facts.facts(found.twins, cards, found.counter)

    view.section("now", facts, lambda: view.now(found))
    view.section("twins", facts, lambda: view.twins(found))
    view.zeros()
    view.section("training", facts, lambda: view.training(found, cards))
    electricity.where(found.twins)
    view.section("scale", facts, lambda: ladder(found.twins, cards))
    view.section("limits", facts | view.around(since, found))
