"""What does an answer cost? Time, energy and carbon of the networks and their compressed versions, on this machine."""

import streamlit as st

from glassbox.ui.frame import notices, shell
from glassbox.ui.pages.sustainability import electricity, view
from glassbox.ui.pages.sustainability import facts as footprint_facts
from glassbox.ui.pages.sustainability.energy_scale import ladder

with shell.page("sustainability") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo)
    found = view.measured(page)
    if not footprint_facts.article(found.versions):
        st.stop()
    since = view.clock()
    facts = footprint_facts.facts(found.versions, cards, found.counter)

    view.section("now", facts, lambda: view.now(found))
    view.section("twins", facts, lambda: view.versions(found))
    view.zeros()
    view.section("training", facts, lambda: view.training(found, cards))
    electricity.where(found.versions)
    view.section("scale", facts, lambda: ladder(found.versions, cards))
    view.section("limits", facts | view.around(since, found))
