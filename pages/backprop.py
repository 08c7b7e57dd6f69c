"""How does a network learn? One step of back-propagation on the visitor's picture, beat by beat; then many."""

import streamlit as st

from glassbox import zoo
from glassbox.teaching import MOST_STEPS
from glassbox.ui import (
    figures,
    formats,
    learning_figures,
    lesson_formulas,
    lesson_view,
    notices,
    questions,
    shell,
    style,
    teach_view,
)
from glassbox.ui.choice import choice
from glassbox.ui.i18n import t
from glassbox.ui.maps import maps

RECURRENT = ("rnn", "lstm", "gru")


@st.fragment
def lesson(page: shell.Page, model: str, label: int, rate: float) -> None:
    """The seven beats of one step, one at a time."""
    made = lesson_view.step(page, model, label, rate)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        beat = choice(
            "backprop_beat", t("backprop.beat"), lesson_view.BEATS, lambda name: t(f"backprop.{name}"), show_label=False
        )
        place = lesson_view.BEATS.index(beat)
        for key, to, icon in (("back", place - 1, "arrow_back"), ("on", place + 1, "arrow_forward")):
            st.button(
                t(f"backprop.{key}"),
                key=f"beat_{key}",
                icon=f":material/{icon}:",
                disabled=not 0 <= to < len(lesson_view.BEATS),
                on_click=lambda to=to: st.session_state.update(backprop_beat=lesson_view.BEATS[to]),
            )
    st.markdown(lesson_view.words(made, beat))
    general, numbers = st.columns(2)
    general.latex(lesson_formulas.general(made, beat))
    numbers.latex(lesson_formulas.with_numbers(made, beat))
    maps(lesson_view.rows(made, beat), key="lesson_maps")
    if beat == "again":
        st.markdown(f"**{lesson_view.outcome(made)}**")


@st.fragment
def teaching(page: shell.Page, model: str, label: int, rate: float) -> None:
    """Steps on the visitor's picture, as many as wanted, and their price."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        steps = st.slider(t("teach.steps"), 1, MOST_STEPS, 5, key="teach_steps", persist_state="session", width=320)
        words = {"count": steps, "model": t(f"model.{model}"), "label": label}
        if st.button(t("teach.go", **words), key="teach_go", type="primary", icon=":material/school:"):
            teach_view.teach(page, model, label, steps, rate)
        so_far = teach_view.taught(page, model)
        st.button(
            t("teach.reset"),
            key="teach_reset",
            icon=":material/restart_alt:",
            disabled=so_far is None,
            on_click=teach_view.reset,
            args=(model,),
        )
    if so_far and so_far.stopped:
        st.error(t("teach.stopped", rate=formats.number(rate), step=so_far.stopped.step), icon=":material/error:")
    with st.spinner(t("teach.probing")):
        change = teach_view.probed(page, model)
    st.markdown(teach_view.said(page, model, change) if so_far else t("teach.invite", right=change.right_before))
    maps(teach_view.verdicts(page, model, label), key="teach_maps")
    if not so_far:
        return
    left, right = st.columns(2, gap="large")
    left.plotly_chart(
        learning_figures.losses(so_far.losses, style.COLOURS[model]),
        config=figures.CONFIG,
        key="teach_loss",
        alt=t("teach.loss_alt", loss=formats.number(float(so_far.losses[-1]))),
    )
    right.plotly_chart(
        learning_figures.kept(change, style.COLOURS[model]),
        config=figures.CONFIG,
        key="teach_kept",
        alt=t("teach.kept_alt", before=change.right_before, after=change.right_after),
    )
    maps(teach_view.changed(change, model), key="teach_changed")
    st.download_button(
        t("teach.download"),
        lambda: teach_view.onnx_file(page, model),
        file_name=f"{model}_taught.onnx",
        mime="application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        key="teach_download",
    )


with shell.page("backprop") as page:
    cards = page.reader.zoo.cards
    notices.refused(page.reader.zoo, zoo.NAMES)
    offered = [name for name in zoo.ARTICLE if name in cards]
    if not offered:
        st.stop()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        model = choice("backprop_model", t("backprop.network"), offered, lambda name: t(f"model.{name}"))
        label = int(questions.label(page, "true_label", t("backprop.truth"), t("backprop.truth_help")))
        with st.popover(t("backprop.rate"), icon=":material/tune:"):
            rate = st.select_slider(
                t("backprop.rate"),
                lesson_view.RATES,
                lesson_view.RATE,
                key="backprop_rate",
                help=t("backprop.rate_help"),
                persist_state="session",
            )
    lesson(page, model, label, rate)

    st.subheader(t("teach.title"), anchor=False)
    st.markdown(t("teach.lead"))
    teaching(page, model, label, rate)

    st.subheader(t("time.title"), anchor=False)
    lengths = lesson_view.errors_through_time(page, [name for name in RECURRENT if name in cards], label)
    if lengths:
        st.markdown(t("time.lead", said=lesson_view.forgetting(lengths)))
        st.plotly_chart(
            learning_figures.through_time(lengths),
            config=figures.CONFIG,
            key="through_time",
            alt=t("time.alt", said=lesson_view.forgetting(lengths)),
        )
