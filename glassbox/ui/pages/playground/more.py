"""Below the board: a choice of experiments, the visitor's own data and downloads."""

import streamlit as st

from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.pages.playground import downloads, experiments, own_data_form

VIEWS = {
    "optimisers": experiments.optimisers,
    "rates": experiments.learning_rates,
    "surface": experiments.loss_surface,
    "own": own_data_form.own_data_form,
    "home": downloads.downloads,
}
_VIEW = declare("playground_view", Kind.CONTROL, "")


@st.fragment
def more() -> None:
    """Draw the chosen one of VIEWS."""
    st.header(t("playground.more.title"), anchor=False)
    view = choice(
        _VIEW,
        t("playground.more.title"),
        tuple(VIEWS),
        lambda name: t(f"playground.more.{name}"),
        show_label=False,
    )
    st.markdown(t(f"playground.more.{view}_lead"))
    VIEWS[view]()
