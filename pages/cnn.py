"""A convolutional network from inside: every cell of every map worked out, and the way from there to the verdict."""

import streamlit as st

from glassbox.ui import cnn_view, notices, shell, style
from glassbox.ui.choice import linked_choice
from glassbox.ui.downloads import downloads
from glassbox.ui.graph_view import graph_view
from glassbox.ui.i18n import t
from glassbox.ui.inside import inside
from glassbox.ui.toy import toy

with shell.page("cnn") as page:
    notices.refused(page.reader.zoo, cnn_view.NETWORKS)
    offered = [name for name in cnn_view.NETWORKS if name in page.reader.zoo.cards]
    if not offered:
        st.stop()
    network = linked_choice("cnn_network", "model", t("cnn.network"), offered, lambda name: t(f"model.{name}"))
    cnn_view.maps(page, network)

    st.subheader(t("cnn.verdict"), anchor=False)
    numbers = inside(page.reader, network, page.picture.digit)
    cnn_view.verdict(numbers)
    downloads(network, numbers.tensors, figures={t("cnn.figure"): lambda: cnn_view.figure(page, network, numbers)})

    st.subheader(t("toy.title"), anchor=False)
    st.markdown(t("toy.lead"))
    toy(style.dark())
    graph_view(page, cnn_view.NETWORKS)
