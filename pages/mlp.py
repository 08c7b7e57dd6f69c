"""The multilayer perceptron from inside: 784 pixels, 128 neurons, ten outputs, and what each neuron is good for."""

import html

import streamlit as st

from glassbox.ui import mlp_view
from glassbox.ui.base.i18n import t
from glassbox.ui.frame import notices, shell
from glassbox.ui.frame.downloads import downloads
from glassbox.ui.frame.model_graph import graph_view

with shell.page("mlp") as page:
    notices.refused(page.reader.zoo, (mlp_view.NAME,))
    if mlp_view.NAME not in page.reader.zoo.cards:
        st.stop()

    seen = mlp_view.see(page)
    left, right = st.columns([7, 5], gap="large")
    with left:
        shade = mlp_view.shade()
        st.html(f'<p class="gb-summary" role="status">{html.escape(mlp_view.sentence(seen))}</p>')
        with st.container(key="gb_network"):
            mlp_view.drawing(seen, shade)
        mlp_view.switches(seen)
        with st.expander(t("mlp.outputs_sum"), key="mlp_verdict", on_change="rerun") as verdict:
            if verdict.open:
                mlp_view.verdict_sum(seen)
    with right:
        mlp_view.panel(seen)

    downloads(mlp_view.NAME, seen.whole.tensors, figures={t("mlp.figure"): lambda: mlp_view.figure(seen)})
    graph_view(page, [mlp_view.NAME])
