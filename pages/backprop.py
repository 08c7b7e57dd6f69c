"""How does a network learn? One step of back-propagation on the visitor's picture, beat by beat; then many."""

import streamlit as st

from glassbox.training.teacher import MOST_STEPS
from glassbox.ui.base import formats, style
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.models import model_name
from glassbox.ui.components.maps import maps
from glassbox.ui.components.stepper import stepper
from glassbox.ui.frame import notices, questions, shell
from glassbox.ui.pages.backprop import formulas, stages, view
from glassbox.ui.pages.backprop import teaching as teach_view


@st.fragment
def beats(page: shell.Page, model: str, label: int, rate: float) -> None:
    """The seven beats of one step, one at a time."""
    beats_by_place = {str(i + 1): i for i in range(len(view.BEATS))}
    linked(view.BEAT, beats_by_place.get, lambda place: str(place + 1))
    made = view.step(page, model, label, rate)
    view.BEAT.settle()
    place = min(view.BEAT.get(), len(view.BEATS) - 1)
    beat = view.BEATS[place]
    with st.container(key="gb_beats"):
        stepper(stages.stages(made, style.dark()), step=place, on_step=view.BEAT.set, about=t("backprop.about"))
    with st.container(key="gb_backprop"):
        st.markdown(view.words(made, beat))
        general, numbers = st.columns(2)
        general.latex(formulas.general(made, beat))
        numbers.latex(formulas.with_numbers(made, beat))
        maps(view.rows(made, beat), key="lesson_maps")
        if beat == "again":
            st.markdown(f"**{view.outcome(made)}**")


@st.fragment
def teaching(page: shell.Page, model: str, label: int, rate: float) -> None:
    """Steps on the visitor's picture, as many as wanted, and their price."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        counts = {str(count): count for count in range(1, MOST_STEPS + 1)}
        linked(teach_view.STEPS, counts.get)
        teach_view.STEPS.settle()
        steps = st.slider(
            t("backprop.teach.steps"), 1, MOST_STEPS, key=teach_view.STEPS.key, persist_state="session", width=320
        )
        words = {"count": steps, "model": model_name(model), "label": label}
        if st.button(t("backprop.teach.go", **words), key="teach_go", type="primary", icon=":material/school:"):
            teach_view.teach(page, model, label, steps, rate)
        so_far = teach_view.taught(page, model)
        st.button(
            t("backprop.teach.reset"),
            key="teach_reset",
            icon=":material/restart_alt:",
            disabled=so_far is None,
            on_click=teach_view.reset,
            args=(model,),
        )
    if so_far and so_far.stopped:
        st.error(
            t("backprop.teach.stopped", rate=formats.number(rate), step=so_far.stopped.step), icon=":material/error:"
        )
    if not so_far:
        st.markdown(t("backprop.teach.invite"))
        maps(teach_view.verdicts(page, model, label), key="teach_maps")
        return
    with st.spinner(t("backprop.teach.probing")):
        change = teach_view.probed(page, model)
    st.markdown(teach_view.said(page, model, change))
    maps(teach_view.verdicts(page, model, label), key="teach_maps")
    left, right = st.columns(2, gap="large")
    with left:
        teach_view.draw_losses(so_far.losses, model)
    right.html(teach_view.kept(change))
    maps(teach_view.changed(change, model), key="teach_changed")
    st.download_button(
        t("backprop.teach.download"),
        lambda: teach_view.onnx_file(page, model),
        file_name=f"{model}_taught.onnx",
        mime="application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        key="teach_download",
    )


with shell.page("backprop") as page:
    notices.refused(page.reader.zoo)
    offered = page.reader.zoo.article
    if not offered:
        st.stop()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        linked(view.MODEL, lambda asked: asked if asked in offered else None)
        model = choice(view.MODEL, t("backprop.network"), offered, model_name)
        label = int(questions.true_label(page))
        rates = {f"{rate:g}": rate for rate in view.RATES}
        linked(view.RATE, rates.get, "{:g}".format)
        view.RATE.settle()
        with st.popover(t("backprop.rate"), icon=":material/tune:"):
            rate = st.select_slider(
                t("backprop.rate"),
                view.RATES,
                key=view.RATE.key,
                help=t("backprop.rate_help"),
                persist_state="session",
            )
    beats(page, model, label, rate)

    st.subheader(t("backprop.teach.title"), anchor=False)
    st.markdown(t("backprop.teach.lead"))
    teaching(page, model, label, rate)

    st.subheader(t("backprop.time.title"), anchor=False)
    lengths = view.errors_through_time(page, page.reader.zoo.on_page("rnn"), label)
    if lengths:
        st.markdown(t("backprop.time.lead", said=view.forgetting(lengths)))
        view.draw_through_time(lengths)
