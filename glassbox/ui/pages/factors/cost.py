"""What would it cost to train at this compute today? A model, a chip, what is assumed, and the bill in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace

import streamlit as st

from glassbox.history import milestones
from glassbox.history.milestones import Accelerator
from glassbox.history.training_cost import Assumptions, Bill, bill
from glassbox.ui.base import formats
from glassbox.ui.base.choice import selection
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.models import displays, model_name
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts import history as figures
from glassbox.zoo.digit_models import Card

FIRST_MODEL, FIRST_CHIP = "GPT-3 175B (davinci)", "NVIDIA H100 SXM5 80GB"
CHECKED, REPORTED_HOURS = "Llama 3.1-405B", 30.84e6
"""The one frontier model whose accelerator hours were published: Meta's model card,
https://github.com/meta-llama/llama-models/blob/main/models/llama3_1/MODEL_CARD.md"""
LIMITS = {
    "utilisation": (1.0, 100.0, 1.0),
    "overhead": (1.0, 10.0, 0.1),
    "years": (0.5, 15.0, 0.5),
    "busy": (1.0, 100.0, 1.0),
    "server": (1.0, 5.0, 0.1),
    "pue": (1.0, 3.0, 0.01),
    "electricity": (0.0, 2.0, 0.01),
    "rent": (0.0, 1000.0, 0.1),
    "price": (0.0, 1e6, 100.0),
    "count": (1.0, 1e6, 100.0),
}
"""Least, most and step of each assumption; shares in per cent."""
SOURCES = {
    "utilisation": "https://arxiv.org/abs/2407.21783",
    "overhead": "https://arxiv.org/abs/2405.21015",
    "years": "https://wiresift.com/ai-server-depreciation",
    "server": "https://www.supercluster.blog/p/6-ai-supercluster-nvidia-dgx-h100",
    "pue": "https://intelligence.uptimeinstitute.com/resource/uptime-institute-global-data-center-survey-2025",
    "electricity": "https://www.eia.gov/electricity/annual/",
}
_MODEL = declare("cost_model", Kind.CONTROL, "", parameter="run")
_CHIP = declare("cost_chip", Kind.CONTROL, "", parameter="on")
_SHARES = ("utilisation", "busy")


def calculator(cards: Mapping[str, Card]) -> None:
    """The two choices, the assumptions and the bill in words."""
    runs = {row.name: float(row.compute) for row in reversed(milestones.milestones()) if row.compute}
    runs |= {name: milestones.training_compute(card) for name, card in cards.items()}
    chips = {chip.name: chip for chip in reversed(milestones.accelerators()) if chip.price or chip.rent}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = _linked_selection(_MODEL, t("factors.bill.model"), list(runs), _called, FIRST_MODEL)
        chosen = _linked_selection(_CHIP, t("factors.bill.chip"), list(chips), str, FIRST_CHIP)
        with st.popover(t("factors.bill.assumptions"), icon=":material/tune:"):
            given, chip, count = _assumptions(chips[chosen])
    made = bill(runs[model], chip, given)
    st.markdown(words(_called(model), runs[model], chip, given, count, made))
    st.caption(assumed(given))
    if model == CHECKED and chosen == FIRST_CHIP:
        reported = formats.number(REPORTED_HOURS / 1e6)
        st.caption(t("factors.bill.checked", hours=formats.number(made.hours / 1e6), reported=reported))


def words(model: str, compute: float, chip: Accelerator, given: Assumptions, count: int, made: Bill) -> str:
    """The bill in sentences: time, then rent, then what it costs who owns the chips."""
    seconds = made.hours * 3600
    said = [
        t(
            "factors.bill.time",
            model=model,
            compute=figures.amount(compute, "compute"),
            share=f"{100 * given.utilisation:.0f}",
            chip=chip.name,
            alone=span(seconds),
            count=formats.count(count),
            together=span(seconds / count),
        )
    ]
    if made.rent is not None and chip.rent:
        said.append(t("factors.bill.rented", rate=money(chip.rent), rent=money(made.rent)))
    if made.owned is not None and made.kilowatt_hours is not None:
        said.append(
            t(
                "factors.bill.bought",
                hardware=money(made.hardware or 0),
                energy=energy(made.kilowatt_hours),
                electricity=money(made.electricity or 0),
                owned=money(made.owned),
            )
        )
    elif made.kilowatt_hours is not None:
        said.append(
            t("factors.bill.no_price", energy=energy(made.kilowatt_hours), electricity=money(made.electricity or 0))
        )
    return "\n\n".join(said)


