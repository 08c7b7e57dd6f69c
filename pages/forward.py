"""Forward propagation, a step a layer, with the numbers of the visitor's digit in the formulas."""

import streamlit as st

from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import long_model_name
from glassbox.ui.frame import notices, shell
from glassbox.ui.pages.forward import view

with shell.page("forward") as page:
    notices.refused(page.reader.zoo, tuple(view.LAYERS))
    models = [name for name in view.LAYERS if name in page.reader.zoo.cards]
    if not models:
        st.stop()
    model = linked_choice(view.MODEL, t("frame.networks"), models, long_model_name)
    st.fragment(view.show)(page, model)
