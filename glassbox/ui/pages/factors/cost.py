"""The calculator of what a training run would cost today: a model, an accelerator, the assumptions, and the bill."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

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
REPORTED_MODEL, REPORTED_HOURS = "Llama 3.1-405B", 30.84e6
"""The one frontier model whose accelerator hours were published: Meta's model card,
https://github.com/meta-llama/llama-models/blob/main/models/llama3_1/MODEL_CARD.md"""


class Limits(NamedTuple):
    """The values that an assumption can take; shares in per cent."""

    least: float
    most: float
    step: float


LIMITS = {
    "utilisation": Limits(least=1.0, most=100.0, step=1.0),
    "overhead": Limits(least=1.0, most=10.0, step=0.1),
    "years": Limits(least=0.5, most=15.0, step=0.5),
    "busy": Limits(least=1.0, most=100.0, step=1.0),
    "server": Limits(least=1.0, most=5.0, step=0.1),
    "pue": Limits(least=1.0, most=3.0, step=0.01),
    "electricity": Limits(least=0.0, most=2.0, step=0.01),
    "rent": Limits(least=0.0, most=1000.0, step=0.1),
    "price": Limits(least=0.0, most=1e6, step=100.0),
    "count": Limits(least=1.0, most=1e6, step=100.0),
}
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
    """Draw the choices of model and accelerator, the assumptions, and the bill in words."""
    runs = {row.name: float(row.compute) for row in reversed(milestones.milestones()) if row.compute}
    runs |= {name: milestones.training_compute(card) for name, card in cards.items()}
    chips = {chip.name: chip for chip in reversed(milestones.accelerators()) if chip.price or chip.rent}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = _linked_selection(_MODEL, t("factors.bill.model"), list(runs), words=_title, first=FIRST_MODEL)
        chosen = _linked_selection(_CHIP, t("factors.bill.chip"), list(chips), words=str, first=FIRST_CHIP)
        with st.popover(t("factors.bill.assumptions"), icon=":material/tune:"):
            run = _choose_assumptions(_title(model), compute=runs[model], chip=chips[chosen])
    st.markdown(bill_text(run))
    st.caption(assumptions_text(run.assumptions))
    if model == REPORTED_MODEL and chosen == FIRST_CHIP:
        hours = {"hours": formats.count(run.bill.hours), "reported": formats.count(REPORTED_HOURS)}
        st.caption(t("factors.bill.checked", **hours))


@dataclass(frozen=True)
class Run:
    """A training run: of `model`, as visitors know it, at `compute` FLOP on `count` accelerators `chip`."""

    model: str
    compute: float
    chip: Accelerator
    count: int
    assumptions: Assumptions

    @property
    def bill(self) -> Bill:
        """Return what the run costs."""
        return bill(self.compute, self.chip, self.assumptions)


def bill_text(run: Run) -> str:
    """Return the bill in sentences: the time, the rent, and the cost for an owner of the accelerators."""
    chip, costs = run.chip, run.bill
    seconds = costs.hours * 3600
    sentences = [
        t(
            "factors.bill.time",
            model=run.model,
            compute=figures.amount(run.compute, "compute"),
            share=formats.measured(run.assumptions.utilisation, 0),
            chip=chip.name,
            alone=time_span(seconds),
            count=formats.count(run.count),
            together=time_span(seconds / run.count),
        )
    ]
    if costs.rent is not None and chip.rent:
        sentences.append(t("factors.bill.rented", rate=money(chip.rent), rent=money(costs.rent)))
    if costs.owned is not None and costs.kilowatt_hours is not None:
        sentences.append(
            t(
                "factors.bill.bought",
                hardware=money(costs.hardware or 0),
                energy=energy(costs.kilowatt_hours),
                electricity=money(costs.electricity or 0),
                owned=money(costs.owned),
            )
        )
    elif costs.kilowatt_hours is not None:
        sentences.append(
            t("factors.bill.no_price", energy=energy(costs.kilowatt_hours), electricity=money(costs.electricity or 0))
        )
    return "\n\n".join(sentences)


