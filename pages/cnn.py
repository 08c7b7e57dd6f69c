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

with shell.page("cnn") as page:
    notices.refused(page.reader.zoo)
    offered = page.reader.zoo.on_page("cnn")
    if not offered:
        st.stop()
    network = linked_choice(view.NETWORK, t("cnn.network"), offered, model_name)
    view.layer(page, network)

    st.header(t("cnn.verdict"), anchor=False)
    numbers = inside(page.reader, network, page.picture.digit)
    view.output_layer(page.reader.zoo.cards[network], numbers)
    downloads(network, numbers.tensors, figures={t("cnn.figure"): lambda: view.figure(page, network, numbers)})

    st.header(t("cnn.arithmetic.title"), anchor=False)
    st.markdown(t("cnn.arithmetic.lead"))
    arithmetic(style.dark())
    graph_view(page, offered)
