"""A transformer reads a beginning: what each head looks at, and the sum behind what it would write next."""

import streamlit as st

from glassbox.ui.base.i18n import t
from glassbox.ui.frame import notices, shell, transformers
from glassbox.ui.pages.transformer import poets, view

with shell.page("transformer") as page:
    notices.refused(transformers.zoo(), poets.NAMES)
    if poets.offered():
        view.draw(page.reader.provider.name)
    else:
        st.info(t("transformer.no_model"), icon=":material/info:")
