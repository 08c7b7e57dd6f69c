"""The engine behind the dashboard: how a server that runs the networks is doing, beside the engine in this process."""

from dataclasses import replace
from functools import partial

import streamlit as st

from glassbox.engine.engine_error import EngineError
from glassbox.engine.engine_health import EngineHealth
from glassbox.engine.remote_server import Server
from glassbox.serving import drill
from glassbox.serving.drill import Part
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import sentences, t
from glassbox.ui.base.models import model_name
from glassbox.ui.charts.tables import Table, show
from glassbox.ui.components.near_viewport import near_viewport
from glassbox.ui.frame import heavy_jobs, measured_costs
from glassbox.ui.frame.shell import Page
from glassbox.zoo.digit_models import Card

ASKED_SECONDS = 5
"""Between two questions to the server how it is doing, whoever asks for it."""
SECONDS, PATIENCE = 4.0, 20.0
"""Of each part of the time around the end of a replica, and how long a caller waits for an answer."""
_MISSING = "–"


@st.fragment
def engine_figure(page: Page, model: str) -> None:
    """Draw how the server that runs the networks is doing; where there is none, say that there is none."""
    server = page.reader.engine.server
    if server is None:
        st.caption(t("service.engine_embedded"))
        return
    with st.container(key="gb_service_engine"):
        if near_viewport("service_engine_near"):
            network = measured_costs.measured(page.reader, page.picture.digit).versions.get(f"{model}_fp32")
            health = _health(server)
            _table(health, model, formats.duration(network.cost.seconds.value) if network else _MISSING)
            if health.ready and server.settings.key and drill.EXTENSION in server.metadata.extensions:
                _drill(server, page.reader.zoo.cards[model])


@st.cache_resource(max_entries=1, ttl=ASKED_SECONDS, show_spinner=False)
def _health(_server: Server) -> EngineHealth:
    return _server.health()


def _table(health: EngineHealth, model: str, embedded: str) -> None:
    latency = health.latency
    times = [formats.duration(one) for one in (latency.p50, latency.p95, latency.p99)] if latency else [_MISSING] * 3
    state = t("service.engine_ready" if health.ready else "service.engine_down")
    rows = [
        [t("service.engine_state"), state, t("service.engine_ready")],
        *(
            [f"p{per}", time, embedded if per == 50 else _MISSING]
            for per, time in zip((50, 95, 99), times, strict=True)
        ),
        [t("service.engine_runs"), formats.count(health.runs), _MISSING],
        [t("service.engine_failures"), formats.count(health.failures), _MISSING],
    ]
    heads = ["", health.server or health.address, t("service.engine_here", model=model_name(model))]
    show(Table(t("service.engine_table", address=health.address), heads, rows))
    instead = t("service.engine_instead", count=formats.count(health.instead))
    st.caption(sentences(t(f"service.engine_breaker_{health.breaker}"), instead))


@st.cache_resource(max_entries=1, show_spinner=False)
def _ended(address: str) -> dict[str, list[Part]]:
    """Return what callers noticed when a replica behind `address` was last ended, by network, for all visitors."""
    return {}


def _drill(server: Server, card: Card) -> None:
    """Draw the button that ends one of the service's replicas, and what callers noticed of it last time."""
    found = _ended(server.settings.address)
    if st.button(t("service.drill_start"), key="service_drill"):
        callers = (card.name, (card.input.name, card.output.name), (1, *map(int, card.input.shape[1:])))
        with heavy_jobs.alone(), st.spinner(t("service.drill_running")):
            try:
                asking = drill.Callers(replace(server.settings, seconds=PATIENCE), *callers)
                found[card.name] = drill.run(asking, partial(drill.end_one, server.settings), SECONDS)
            except EngineError as error:
                st.warning(t("service.drill_failed", said=str(error)))
                return
    if card.name not in found:
        st.caption(t("service.drill_none", seconds=formats.duration(3 * SECONDS)))
        return
    parts = found[card.name]
    rows = [
        [t("service.engine_runs"), *(formats.count(len(part.seconds)) for part in parts)],
        [t("service.drill_lost"), *(formats.count(part.lost) for part in parts)],
        *([f"p{per}", *(_time(part, per) for part in parts)] for per in (50, 95, 99)),
    ]
    heads = [
        "",
        *(t(f"service.drill_{name}", seconds=formats.duration(SECONDS)) for name in ("before", "then", "after")),
    ]
    show(Table(t("service.drill_table", model=model_name(card.name)), heads, rows))


def _time(part: Part, percent: int) -> str:
    return formats.duration(part.percentile(percent)) if part.seconds else _MISSING
