"""The load test: many clients at once, with dynamic batching and without, one test at a time for all visitors."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from statistics import median

import numpy as np
import streamlit as st

from glassbox.digits.reader import Reader
from glassbox.digits.tensors import as_input
from glassbox.engine import inference_protocol
from glassbox.serving import throughput
from glassbox.serving.settings import Settings
from glassbox.serving.throughput import Load, LoadedService
from glassbox.ui.base import formats
from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts.tables import Cell, Table, show
from glassbox.ui.frame import heavy_jobs

CLIENTS = ("1", "8", "32", "64")
SECONDS = 1.5
"""Of load on each of the two, without batching and with it."""
KEPT_SECONDS = 3600
"""After which nothing is known of a network any more."""
WAYS = ("alone", "batched")
"""One request at a time, and those that wait together."""
_CLIENTS = declare("service_clients", Kind.CONTROL, CLIENTS[2], parameter="clients")

Results = dict[int, dict[str, Load]]
"""What was measured of a network, by the number of clients and then by the way; at most one for each of CLIENTS."""


@st.cache_resource(max_entries=16, ttl=KEPT_SECONDS, show_spinner=False)
def results(model: str, sha256: str) -> Results:
    """Return what was measured of `model`, whose file has `sha256`, for all visitors; the load test adds to it."""
    return {}


def load_figure(reader: Reader, model: str) -> None:
    """Draw the button that starts the test, and what came of the last one of this network with as many clients."""
    known = results(model, reader.zoo.cards[model].sha256)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        clients = int(
            linked_choice(
                _CLIENTS, t("service.clients"), CLIENTS, words=lambda count: t("service.clients_are", count=count)
            )
        )
        pressed = st.button(t("service.load_start", seconds=formats.duration(2 * SECONDS)), key="service_load_start")
    if pressed:
        with heavy_jobs.alone(), st.spinner(t("service.load_running")):
            known[clients] = _measure(reader, model, clients)
    if clients not in known:
        st.caption(t("service.load_none", model=model_name(model), count=clients))
        return
    _table(known[clients], model)
    _batches(known[clients]["batched"], model)


def _measure(reader: Reader, model: str, clients: int) -> dict[str, Load]:
    card = reader.zoo.cards[model]
    picture = as_input(np.zeros((28, 28), np.float32), card.input.shape)  # any other would take as long
    body, headers = inference_protocol.request({card.input.name: picture}, [card.output.name], binary=True)
    sent = {name.lower().encode(): value.encode() for name, value in headers.items()}
    loads = throughput.compare(_services(model, card.sha256), body, sent, clients=clients, seconds=SECONDS)
    return dict(zip(WAYS, loads, strict=True))


@st.cache_resource(max_entries=4, ttl=KEPT_SECONDS, show_spinner=False)
def _services(model: str, sha256: str) -> tuple[LoadedService, LoadedService]:
    """Return the service without batching and with it, as WAYS."""
    settings = replace(Settings.from_environment(), metrics=False)  # it is not counted among what others ask
    return LoadedService(model, replace(settings, batch=1)), LoadedService(model, settings)


def _table(found: Mapping[str, Load], model: str) -> None:
    loads = [found[way] for way in WAYS]
    rows = [
        [t("service.column_rate"), *(formats.count(load.rate) for load in loads)],
        *([f"p{per}", *(formats.duration(load.percentile(per / 100)) for load in loads)] for per in (50, 95, 99)),
        [t("service.column_batch"), *(formats.number(load.mean_batch) for load in loads)],
        [t("service.column_processor"), *(formats.duration(1 / load.rate_of_a_core) for load in loads)],
    ]
    caption = t("service.load_table", model=model_name(model), count=loads[0].clients)
    with st.container(key="gb_service_load"):
        show(Table(caption, ["", *(t(f"service.way_{way}") for way in WAYS)], rows))
    st.markdown(verdict(found["alone"], found["batched"]))


def verdict(alone: Load, batched: Load) -> str:
    """Return whether batching paid, as a sentence: a gain or a loss is said only where all rounds agree."""
    factors = [b / a for a, b in zip(alone.rounds, batched.rounds, strict=True)]
    kind = "more" if min(factors) > 1 else "fewer" if max(factors) < 1 else "even"
    return t(
        f"service.load_{kind}",
        factor=formats.hundredths(median(factors)),
        least=formats.hundredths(min(factors)),
        most=formats.hundredths(max(factors)),
        rounds=len(factors),
        p99=formats.duration(batched.percentile(0.99)),
        p99_alone=formats.duration(alone.percentile(0.99)),
    )


def _batches(load: Load, model: str) -> None:
    """Draw how many batches of which size formed, sizes up to each power of two together."""
    counted: Counter[int] = Counter()
    for size, times in load.batches.items():
        counted[(size - 1).bit_length()] += times
    most, total = max(counted.values()), sum(counted.values())
    rows: list[list[str | Cell]] = []
    for power in sorted(counted):
        count = counted[power]
        rows.append(
            [_sizes(power), Cell(formats.count(count), bar=count / most, kind="wide"), formats.rough(count / total)]
        )
    heads = [t(f"service.batches_{name}") for name in ("size", "count", "share")]
    show(
        Table(
            t("service.batches", model=model_name(model), count=load.clients), heads, rows, colour=model_colour(model)
        )
    )


def _sizes(power: int) -> str:
    """Return the sizes that go with a power of two: '1', '2', '3 – 4', '5 – 8'."""
    first, last = (2 ** (power - 1) + 1 if power else 1), 2**power
    return str(last) if first == last else f"{first} – {last}"
