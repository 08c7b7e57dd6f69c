"""How accurate the networks for text are, beside a baseline without a network: accuracy, confusion, calibration."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from glassbox.text.reader import TextReader, TextReading
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour
from glassbox.ui.charts.confusion import confusion
from glassbox.ui.charts.figures import interval
from glassbox.ui.charts.reliability import calibration_note
from glassbox.ui.charts.tables import show, table
from glassbox.ui.frame.interactive import reliability_chart
from glassbox.ui.pages.text import state, view
from glassbox.ui.pages.text.familiarity import familiarity_record
from glassbox.zoo.text_models import TextCard


@st.fragment
def record_section(reader: TextReader, _: Mapping[str, TextReading]) -> None:
    """Draw the task's networks beside the baseline, then the best one's confusion matrix and calibration."""
    task = state.task()
    cards = [reader.zoo.cards[name] for name in state.names(task) if name in reader.zoo.cards]
    best = state.best_card(reader.zoo, task)
    if best is None:
        return
    st.markdown(comparison_with_baseline(best))
    values = {"baseline": formats.percent(best.baseline.accuracy), "train": formats.count(best.dataset.train)}
    st.markdown(t(f"text.record_{task}", **values))
    heads = [t(f"text.column_{name}") for name in ("name", "macro", "accuracy", "ece", "parameters", "bytes")]
    table(t("text.record"), heads, [*map(_row, cards), _baseline_row(best)], show_caption=False)
    st.caption(t("text.columns", count=formats.count(best.accuracy.count), train=formats.count(best.dataset.train)))
    left, right = st.columns([3, 2], gap="large")
    colour, words = model_colour(best.name), view.labels(best)
    with left:
        st.markdown(f"### {t('charts.confusion.title')}", anchors=False)
        st.markdown(_most_common_mistake(best))
        show(confusion(best.confusion, words, caption=t("charts.confusion.title"), colour=colour))
    with right:
        st.markdown(f"### {t('charts.calibration.title')}", anchors=False)
        _calibration(best, colour)
    if task in reader.zoo.familiarity:
        familiarity_record(reader.zoo.familiarity[task])
    with st.container(horizontal=True):
        for card in cards:
            st.download_button(
                t("frame.foot.onnx", model=card.name),
                partial(reader.zoo.model_bytes, card.name),
                file_name=f"{card.name}.onnx",
                mime="application/octet-stream",
                icon=":material/download:",
                on_click="ignore",
                key=f"text_onnx_{card.name}",
            )
    st.caption(t("text.provenance", dataset=best.dataset.name, licence=best.dataset.licence))


def comparison_with_baseline(card: TextCard) -> str:
    """Return a sentence: whether the network is more accurate than the baseline, and by how many points.

    A difference of at most half the 95 % interval of the accuracy counts as none.
    """
    points = 100 * (card.macro_accuracy - card.baseline.macro_accuracy)
    margin = 100 * (card.accuracy.high - card.accuracy.low) / 2
    kind = "level" if abs(points) <= margin else "ahead" if points > 0 else "behind"
    return t(
        f"text.judged_{kind}",
        model=card.cell.upper(),
        share=formats.percent(card.macro_accuracy),
        yardstick=formats.percent(card.baseline.macro_accuracy),
        points=f"{abs(points):.1f}",
    )


def _calibration(card: TextCard, colour: str) -> None:
    """Draw the calibration of a network in words and as a reliability diagram."""
    st.markdown(calibration_note(card.calibration))
    reliability_chart(card.calibration, card.cell.upper(), colour=colour, key=f"text_calibration_{card.task}")


def _row(card: TextCard) -> tuple[str, ...]:
    """Return a network's row of the table."""
    accuracy = card.accuracy
    return (
        card.cell.upper() + (t("text.bidirectional") if card.bidirectional else ""),
        formats.percent(card.macro_accuracy),
        interval(accuracy),
        formats.percent(card.calibration.ece_after),
        formats.count(card.parameters),
        formats.size(card.bytes),
    )


def _baseline_row(card: TextCard) -> tuple[str, ...]:
    """Return the row of the baseline that `card` names."""
    shares = formats.percent(card.baseline.macro_accuracy), formats.percent(card.baseline.accuracy)
    return t("text.baseline"), *shares, "–", "–", "–"


def _most_common_mistake(card: TextCard) -> str:
    """Return a sentence: how many texts are right, and which label is most often taken for which."""
    mistakes = [
        (times, true, predicted)
        for true, row in enumerate(card.confusion)
        for predicted, times in enumerate(row)
        if true != predicted
    ]
    times, true, predicted = max(mistakes)
    words = view.labels(card)
    correct = formats.count(card.accuracy.correct)
    count = formats.count(card.accuracy.count)
    return t("text.mistake", correct=correct, count=count, times=times, true=words[true], taken=words[predicted])
