"""Where the networks are sure, apart and wrong: calibration, disagreement, mistakes and slices, in words and tables."""

from collections.abc import Mapping, Sequence

import streamlit as st

from glassbox.trust import slices
from glassbox.trust.scoreboard import Disagreement, Mistakes, Slice, Slices
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts.dots import Dot, Row, dots
from glassbox.ui.charts.tables import POSITIVE, Cell, Table, show, table
from glassbox.ui.frame import notices
from glassbox.ui.frame.interactive import reliability_chart
from glassbox.ui.frame.shell import Page
from glassbox.zoo.digit_models import Card

AXIS_STEP = 0.05
"""The axis of accuracies begins at a multiple of this."""
ONE_KIND = 0.5
"""A slice in which a single label has more than this share says as much about that label as about its measure."""
NETWORK = declare("explainability_{part}", Kind.CONTROL, "", parameter="{part}")
"""The network that a part of the page shows."""
MEASURE = declare("explainability_slices", Kind.CONTROL, "", parameter="slices")


# --- Confidence -------------------------------------------------------------------------------------------------------


def reliability(card: Card) -> None:
    """Accuracy by confidence in equal bins, without and with the temperature; the honest line between them."""
    c, model = card.calibration, model_name(card.name)
    reliability_chart(c, model, colour=model_colour(card.name), key="explainability_reliability")
    counts = [one.count for one in c.bins_after]
    st.caption(
        t(
            "explainability.reliability_counts",
            top=formats.count(counts[-1]),
            count=formats.count(sum(counts)),
            limit=f"{1 - 1 / len(counts):.0%}",
        )
    )


def calibration(cards: Mapping[str, Card]) -> None:
    """One row a network: its temperature and its calibration error without and with it."""
    rows = []
    for name, card in cards.items():
        c = card.calibration
        change = "better" if c.ece_after < c.ece_before else "worse"
        rows.append(
            [
                model_name(name),
                f"{c.temperature:.2f}",
                f"{c.ece_before:.2%}",
                f"{c.ece_after:.2%}",
                t(f"explainability.calibration_{change}"),
            ]
        )
    heads = ("network", "temperature", "before", "after", "change")
    table(t("explainability.calibration_caption"), [t(f"explainability.column_{one}") for one in heads], rows)


def calibration_said(cards: Mapping[str, Card]) -> list[str]:
    """Whom the temperature made more honest on the test digits, and whom less."""
    said = []
    for kind, worse in (("improved", False), ("worsened", True)):
        found = [
            t(
                "explainability.from_to",
                model=model_name(name),
                before=f"{c.ece_before:.2%}",
                after=f"{c.ece_after:.2%}",
            )
            for name, c in ((name, card.calibration) for name, card in cards.items())
            if (c.ece_after >= c.ece_before) == worse
        ]
        if found:
            said.append(t(f"explainability.{kind}", networks=t("explainability.listed").join(found)))
    for name, card in cards.items():
        if card.training.loss == "mean_squared_error" and card.output.kind == "logits":
            temperature = f"{card.calibration.temperature:.2f}"
            said.append(t("explainability.squared", model=model_name(name), temperature=temperature))
    return said


# --- Disagreement -----------------------------------------------------------------------------------------------------


def disagreement(found: Disagreement, names: Sequence[str]) -> None:
    """Networks by networks: on how many test digits the row's is right and the column's is wrong."""
    places = [found.networks.index(name) for name in names]
    words = [model_name(name) for name in names]
    most = max((found.right_where_wrong[i][j] for i in places for j in places), default=0) or 1
    cells = [[_against(found, i, j, most) for j in places] for i in places]
    show(
        Table(
            t("explainability.disagreement_caption", count=formats.count(found.count)),
            [t("explainability.disagreement_corner"), *words],
            [[word, *row] for word, row in zip(words, cells, strict=True)],
            colour=POSITIVE,
        )
    )


