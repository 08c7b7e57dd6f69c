"""What a million answers cost on machines whose price the visitor enters: inside a program or served, CPU or GPU."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from glassbox.digits.reader import Reader
from glassbox.digits.tensors import as_input
from glassbox.engine import session
from glassbox.engine.session import Session
from glassbox.engine.timing import timed
from glassbox.trust.cost import rental
from glassbox.trust.cost.rental import Machine
from glassbox.ui.base import formats
from glassbox.ui.base.choice import selection
from glassbox.ui.base.i18n import language, t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts.tables import Table, show
from glassbox.ui.components.near_viewport import near_viewport
from glassbox.ui.frame import measured_costs, notices
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.service import load

BATCH = 64
"""Pictures of a run on a GPU, which would idle over one."""
_RUNS = 20
_FIELDS = {
    "price": (0.1, 0.01, 10_000.0, 0.01, "%.2f"),
    "cores": (2.0, 1.0, 1024.0, 1.0, "%.0f"),
    "gpu_price": (1.0, 0.01, 10_000.0, 0.1, "%.2f"),
    "asked": (100_000.0, 1.0, 1e12, 10_000.0, "%.0f"),
}
"""What the visitor enters: its first value, its least and most, the step and how it is written."""
_SERVED = {"alone": "served_alone", "batched": "served_batched"}
CURRENCIES = ("¥", "$", "€", "£", "₹", "₩", "₽", "R$", "CHF")
_CURRENCY = declare("service_currency", Kind.CONTROL, "")


@st.fragment
@notices.unless_damaged()
def cost_figure(page: Page, model: str) -> None:
    """Draw the prices that the visitor enters, and what a million answers of `model` cost at them."""
    with st.container(horizontal=True):
        first = "¥" if language() == "zh" else "$"
        currency = selection(_CURRENCY, t("service.cost_currency"), CURRENCIES, str, first=first, width=120)
        entered = {name: _number(name, currency, *field) for name, field in _FIELDS.items()}
    with st.container(key="gb_service_cost"):
        if not near_viewport("service_cost_near"):
            return
        measurement = measured_costs.measured(page.reader, page.picture.digit)
        network = measurement.versions.get(f"{model}_fp32")
        rates = {"embedded": 1 / network.cost.seconds.value} if network else {}
        rates |= _served(page.reader, model) | _on_gpu(page.reader, model)
        _table(model, rates, entered, currency)
        if network:
            st.markdown(
                t(
                    "service.energy",
                    model=model_name(model),
                    energy=formats.energy(1000 * network.cost.joules.value),
                    kind=t(f"service.energy_{'measured' if network.cost.measured else 'estimated'}"),
                )
            )


def _number(name: str, currency: str, first: float, least: float, most: float, step: float, form: str) -> float:
    """Return what the visitor has entered; the first value where the field is empty."""
    entered: float | None = st.number_input(
        t(f"service.cost_{name}", currency=currency.replace("$", r"\$")),
        min_value=least,
        max_value=most,
        value=first,
        step=step,
        format=form,
        key=f"service_cost_{name}",
        help=t(f"service.cost_{name}_help") if name != "gpu_price" else None,
        width=220,
        persist_state="session",
    )
    return first if entered is None else entered


def _served(reader: Reader, model: str) -> dict[str, float]:
    """Return how many requests a second one core answered in the load test with the most clients, by the way; none
    before there is one."""
    known = load.results(model, reader.zoo.cards[model].sha256)
    return {_SERVED[way]: one.rate_of_a_core for way, one in known[max(known)].items()} if known else {}


@st.cache_resource(max_entries=16, show_spinner=False)
def _gpu_rate(_model: bytes, name: str, sha256: str, shape: tuple[int | str, ...], input_name: str) -> float:
    session = Session(_model, "cuda")
    feeds = {input_name: as_input(np.zeros((BATCH, 28, 28), np.float32), shape)}
    return BATCH / timed(lambda: session.run(feeds), _RUNS).seconds


def _on_gpu(reader: Reader, model: str) -> dict[str, float]:
    """Return how many pictures a second a GPU reads in batches; none where there is no GPU."""
    if not session.provider_state("cuda").available:
        return {}
    card = reader.zoo.cards[model]
    rate = _gpu_rate(reader.zoo.model_bytes(model), model, card.sha256, tuple(card.input.shape), card.input.name)
    return {"gpu": rate}


def _table(model: str, rates: Mapping[str, float], entered: Mapping[str, float], currency: str) -> None:
    heads = [t(f"service.cost_column_{name}") for name in ("rate", "full", "machines", "traffic")]
    columns = [_column(way, rate, entered, currency) for way, rate in rates.items()]
    show(
        Table(
            t("service.cost_table", model=model_name(model)),
            ["", *(t(f"service.cost_{way}") for way in rates)],
            list(zip(heads, *columns, strict=True)),
        )
    )
    if any(way.startswith("served") for way in rates):
        st.caption(t("service.cost_basis"))
    missing = [way for way in ("embedded", "served", "gpu") if not any(name.startswith(way) for name in rates)]
    for way in missing:
        st.caption(t(f"service.cost_missing_{way}", model=model_name(model)))


def _column(way: str, rate: float, entered: Mapping[str, float], currency: str) -> list[str]:
    """Return the figures of a way to run the network, one core of which gives `rate` answers a second."""
    machine = Machine(entered["gpu_price"]) if way == "gpu" else Machine(entered["price"], int(entered["cores"]))
    return [
        formats.count(rate),
        formats.money(rental.at_full_load(machine, rate), currency),
        formats.count(rental.machines_needed(machine, rate, entered["asked"])),
        formats.money(rental.at_traffic(machine, rate, entered["asked"]), currency),
    ]
