"""A convolutional network from inside: every cell of every map worked out, and the way from there to the verdict."""

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
from glassbox.ui.pages.cnn.arithmetic import toy

with shell.page("cnn") as page:
    notices.refused(page.reader.zoo)
    offered = page.reader.zoo.on_page("cnn")
    if not offered:
        st.stop()
    network = linked_choice(view.NETWORK, t("cnn.network"), offered, model_name)
    view.maps(page, network)

    st.subheader(t("cnn.verdict"), anchor=False)
    numbers = inside(page.reader, network, page.picture.digit)
    view.verdict(numbers)
    downloads(network, numbers.tensors, figures={t("cnn.figure"): lambda: view.figure(page, network, numbers)})

    st.subheader(t("cnn.arithmetic.title"), anchor=False)
    st.markdown(t("cnn.arithmetic.lead"))
    toy(style.dark())
    graph_view(page, offered)