def _against(found: Disagreement, row: int, column: int, most: int) -> Cell:
    if row == column:
        return Cell("")
    times = found.right_where_wrong[row][column]
    words = {"row": model_name(found.networks[row]), "column": model_name(found.networks[column])}
    said = t("explainability.disagreement_cell", times=times, differ=found.differ[row][column], **words)
    return Cell(formats.count(times), said=said, shade=0.8 * times / most)


def disagreement_said(page: Page, found: Disagreement, names: Sequence[str]) -> list[str]:
    """How often all are right and all are wrong, what even a weak one knows better, and the visitor's own digit."""
    places = [found.networks.index(name) for name in names]
    said = [
        t(
            "explainability.disagreement_said",
            count=formats.count(found.count),
            all_right=formats.count(found.all_right),
            all_wrong=found.all_wrong,
            apart=formats.count(found.count - found.unanimous),
        )
    ]
    if len(names) > 1:
        pairs = [(i, j) for i in places for j in places if i != j]
        strong, weak = max(pairs, key=lambda pair: found.right_where_wrong[pair[0]][pair[1]])
        said.append(
            t(
                "explainability.disagreement_pair",
                strong=model_name(found.networks[strong]),
                weak=model_name(found.networks[weak]),
                strong_times=found.right_where_wrong[strong][weak],
                weak_times=found.right_where_wrong[weak][strong],
            )
        )
    verdicts = notices.agreement(page.reader.read(page.picture.digit, list(names)))
    return [*said, t("explainability.disagreement_own", verdicts=verdicts)]


# --- Mistakes ---------------------------------------------------------------------------------------------------------


def mistakes(name: str, found: Mistakes) -> None:
    """Digits by digits: how often the row's was read as the column's, the surer the darker."""
    by_cell = {(one.true, one.read): one for one in found.cells}
    labels = [str(label) for label in range(10)]
    rows: list[list[str | Cell]] = [[label, *("" for _ in labels)] for label in labels]
    for (true, read), one in by_cell.items():
        said = t(
            "explainability.mistake_cell",
            true=true,
            read=read,
            count=one.count,
            confidence=f"{one.confidence:.0%}",
            sure=one.sure,
            level=f"{found.sure:.0%}",
        )
        rows[true][1 + read] = Cell(str(one.count), said=said, shade=_shade(one.confidence))
    caption = t("explainability.mistakes_caption", model=model_name(name))
    heads = [t("charts.confusion.corner"), *labels]
    show(Table(caption, heads, rows, colour=model_colour(name)))


def _shade(confidence: float) -> float:
    """From hardly sure (a third) to sure: from a tint to four fifths of the colour."""
    return 0.1 + 0.7 * min(max((confidence - 1 / 3) / (2 / 3), 0.0), 1.0)


def mistakes_said(name: str, found: Mistakes, count: int) -> list[str]:
    """How many mistakes and the commonest; how many of them confident, and what that confidence is worth."""
    words = {"model": model_name(name), "count": formats.count(count)}
    if not found.cells:
        return [t("explainability.mistakes_none", **words)]
    most = max(found.cells, key=lambda one: (one.count, one.confidence))
    surest = max(found.cells, key=lambda one: (one.sure, one.confidence))
    sure = sum(one.sure for one in found.cells)
    said = [
        t(
            "explainability.mistakes_said",
            mistakes=sum(one.count for one in found.cells),
            true=most.true,
            read=most.read,
            times=most.count,
            confidence=f"{most.confidence:.0%}",
            **words,
        )
    ]
    level = f"{found.sure:.0%}"
    if sure:
        right = f"{1 - sure / found.sure_count:.2%}"
        cell = {"true": surest.true, "read": surest.read, "times": surest.sure}
        said.append(t("explainability.mistakes_sure", sure=sure, level=level, right=right, **cell, **words))
    else:
        said.append(t("explainability.mistakes_unsure", level=level, **words))
    return said


# --- Slices -----------------------------------------------------------------------------------------------------------


