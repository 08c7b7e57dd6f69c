"""How does a network learn? One training step on the visitor's picture, phase by phase; then many."""

import streamlit as st

from glassbox.training.teacher import MOST_STEPS
from glassbox.ui.base import formats, style
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.models import model_name
from glassbox.ui.components.maps import maps
from glassbox.ui.components.stepper import stepper
from glassbox.ui.frame import notices, questions, shell
from glassbox.ui.pages.backprop import formulas, phases, teaching, through_time, training_step
from glassbox.ui.pages.backprop.thumbnails import thumbnails


@st.fragment
def one_step(page: shell.Page, model: str, label: int, rate: float) -> None:
    """Draw the seven phases of a training step, one of them at a time in full."""
    phase_numbers = {str(i + 1): i for i in range(len(phases.PHASES))}
    linked(phases.PHASE, phase_numbers.get, lambda i: str(i + 1))
    step = training_step.take_step(page, model, label=label, rate=rate)
    phases.PHASE.settle()
    shown = min(phases.PHASE.get(), len(phases.PHASES) - 1)
    phase = phases.PHASES[shown]
    with st.container(key="gb_beats"):
        stepper(thumbnails(step, style.dark()), step=shown, on_step=phases.PHASE.set, about=t("backprop.about"))
    with st.container(key="gb_backprop"):
        st.markdown(phases.phase_text(step, phase))
        symbols, numbers = st.columns(2)
        symbols.latex(formulas.with_symbols(step, phase))
        numbers.latex(formulas.with_numbers(step, phase))
        maps(phases.phase_maps(step, phase), key="lesson_maps")
        if phase == "result":
            st.markdown(f"**{phases.loss_change(step)}**")


@st.fragment
def many_steps(page: shell.Page, model: str, label: int, rate: float) -> None:
    """Train a copy of the network on the visitor's picture, and show what it learned and what it forgot."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        counts = {str(count): count for count in range(1, MOST_STEPS + 1)}
        linked(teaching.STEPS, counts.get)
        teaching.STEPS.settle()
        steps = st.slider(
            t("backprop.teach.steps"), 1, MOST_STEPS, key=teaching.STEPS.key, persist_state="session", width=320
        )
        values = {"count": steps, "model": model_name(model), "label": label}
        if st.button(t("backprop.teach.go", **values), key="teach_go", type="primary", icon=":material/school:"):
            teaching.train(page, model, label=label, steps=steps, rate=rate)
        copy = teaching.trained_copy(page, model)
        st.button(
            t("backprop.teach.reset"),
            key="teach_reset",
            icon=":material/restart_alt:",
            disabled=copy is None,
            on_click=teaching.discard,
            args=(model,),
        )
    if copy and copy.stopped:
        st.error(
            t("backprop.teach.stopped", rate=formats.number(rate), step=copy.stopped.step), icon=":material/error:"
        )
    if not copy:
        st.markdown(t("backprop.teach.invite"))
        maps(teaching.probability_maps(page, model, label), key="teach_maps")
        return
    with st.spinner(t("backprop.teach.probing")):
        change = teaching.reference_change(page, model)
    st.markdown(teaching.summary(page, model, change))
    maps(teaching.probability_maps(page, model, label), key="teach_maps")
    left, right = st.columns(2, gap="large")
    with left:
        teaching.draw_losses(copy.losses, model)
    right.html(teaching.accuracy_table(change))
    maps(teaching.changed_pictures(change, model), key="teach_changed")
    st.download_button(
        t("backprop.teach.download"),
        lambda: teaching.onnx_file(page, model),
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
        choice_of_network = st.container(width="content")
        label = int(questions.true_label(page))
        with choice_of_network:
            model = teaching.choose_network(page, offered, label)
        with st.popover(t("backprop.rate"), icon=":material/tune:"):
            rate = teaching.choose_rate(page, model)
    one_step(page, model, label, rate)

    st.header(t("backprop.teach.title"), anchor=False)
    st.markdown(t("backprop.teach.lead"))
    many_steps(page, model, label, rate)

    st.header(t("backprop.time.title"), anchor=False)
    norms = through_time.error_norms(page, page.reader.zoo.on_page("rnn"), label)
    if norms:
        st.markdown(t("backprop.time.lead", said=through_time.summary(norms)))
        through_time.draw_error_norms(norms)
