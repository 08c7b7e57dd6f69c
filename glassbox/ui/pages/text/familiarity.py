"""Whether a text is like those that the task's networks learned from, in a sentence, and how good that check is."""

import html

import streamlit as st

from glassbox.text.familiarity import TextFamiliarity
from glassbox.text.reader import TextReader
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.charts.tables import table
from glassbox.zoo.text_models import TextFamiliarityCard

FEW = 4
"""A text of fewer runs can be called unlike the training texts, but not like them."""


def familiarity_notice(reader: TextReader, task: str, text: str, *, only_unlike: bool = False) -> str:
    """Show how familiar `text` is, or with `only_unlike` no more than that it is not; return the sentence, "" for
    none."""
    (found,) = reader.familiarity(task, [text])
    if found is None or (only_unlike and found.familiar):
        return ""
    said = sentence(reader.zoo.familiarity[task], found)
    if found.familiar:
        st.caption(said)
    else:
        st.html(f'<p class="gb-notice">{html.escape(said)}</p>')
    return said


def sentence(card: TextFamiliarityCard, found: TextFamiliarity) -> str:
    """Return whether a text is familiar, with the numbers by which the check says so."""
    kind = "unlike" if not found.familiar else "short" if found.runs < FEW else "like"
    return t(
        f"text.familiarity.{kind}",
        new=formats.count(found.new),
        count=formats.count(found.runs),
        runs=_runs(card),
        train=formats.count(card.dataset.train),
        rarer=round(100 * found.as_strange),
    )


def familiarity_record(card: TextFamiliarityCard) -> None:
    """Draw how well the check tells strange texts of each kind from test texts."""
    st.markdown(f"### {t('text.familiarity.title')}", anchors=False)
    shares = {"passed": formats.percent(card.passed), "own": formats.percent(card.own_passed)}
    shares["held_out"] = str(round(100 * card.held_out_passed))
    st.markdown(t("text.familiarity.record", runs=_runs(card), test=formats.count(card.dataset.test), **shares))
    heads = [t(f"text.familiarity.column_{name}") for name in ("kind", "count", "auroc", "refused")]
    rows = [
        (
            t(f"text.familiarity.kind_{one.kind}"),
            formats.count(one.count),
            formats.percent(one.auroc),
            formats.percent(one.refused),
        )
        for one in card.strange
    ]
    table(t("text.familiarity.table"), heads, rows, show_caption=False)
    comma = t("text.familiarity.comma")
    tried = comma.join(f"{_way(card, name)} {formats.percent(auroc)}" for name, auroc in card.candidates.items())
    kinds = comma.join(t(f"text.familiarity.kind_{kind}") for kind in card.chosen_by)
    st.caption(t("text.familiarity.tried", kinds=kinds, tried=tried))


def _runs(card: TextFamiliarityCard, length: int | None = None) -> str:
    return t(f"text.familiarity.runs_{card.unit}", length=length or card.filter.length)


def _way(card: TextFamiliarityCard, name: str) -> str:
    """Return what a candidate of the card is called."""
    runs, _, smoothed = name.removeprefix("new runs of ").partition(", ")
    if not runs.isdigit():
        return t(f"text.familiarity.way_{'energy' if name == 'energy' else 'distance'}")
    return t("text.familiarity.way_smoothed" if smoothed else "text.familiarity.way", runs=_runs(card, int(runs)))