def assumed(given: Assumptions) -> str:
    """What the bill takes for granted, each with its source."""
    said = {
        "utilisation": f"{100 * given.utilisation:.0f}{formats.NO_BREAK}%",
        "overhead": f"{given.overhead:.1f}",
        "years": f"{given.years:g}",
        "server": f"{given.server:.1f}",
        "pue": f"{given.pue:.2f}",
        "electricity": f"{given.electricity:.2f}",
    }
    linked_to = {name: f"[{value}]({SOURCES[name]})" for name, value in said.items()}
    return t("factors.bill.assumed", busy=f"{100 * given.busy:.0f}{formats.NO_BREAK}%", **linked_to)


def money(dollars: float) -> str:
    """US dollars in the visitor's language: '$4.63 million', '463 万美元'."""
    if 0 < dollars < 0.01:
        return t("factors.bill.below_cent")
    size, value = formats.scaled(dollars)
    return t(f"factors.bill.{size}", value=value)


def span(seconds: float) -> str:
    """A time from milliseconds to thousands of years."""
    days = seconds / 86_400
    if days < 1 / 12:
        return formats.duration(seconds)
    if days < 2:
        return t("factors.bill.hours", value=formats.plain(days * 24))
    return (
        t("factors.bill.days", value=formats.plain(days))
        if days < 730
        else t("factors.bill.years", value=formats.plain(days / 365.25))
    )


def energy(kilowatt_hours: float) -> str:
    """From microwatt-hours to gigawatt-hours."""
    for unit, size in (("GWh", 1e6), ("MWh", 1e3), ("kWh", 1.0), ("Wh", 1e-3), ("mWh", 1e-6)):
        if kilowatt_hours >= size:
            return f"{formats.plain(kilowatt_hours / size)}{formats.NO_BREAK}{unit}"
    return f"{formats.plain(kilowatt_hours * 1e9)}{formats.NO_BREAK}µWh"


def _assumptions(chip: Accelerator) -> tuple[Assumptions, Accelerator, int]:
    """The fields for what is taken for granted, each with its reason and source. Gives them as they are now."""
    given = Assumptions()
    values = {field.name: _field(field.name, getattr(given, field.name)) for field in fields(Assumptions)}
    rent = _field("rent", chip.rent, chip.name)
    price = _field("price", chip.price, chip.name)
    count = _field("count", 1000.0)
    shares = {name: value / 100 if name in _SHARES else value for name, value in values.items() if value is not None}
    return replace(given, **shares), replace(chip, rent=rent or None, price=price or None), int(count or 1)


def _field(name: str, value: float | None, of: str = "") -> float | None:
    least, most, step = LIMITS[name]
    source = f" [{t('factors.bill.source')}]({SOURCES[name]})" if name in SOURCES else ""
    entered: float | None = st.number_input(
        t(f"factors.bill.set_{name}"),
        least,
        most,
        value * 100 if value is not None and name in _SHARES else value,
        step,
        key=f"cost_{name}_{of}",
        help=t(f"factors.bill.set_{name}_help") + source,
        format="%.2f" if step < 0.1 else "%.1f" if step < 1 else "%.0f",
        persist_state="session",
    )
    return entered


def _linked_selection(
    entry: Entry[str], label: str, options: Sequence[str], words: Callable[[str], str], first: str
) -> str:
    """A choice among many that the page's link carries."""
    linked(entry, lambda asked: asked if asked in options else None)
    return selection(entry, label, options, words, first=first, width=320)


def _called(name: str) -> str:
    return t("factors.bill.ours", model=model_name(name)) if name in displays() else name
