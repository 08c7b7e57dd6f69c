"""Section "slices": the accuracy by pen, slant or size, and where the visitor's digit lies among the test digits."""

from collections.abc import Mapping, Sequence

import streamlit as st

from glassbox.trust import slices
from glassbox.trust.scoreboard import Slice, Slices
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts.dots import Dot, Row, dots
from glassbox.ui.frame.shell import Page
from glassbox.zoo.digit_models import Card

AXIS_STEP = 0.05
"""The axis of accuracies begins at a multiple of this."""
ONE_LABEL = 0.5
"""A slice in which a single label has more than this share says as much about that label as about its measure."""
MEASURE = declare("explainability_slices", Kind.CONTROL, "", parameter="slices")


def slices_table(measure: str, value: float, *, record: Slices, cards: Mapping[str, Card]) -> None:
    """Draw the accuracy of each network (columns) on each slice (rows), with its Wilson interval.

    Its accuracy on all test digits stands beside it; the slice of the visitor's digit, whose measure is `value`, is
    marked.
    """
    own = slice_of(value, record)
    lowest = min(part.accuracy[name].low for part in record.slices for name in cards)
    ends = (lowest // AXIS_STEP * AXIS_STEP, 1.0)
    rows = [
        Row(limits(measure, part), tuple(_dot(measure, part, card) for card in cards.values()), marked=part is own)
        for part in record.slices
    ]
    legend = [(kind, t(f"explainability.key_slice_{kind}")) for kind in ("point", "hollow", "whole", "yours")]
    caption = t("explainability.slices_caption", low=formats.measured(ends[0], 0), high=formats.measured(ends[1], 0))
    dots(caption, [model_name(name) for name in cards], rows, ends=ends, legend=legend)
    st.caption(caption)


def _dot(measure: str, part: Slice, card: Card) -> Dot:
    """Return the point of a network on a slice, hollow if it is less accurate there than on all test digits."""
    accuracy, average = part.accuracy[card.name], card.accuracy.value
    numbers = {end: formats.measured(getattr(accuracy, end)) for end in ("value", "low", "high")}
    said = t(
        "explainability.slice_cell",
        model=model_name(card.name),
        slice=limits(measure, part),
        interval=t("explainability.interval", **numbers),
        average=formats.measured(average),
        count=formats.count(accuracy.count),
    )
    return Dot(
        value=accuracy.value,
        low=accuracy.low,
        high=accuracy.high,
        text=numbers["value"],
        said=said,
        colour=model_colour(card.name),
        good=accuracy.high >= average,
        marks=((average, "whole"),),
    )


def own_value(page: Page, measure: str) -> float:
    """Return the measure of the visitor's digit."""
    return float(slices.MEASURES[measure](page.picture.digit))


def slice_of(value: float, record: Slices) -> Slice:
    """Return the slice of the test digits that `value` falls into, or the nearest to it."""
    return record.slices[int(slices.slice_of(value, record.limits))]


def slices_sentences(measure: str, value: float, *, record: Slices, networks: Sequence[str]) -> list[str]:
    """Return sentences: where the visitor's digit lies, and how accurate the networks are there.

    Then the network whose accuracy varies most, and the slices that mostly hold a single digit.
    """
    return [
        _own_sentence(measure, value, record=record, networks=networks),
        _widest_gap(measure, record, networks),
        *_single_label_slices(measure, record),
    ]


def _own_sentence(measure: str, value: float, *, record: Slices, networks: Sequence[str]) -> str:
    own = slice_of(value, record)
    ranked = sorted((own.accuracy[name].value, name) for name in networks)
    (low, worst), (high, best) = ranked[0], ranked[-1]
    less, more = slices.shares(value, record.quantiles)
    return t(
        f"explainability.{measure}_own",
        value=number(measure, value),
        share=formats.measured(max(less, more), 0),
        compared=t(f"explainability.{measure}_{'more' if less >= more else 'less'}"),
        low=formats.measured(low),
        worst=model_name(worst),
        high=formats.measured(high),
        best=model_name(best),
        slice=limits(measure, own),
    )


def _widest_gap(measure: str, record: Slices, networks: Sequence[str]) -> str:
    """Return a sentence on the network whose accuracies differ most between slices."""
    gaps = []
    for name in networks:
        worst, *_, best = sorted(record.slices, key=lambda part: part.accuracy[name].value)
        gaps.append((best.accuracy[name].value - worst.accuracy[name].value, name, worst, best))
    _, name, worst, best = max(gaps, key=lambda gap: gap[0])
    low, high = worst.accuracy[name], best.accuracy[name]
    return t(
        f"explainability.slices_{'apart' if low.high < high.low else 'close'}",
        model=model_name(name),
        where=limits(measure, worst),
        low=formats.measured(low.value),
        best=limits(measure, best),
        high=formats.measured(high.value),
    )


def _single_label_slices(measure: str, record: Slices) -> list[str]:
    sentences = []
    for part in record.slices:
        label = max(range(len(part.labels)), key=part.labels.__getitem__)
        share = part.labels[label] / part.count
        if share > ONE_LABEL:
            words = {"slice": limits(measure, part), "share": formats.measured(share, 0), "label": label}
            sentences.append(t("explainability.one_kind", **words))
    return sentences


def limits(measure: str, part: Slice) -> str:
    """Return the slice's limits in words."""
    return t("explainability.limits", low=number(measure, part.low), high=number(measure, part.high))


def number(measure: str, value: float) -> str:
    """Return a measure with its unit: degrees of slant, else pixels."""
    if measure == "slant":
        return f"{value:.0f}°".replace("-", "−")
    return f"{value:.1f}{formats.NO_BREAK}px"
