"""A convolutional network from inside: the sum behind every cell of a map, and the way from there to the verdict."""

import streamlit as st

from glassbox.ui.base import style
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.frame import notices, shell
from glassbox.ui.frame.downloads import downloads
from glassbox.ui.frame.model_graph import graph_view
from glassbox.ui.frame.networks import inside
from glassbox.ui.pages.cnn import view
from glassbox.ui.pages.cnn.arithmetic import arithmetic
from glassbox.ui.pages.cnn.overview import VERDICT, overview

with shell.page("cnn") as page:
    notices.refused(page.reader.zoo)
    offered = page.reader.zoo.on_page("cnn")
    if not offered:
        st.stop()
    network = linked_choice(view.NETWORK, t("cnn.network"), offered, model_name)
    overview(page, network)
    view.layer(page, network)

    st.header(t("cnn.verdict"), anchor=False)
    numbers = inside(page.reader, network, page.picture.digit)
    with st.container(key=VERDICT):
        view.output_layer(page.reader.zoo.cards[network], numbers)
    downloads(network, numbers.tensors, figures={t("cnn.figure"): lambda: view.figure(page, network, numbers)})

    title = t("cnn.arithmetic.title")
    with st.expander(title, icon=":material/calculate:", key="gb_arithmetic", on_change="rerun") as sizes:
        if sizes.open:
            st.markdown(t("cnn.arithmetic.lead"))
            arithmetic(style.dark())
    graph_view(page, offered)
