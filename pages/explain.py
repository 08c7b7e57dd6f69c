"""Why this verdict? Seven attributions of the visitor's picture, each with a score and beside baselines."""

import streamlit as st

from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.components.maps import maps
from glassbox.ui.frame import attributions, notices, questions, shell
from glassbox.ui.pages.explain import view

with shell.page("explain") as page:
    notices.refused(page.reader.zoo)
    if not page.reader.zoo.cards:
        st.stop()
    left, right = st.columns(2, gap="medium")
    with left:
        names = questions.networks(page, view.NETWORKS)
        baseline = view.choose_baseline()
    with right:
        label = questions.label(page, view.LABEL, t("explain.label"), t("explain.label_help"))
    compared = attributions.compare(page, names, int(label), baseline)

    st.markdown("\n".join(f"- {sentence}" for sentence in view.summary(compared, label, baseline)))
    st.caption(t("explain.read_maps"))
    picked = view.selected(compared)
    maps(
        view.map_rows(page, compared),
        picked=" ".join(picked or ()),
        on_picked=view.SELECTED.set,
        key="explain_maps",
    )
    if picked is None:
        st.stop()

    model, method = picked
    words = {"model": model_name(model), "method": t(f"frame.method.{method}")}
    st.header(t("explain.detail", **words), anchor=False)
    st.markdown(t("explain.curves", baseline=t(f"frame.baseline.{baseline}_read")))
    for column, kind in zip(st.columns(2, gap="large"), ("deletion", "insertion"), strict=True):
        with column:
            st.markdown(f"### {t(f'explain.{kind}')}", anchors=False)
            view.draw_curve(compared[model], model=model, method=method, kind=kind)
    st.caption(view.confidence_note(page, model, int(label)))
    st.markdown(f"### {t('explain.shuffle')}", anchors=False)
    st.markdown(t("explain.shuffle_note"))
    layers = attributions.shuffled(page, model, int(label), method, baseline)
    st.html(view.similarity_table(layers, model))
    st.markdown(view.shuffle_verdict(layers))