def assumptions_text(given: Assumptions) -> str:
    """Return a sentence with the assumptions of the bill, each linked to its source."""
    values = {
        "utilisation": formats.measured(given.utilisation, 0),
        "overhead": f"{given.overhead:.1f}",
        "years": f"{given.years:g}",
        "server": f"{given.server:.1f}",
        "pue": f"{given.pue:.2f}",
        "electricity": f"{given.electricity:.2f}",
    }
    links = {name: f"[{value}]({SOURCES[name]})" for name, value in values.items()}
    return t("factors.bill.assumed", busy=formats.measured(given.busy, 0), **links)


def money(dollars: float) -> str:
    """Return US dollars in the visitor's language: '$4.63 million', '463 万美元'."""
    if 0 < dollars < 0.01:
        return t("factors.bill.below_cent")
    size, value = formats.scaled(dollars)
    return t(f"factors.bill.{size}", value=value)


def time_span(seconds: float) -> str:
    """Return a time in the unit that suits it, from milliseconds to years."""
    days = seconds / 86_400
    if days < 1 / 12:
        return formats.duration(seconds)
    if days < 2:
        return t("factors.bill.hours", value=formats.plain(days * 24))
    if days < 730:
        return t("factors.bill.days", value=formats.plain(days))
    return t("factors.bill.years", value=formats.plain(days / 365.25))


def energy(kilowatt_hours: float) -> str:
    """Return an energy in the unit that suits it, from microwatt-hours to gigawatt-hours."""
    for unit, size in (("GWh", 1e6), ("MWh", 1e3), ("kWh", 1.0), ("Wh", 1e-3), ("mWh", 1e-6)):
        if kilowatt_hours >= size:
            return f"{formats.plain(kilowatt_hours / size)}{formats.NO_BREAK}{unit}"
    return f"{formats.plain(kilowatt_hours * 1e9)}{formats.NO_BREAK}µWh"


def _choose_assumptions(model: str, *, compute: float, chip: Accelerator) -> Run:
    """Draw a field for each assumption, with its reason and source; return the run under the assumptions made."""
    first = Assumptions()
    values = {field.name: _field(field.name, getattr(first, field.name)) for field in fields(Assumptions)}
    rent = _field("rent", chip.rent, of=chip.name)
    price = _field("price", chip.price, of=chip.name)
    count = _field("count", 1000.0)
    given = {name: value / 100 if name in _SHARES else value for name, value in values.items() if value is not None}
    return Run(
        model=model,
        compute=compute,
        chip=replace(chip, rent=rent or None, price=price or None),
        count=int(count or 1),
        assumptions=replace(first, **given),
    )


def _field(name: str, value: float | None, of: str = "") -> float | None:
    """Draw the field of an assumption, one for each accelerator `of`; return the number in it, at first `value`."""
    least, most, step = LIMITS[name]
    source = f" [{t('factors.bill.source')}]({SOURCES[name]})" if name in SOURCES else ""
    entered: float | None = st.number_input(
        t(f"factors.bill.set_{name}"),
        min_value=least,
        max_value=most,
        value=value * 100 if value is not None and name in _SHARES else value,
        step=step,
        key=f"cost_{name}_{of}",
        help=t(f"factors.bill.set_{name}_help") + source,
        format="%.2f" if step < 0.1 else "%.1f" if step < 1 else "%.0f",
        persist_state="session",
    )
    return entered


def _linked_selection(
    entry: Entry[str], label: str, options: Sequence[str], *, words: Callable[[str], str], first: str
) -> str:
    """Let the visitor choose from a list, at first `first`; the choice is in the page's link."""
    linked(entry, lambda text: text if text in options else None)
    return selection(entry, label, options, words=words, first=first, width=320)


def _title(name: str) -> str:
    """Return what a model is called: this project's own by name, and that it is its own."""
    return t("factors.bill.ours", model=model_name(name)) if name in displays() else name
