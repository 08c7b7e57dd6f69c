"""How good the networks for text are: beside the yardstick, with their mistakes, their honesty, and their files."""

from collections.abc import Mapping

import streamlit as st

from glassbox.text.reader import TextReader, TextReading
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour
from glassbox.ui.charts.confusion import confusion
from glassbox.ui.charts.tables import show, table
from glassbox.ui.frame.interactive import reliability_chart
from glassbox.ui.pages.text import state, view
from glassbox.zoo.text_models import TextCard


@st.fragment
def record(reader: TextReader, _: Mapping[str, TextReading]) -> None:
    """Accuracy against the yardstick, then the best network's confusion and calibration."""
    task = state.task()
    cards = [reader.zoo.cards[name] for name in state.names(task) if name in reader.zoo.cards]
    best = state.best(reader.zoo, task)
    if best is None:
        return
    st.markdown(judged(best))
    st.markdown(t(f"text.record_{task}"))
    heads = [t(f"text.column_{name}") for name in ("name", "macro", "accuracy", "ece", "parameters", "bytes")]
    table(t("text.record"), heads, [*map(_line, cards), _yardstick(best)], show_caption=False)
    st.caption(t("text.columns", count=formats.count(best.accuracy.count), train=formats.count(best.dataset.train)))
    left, right = st.columns([3, 2], gap="large")
    colour, words = model_colour(best.name), view.labels(best)
    with left:
        st.markdown(f"#### {t('charts.confusion.title')}", anchors=False)
        st.markdown(_mistake(best))
        show(confusion(best.confusion, words, caption=t("charts.confusion.title"), colour=colour))
    with right:
        st.markdown(f"#### {t('charts.calibration.title')}", anchors=False)
        c = best.calibration
        before, after = f"{c.ece_before:.2%}", f"{c.ece_after:.2%}"
        st.markdown(t("charts.calibration.note", temperature=f"{c.temperature:.2f}", before=before, after=after))
        reliability_chart(c, best.cell.upper(), colour=colour, key=f"text_calibration_{task}")
    with st.container(horizontal=True):
        for card in cards:
            st.download_button(
                t("frame.foot.onnx", model=card.name),
                reader.zoo.model_bytes(card.name),
                file_name=f"{card.name}.onnx",
                mime="application/octet-stream",
                icon=":material/download:",
                on_click="ignore",
                key=f"text_onnx_{card.name}",
            )
    st.caption(t("text.provenance", dataset=best.dataset.name, licence=best.dataset.licence))


def judged(card: TextCard) -> str:
    """Whether the network beats the yardstick, and by how much, in a sentence."""
    points = 100 * (card.macro_accuracy - card.baseline.macro_accuracy)
    by_chance = 100 * (card.accuracy.high - card.accuracy.low) / 2
    kind = "level" if abs(points) <= by_chance else "ahead" if points > 0 else "behind"
    return t(
        f"text.judged_{kind}",
        model=card.cell.upper(),
        share=formats.percent(card.macro_accuracy),
        yardstick=formats.percent(card.baseline.macro_accuracy),
        points=f"{abs(points):.1f}",
    )


def _line(card: TextCard) -> tuple[str, ...]:
    a = card.accuracy
    return (
        card.cell.upper() + (t("text.bidirectional") if card.bidirectional else ""),
        formats.percent(card.macro_accuracy),
        t("charts.interval", value=formats.percent(a.value), low=f"{a.low:.1%}", high=f"{a.high:.1%}"),
        formats.percent(card.calibration.ece_after),
        formats.count(card.parameters),
        formats.size(card.bytes),
    )


def _yardstick(card: TextCard) -> tuple[str, ...]:
    shares = formats.percent(card.baseline.macro_accuracy), formats.percent(card.baseline.accuracy)
    return t("text.yardstick"), *shares, "–", "–", "–"


def _mistake(card: TextCard) -> str:
    """The most common mistake, in words."""
    mistakes = [(times, i, j) for i, row in enumerate(card.confusion) for j, times in enumerate(row) if i != j]
    times, true, taken = max(mistakes)
    words = view.labels(card)
    correct = formats.count(card.accuracy.correct)
    count = formats.count(card.accuracy.count)
    return t("text.mistake", correct=correct, count=count, times=times, true=words[true], taken=words[taken])
