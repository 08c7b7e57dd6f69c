"""From the poet to GPT: which parts are the same, which differ, and how far it is from one to the other."""

from functools import partial

import streamlit as st

from glassbox.ui.base.i18n import t
from glassbox.ui.frame import essay, notices, shell, transformers
from glassbox.ui.pages.gpt import view
from glassbox.ui.pages.gpt.facts import POET, facts
from glassbox.ui.pages.gpt.strip import strip

with shell.page("gpt") as page:
    zoo = transformers.zoo()
    notices.refused(zoo)
    card = zoo.cards.get(POET)
    if card is None:
        st.info(t("gpt.no_poet"), icon=":material/info:")
    values = facts(card)
    draw = partial(essay.draw, "gpt_essay", facts=values)
    draw("parts", figure=lambda: strip(values))
    draw("ladder", figure=lambda: view.ladder_figure(card))
    draw("shapes", figure=lambda: view.architectures_table(card))
    draw("answers")
    draw("limits")
