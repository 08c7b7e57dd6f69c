"""The engine behind the dashboard: how a server that runs the networks is doing, beside the engine in this process."""

import streamlit as st

from glassbox.engine.remote_server import EngineHealth, Server
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.charts.tables import Table, show
from glassbox.ui.components.near_viewport import near_viewport
from glassbox.ui.frame import measured_costs
from glassbox.ui.frame.shell import Page

ASKED_SECONDS = 5
"""Between two questions to the server how it is doing, whoever asks for it."""
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
            _table(_health(server), model, formats.duration(network.cost.seconds.value) if network else _MISSING)


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
    st.caption(
        t(f"service.engine_breaker_{health.breaker}")
        + " "
        + t("service.engine_instead", count=formats.count(health.instead))
    )
