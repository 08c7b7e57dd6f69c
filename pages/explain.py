"""Why this verdict? Seven attributions of the visitor's picture, each with a score and beside baselines."""

import streamlit as st

from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.components.maps import maps
from glassbox.ui.components.scroll_to import scroll_to
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
    asked = dict.fromkeys(names, int(label))
    compared = attributions.compare(page, asked, baseline, on_stop=lambda done: view.NETWORKS.set(done or names[:1]))

    st.markdown("\n".join(f"- {sentence}" for sentence in view.summary(compared, label, baseline)))
    picked = view.selected(compared)

    def pick(chosen: str) -> None:
        view.SELECTED.set(chosen)
        view.SHOWS_ALL.set(False)

    def all_maps() -> None:
        st.caption(t("explain.read_maps"))
        maps(view.map_rows(page, compared), picked=" ".join(picked or ()), on_picked=pick, key="explain_maps")

    if picked is None:
        all_maps()
        st.stop()

    model, method = picked
    words = {"model": model_name(model), "method": t(f"frame.method.{method}")}
    part = f"gb_explain_{model}_{method}"
    with st.container(key=part):
        st.header(t("explain.detail", **words), anchor=False)
        maps([view.best_row(page, compared, picked)], key="explain_best")
        scroll_to(part if view.SELECTED.is_set else None, key="explain_reveal")
    st.markdown(t("explain.drag", baseline=t(f"frame.baseline.{baseline}_read")))
    view.draw_curves(page, compared[model], model=model, label=label, method=method, baseline=baseline)
    st.caption(view.confidence_note(page, model, int(label)))
    st.markdown(f"### {t('explain.shuffle')}", anchors=False)
    st.markdown(t("explain.shuffle_note"))
    view.draw_shuffled(page, model, label=int(label), method=method, baseline=baseline)
    count = sum(len(network.found) + len(network.baselines) for network in compared.values())
    shows_all = view.SHOWS_ALL.get()
    st.button(
        t("explain.less") if shows_all else t("explain.all", count=count),
        key="explain_all",
        icon=":material/unfold_less:" if shows_all else ":material/unfold_more:",
        on_click=lambda: view.SHOWS_ALL.set(not view.SHOWS_ALL.get()),
    )
    if shows_all:
        all_maps()
