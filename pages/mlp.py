"""The multilayer perceptron from inside: 784 pixels, 128 neurons, ten outputs, and what each neuron is good for."""

import html

import streamlit as st

from glassbox.ui.base.i18n import t
from glassbox.ui.frame import notices, shell
from glassbox.ui.frame.downloads import downloads
from glassbox.ui.frame.model_graph import graph_view
from glassbox.ui.pages.mlp import view

with shell.page("mlp") as page:
    notices.refused(page.reader.zoo, (view.MODEL,))
    if view.MODEL not in page.reader.zoo.cards:
        st.stop()

    reading = view.read_digit(page)
    left, right = st.columns([7, 5], gap="large")
    with left:
        shade = view.shade_choice()
        st.html(f'<p class="gb-summary" role="status">{html.escape(view.summary(reading))}</p>')
        with st.container(key="gb_network"):
            view.diagram(reading, shade)
        view.removal_buttons(page, reading)
        with st.expander(t("components.mlp_diagram.outputs_sum"), key="mlp_verdict", on_change="rerun") as unfolded:
            if unfolded.open:
                view.output_sum(reading)
    with right:
        view.neuron_panel(reading)

    downloads(view.MODEL, reading.intact.tensors, figures={t("mlp.figure"): lambda: view.figure(reading)})
    graph_view(page, [view.MODEL])
