"""The multilayer perceptron from inside: 784 pixels, 128 neurons, ten outputs, and what each neuron is good for."""

import html

import streamlit as st

from glassbox.ui.base.i18n import t
from glassbox.ui.frame import notices, shell
from glassbox.ui.frame.downloads import downloads
from glassbox.ui.frame.model_graph import graph_view
from glassbox.ui.pages.mlp import view

with shell.page("mlp") as page:
    notices.refused(page.reader.zoo, (view.NAME,))
    if view.NAME not in page.reader.zoo.cards:
        st.stop()

    seen = view.see(page)
    left, right = st.columns([7, 5], gap="large")
    with left:
        shade = view.shade()
        st.html(f'<p class="gb-summary" role="status">{html.escape(view.sentence(seen))}</p>')
        with st.container(key="gb_network"):
            view.drawing(seen, shade)
        view.switches(seen)
        with st.expander(t("components.mlp_diagram.outputs_sum"), key="mlp_verdict", on_change="rerun") as verdict:
            if verdict.open:
                view.verdict_sum(seen)
    with right:
        view.panel(seen)

    downloads(view.NAME, seen.whole.tensors, figures={t("mlp.figure"): lambda: view.figure(seen)})
    graph_view(page, [view.NAME])
