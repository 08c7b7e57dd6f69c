"""Recurrent networks read the picture row by row: what they remember, and from which row on they keep to a verdict."""

import streamlit as st

from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.charts.tables import table
from glassbox.ui.frame import notices, shell
from glassbox.ui.frame.model_graph import graph_view
from glassbox.ui.pages.rnn import view

with shell.page("rnn") as page:
    notices.refused(page.reader.zoo)
    readings = view.readings(page.reader, page.picture.digit)
    if not readings:
        st.stop()
    view.film(readings, page.picture.digit)
    with st.expander(t("components.time_film.table"), key="rows_table", on_change="rerun") as unfolded:
        if unfolded.open:
            heads = [t("components.time_film.column_row"), *(model_name(name) for name in readings)]
            table(t("components.time_film.table"), heads, view.verdict_rows(readings), show_caption=False)
    graph_view(page, list(readings))
