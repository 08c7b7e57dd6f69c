"""The numbers on growth and on the networks that more than one text quotes: fitted from the tables and read from the
cards, never typed."""

import math
import statistics
from collections.abc import Mapping

from glassbox.history import milestones
from glassbox.history.growth import Growth, decimal_year
from glassbox.history.study import Rate, growth_study
from glassbox.ui.base import formats
from glassbox.zoo import digit_models
from glassbox.zoo.digit_models import Card

CHINCHILLA = 2022.24
"""29 March 2022, the day of the paper: https://arxiv.org/abs/2203.15556"""
_DASH = "–"
_NAMED = ("mlp", "cnn", "rnn", "cnn_deep", "lstm", "gru")
_READING = ("language", "multimodal")


def facts(cards: Mapping[str, Card]) -> dict[str, str]:
    """Return the values by name; dashes for networks that were refused and for a record that can't be used."""
    found: dict[str, str] = {}
    recorded = growth_study()
    for measure in milestones.MEASURES:
        found |= _rates(measure, milestones.milestone_growth(measure)[1], getattr(recorded, measure, None))
    for name, measure in (("watt", "per_watt"), ("dollar", "per_dollar")):
        found |= _rates(name, milestones.accelerator_growth(measure)[1], getattr(recorded, measure, None))
    before = milestones.milestone_growth("compute", 0, milestones.DEEP)[1]
    found["before.years"] = f"{before.doubling / 12:.1f}"
    shares = {
        "known.before": "known_before",
        "known.since": "known_since",
        "late.all": "language_since",
        "confident": "confident",
    }
    for name, share in shares.items():
        found[name] = formats.measured(getattr(recorded, share).share, 0) if recorded else _DASH
    found |= _milestones()
    for name in quoted():
        found |= _network(name, cards)
    top = max((row for row in milestones.milestones() if row.compute), key=lambda row: row.compute or 0)
    found |= {"top.name": top.name, "top.year": str(top.date.year), "top.decades": "–"}
    if "mlp" in cards:
        found["top.decades"] = f"{math.log10((top.compute or 1) / milestones.training_compute(cards['mlp'])):.0f}"
    return found


def quoted() -> tuple[str, ...]:
    """Return the networks of which texts may quote values: those that there are, and those that texts name, lost or
    not."""
    return tuple(dict.fromkeys((*digit_models.names(), *_NAMED)))


def factor(value: float) -> str:
    """Return a factor of growth: two decimals below 2, one above."""
    return f"{value:.2f}" if value < 2 else f"{value:.1f}"


def interval(low: float, high: float) -> str:
    """Return the two ends of an interval as `factor` writes their middle: '3.7–5.1'."""
    decimals = 2 if (low * high) ** 0.5 < 2 else 1
    return f"{low:.{decimals}f}–{high:.{decimals}f}"


def _rates(name: str, ours: Growth, whole: Rate | None) -> dict[str, str]:
    low, high = ours.interval
    return {
        f"{name}.factor": factor(ours.factor),
        f"{name}.interval": interval(low, high),
        f"{name}.months": f"{ours.doubling:.1f}",
        f"{name}.count": str(ours.count),
        f"{name}.all": factor(whole.factor) if whole else _DASH,
        f"{name}.all_interval": interval(whole.low, whole.high) if whole else _DASH,
        f"{name}.all_count": str(whole.count) if whole else _DASH,
    }


def _milestones() -> dict[str, str]:
    rows = milestones.milestones()
    read = [row for row in rows if row.domain in _READING and row.parameters and row.examples and row.date.year >= 2018]
    ratios = [((row.examples or 0) / (row.parameters or 1), decimal_year(row.date) > CHINCHILLA) for row in read]
    early = [row.domain for row in rows if 2010 <= row.date.year < 2015]
    late = [row.domain for row in rows if row.date.year >= 2024]
    return {
        "tokens.before": f"{statistics.median(ratio for ratio, after in ratios if not after):.1f}",
        "tokens.since": f"{statistics.median(ratio for ratio, after in ratios if after):.0f}",
        "early.seeing": formats.measured(early.count("vision") / len(early), 0),
        "late.language": formats.measured(sum(domain in _READING for domain in late) / len(late), 0),
    }


def _network(name: str, cards: Mapping[str, Card]) -> dict[str, str]:
    keys = ("compute", "time", "parameters", "images", "errors", "neighbour", "neighbour_year", "over_rnn", "over_cnn")
    if name not in cards:
        return {f"{name}.{key}": "–" for key in keys}
    card = cards[name]
    compute = milestones.training_compute(card)
    neighbour = milestones.nearest_milestone(compute)
    over = {other: compute / milestones.training_compute(cards[other]) for other in ("rnn", "cnn") if other in cards}
    values = (
        formats.scientific(compute),
        formats.duration(card.training.cpu_seconds),
        formats.count(card.parameters),
        formats.count(card.dataset.train),
        f"{1000 * (1 - card.accuracy.value):.1f}",
        neighbour.name,
        str(neighbour.date.year),
        *(_times(over.get(other)) for other in ("rnn", "cnn")),
    )
    return {f"{name}.{key}": value for key, value in zip(keys, values, strict=True)}


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"
