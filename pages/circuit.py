"""Two networks small enough to be taken apart: which heads go on with a sequence, and where a sum keeps its carry."""

import streamlit as st

from glassbox.ui.base.i18n import t
from glassbox.ui.frame import notices, shell, transformers
from glassbox.ui.pages.circuit import addition, induction
from glassbox.ui.pages.circuit.measured import ADDITION, INDUCTION
from glassbox.ui.pages.circuit.parts import PARTS

with shell.page("circuit") as page:
    zoo = transformers.zoo()
    notices.refused(zoo, (INDUCTION, ADDITION))
    for name, section in ((INDUCTION, induction.section), (ADDITION, addition.section)):
        if name in zoo.cards:
            st.header(t(f"circuit.{name}"), anchor=False)
            st.markdown(t(f"circuit.{name}_lead"))
            section(page.reader.provider.name)
    PARTS.bring_into_view()
