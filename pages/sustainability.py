"""What does an answer cost? Time, energy and carbon of the networks and their smaller twins, on this machine."""

import streamlit as st

from glassbox.ui import footprint_facts, footprint_view, grid_view
from glassbox.ui.frame import notices, shell
from glassbox.ui.ladder import ladder
from glassbox.zoo import digit_models

with shell.page("sustainability") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo, digit_models.NAMES)
    found = footprint_view.measured(page)
    if not footprint_facts.article(found.twins):
        st.stop()
    since = footprint_view.clock()
    facts = footprint_facts.facts(found.twins, cards, found.counter)

    footprint_view.section("now", facts, lambda: footprint_view.now(found))
    footprint_view.section("twins", facts, lambda: footprint_view.twins(found))
    footprint_view.numbers(found)
    footprint_view.section("training", facts, lambda: footprint_view.training(found, cards))
    grid_view.where(found.twins)
    footprint_view.section("scale", facts, lambda: ladder(found.twins, cards))
    footprint_view.section("limits", facts | footprint_view.around(since, found))