def slice_table(measure: str, value: float, found: Slices, cards: Mapping[str, Card]) -> None:
    """Slices by networks: accuracy, its Wilson interval, the network's average; the visitor's row is marked."""
    here = slice_of(value, found)
    floor = min(one.accuracy[name].low for one in found.slices for name in cards)
    ends = (floor // AXIS_STEP * AXIS_STEP, 1.0)
    rows = [
        Row(limits(measure, one), tuple(_fares(measure, one, card) for card in cards.values()), marked=one is here)
        for one in found.slices
    ]
    legend = [(kind, t(f"explainability.key_slice_{kind}")) for kind in ("point", "hollow", "whole", "yours")]
    caption = t("explainability.slices_caption", low=f"{ends[0]:.0%}", high=f"{ends[1]:.0%}")
    dots(caption, [model_name(name) for name in cards], rows, ends, legend)
    st.caption(caption)


def _fares(measure: str, one: Slice, card: Card) -> Dot:
    found, average = one.accuracy[card.name], card.accuracy.value
    numbers = {"value": f"{found.value:.1%}", "low": f"{found.low:.1%}", "high": f"{found.high:.1%}"}
    said = t(
        "explainability.slice_cell",
        model=model_name(card.name),
        slice=limits(measure, one),
        interval=t("explainability.interval", **numbers),
        average=f"{average:.1%}",
        count=formats.count(found.count),
    )
    fair = found.high >= average
    text = numbers["value"]
    return Dot(
        found.value, found.low, found.high, text, said, model_colour(card.name), fair, marks=((average, "whole"),)
    )


def measured(page: Page, measure: str) -> float:
    """The measure of the visitor's digit."""
    return float(slices.MEASURES[measure](page.picture.digit))


def slice_of(value: float, found: Slices) -> Slice:
    """The slice of the test digits that a value falls into; beyond them the nearest."""
    return found.slices[int(slices.slice_of(value, found.limits))]


def slices_said(measure: str, value: float, found: Slices, networks: Sequence[str]) -> list[str]:
    """Where the visitor's digit lies and how the networks read its like, and where each fares worst."""
    here = slice_of(value, found)
    accuracy = sorted((here.accuracy[name].value, name) for name in networks)
    less, more = slices.shares(value, found.quantiles)
    said = [
        t(
            f"explainability.{measure}_own",
            value=number(measure, value),
            share=f"{max(less, more):.0%}",
            compared=t(f"explainability.{measure}_{'more' if less >= more else 'less'}"),
            low=f"{accuracy[0][0]:.1%}",
            worst=model_name(accuracy[0][1]),
            high=f"{accuracy[-1][0]:.1%}",
            best=model_name(accuracy[-1][1]),
            slice=limits(measure, here),
        )
    ]
    drops = []
    for name in networks:
        ranked = sorted(found.slices, key=lambda one: one.accuracy[name].value)
        drops.append((ranked[-1].accuracy[name].value - ranked[0].accuracy[name].value, name, ranked[0], ranked[-1]))
    _, name, least, most = max(drops, key=lambda drop: drop[0])
    low, high = least.accuracy[name], most.accuracy[name]
    apart = "apart" if low.high < high.low else "close"
    said.append(
        t(
            f"explainability.slices_{apart}",
            model=model_name(name),
            where=limits(measure, least),
            low=f"{low.value:.1%}",
            best=limits(measure, most),
            high=f"{high.value:.1%}",
        )
    )
    for one in found.slices:
        if max(one.labels) > ONE_KIND * one.count:
            label = max(range(len(one.labels)), key=one.labels.__getitem__)
            share = f"{one.labels[label] / one.count:.0%}"
            said.append(t("explainability.one_kind", slice=limits(measure, one), share=share, label=label))
    return said


def limits(measure: str, one: Slice) -> str:
    """The slice's limits in words."""
    return t("explainability.limits", low=number(measure, one.low), high=number(measure, one.high))


def number(measure: str, value: float) -> str:
    """A measure with its unit."""
    if measure == "slant":
        return f"{value:.0f}°".replace("-", "−")
    return f"{value:.1f}{formats.NO_BREAK}px"
