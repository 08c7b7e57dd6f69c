"""How does a network learn? One training step on the visitor's picture, phase by phase; then many."""

import streamlit as st

from glassbox.digits.reference_set import reference_set
from glassbox.training.teacher import MOST_STEPS
from glassbox.ui.base import formats, style
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.models import model_name
from glassbox.ui.components.maps import maps
from glassbox.ui.components.stepper import stepper
from glassbox.ui.frame import notices, questions, shell, taught
from glassbox.ui.pages.backprop import formulas, phases, teaching, through_time, training_step
from glassbox.ui.pages.backprop.thumbnails import kept_thumbnails


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
        stepper(
            kept_thumbnails(page, step, style.dark()), step=shown, on_step=phases.PHASE.set, about=t("backprop.about")
        )
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
    with st.container(horizontal=True, vertical_alignment="bottom", key="gb_teach"):
        counts = {str(count): count for count in range(1, MOST_STEPS + 1)}
        linked(teaching.STEPS, counts.get)
        teaching.STEPS.settle()
        steps = st.slider(
            t("backprop.teach.steps"), 1, MOST_STEPS, key=teaching.STEPS.key, persist_state="session", width=220
        )
        words = t("backprop.teach.go", model=model_name(model), label=label)
        if st.button(words, key="teach_go", type="primary", icon=":material/school:"):
            teaching.train(page, model, label=label, steps=steps, rate=rate)
        begun = model in taught.copies(page.reader)
        old = len(taught.lessons(page.reader, model).rehearsed)
        if st.button(
            t("backprop.teach.rehearse", count=old), key="teach_rehearse", icon=":material/history:", disabled=not begun
        ):
            teaching.train(page, model, label=label, steps=steps, rate=rate, rehearse=True)
        st.button(
            t("backprop.teach.reset"),
            key="teach_reset",
            icon=":material/restart_alt:",
            disabled=not begun,
            on_click=taught.discard,
            args=(model,),
        )
    copy = taught.copies(page.reader).get(model)
    if copy and copy.stopped:
        st.error(
            t("backprop.teach.stopped", rate=formats.number(rate), step=copy.stopped.step), icon=":material/error:"
        )
    frames = teaching.film_frames(page, model, label)
    with st.container(key="gb_lesson"):
        teaching.film(page, model, frames, label)
    if not copy:
        return
    st.markdown(teaching.summary(model, frames, reference_set()))
    st.markdown(teaching.rehearsal(frames, reference_set(), old) if copy.rehearsed else t("backprop.teach.why"))
    with st.container(horizontal=True, vertical_alignment="center"):
        shell.link_to("read", t("backprop.teach.compare", model=model_name(model)))
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

    recurrent = page.reader.zoo.on_page("rnn")
    if recurrent:
        with st.expander(t("backprop.time.title"), key="backprop_time", on_change="rerun") as time:
            if time.open:
                norms = through_time.error_norms(page, recurrent, label)
                st.markdown(t("backprop.time.lead", said=through_time.summary(norms)))
                through_time.draw_error_norms(norms)
