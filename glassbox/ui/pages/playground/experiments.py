"""Experiments on the playground's setup: every optimiser, every learning rate, the loss surface."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import plotly.graph_objects as go
import streamlit as st

from glassbox.playground import experiments, setup
from glassbox.playground.data import DataSet
from glassbox.playground.experiments import Experiment, Surface
from glassbox.playground.setup import Setup
from glassbox.ui.base import formats, style
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts import playground as figures
from glassbox.ui.charts.tables import show
from glassbox.ui.frame import heavy_jobs
from glassbox.ui.frame.interactive import interactive_chart
from glassbox.ui.frame.progress import stoppable
from glassbox.ui.pages.playground import state

Result = TypeVar("Result")
_RESULT: Entry[tuple[Any, Any]] = declare("playground_result_{name}", Kind.NETWORKS, (None, None))
"""The setup that an experiment was made for, and its result."""


def optimisers() -> None:
    """Draw the loss by epoch with each optimiser."""
    runs = _runs("optimisers", experiments.optimisers, count=len(setup.OPTIMISERS))
    if runs:
        _compare(runs, figures.optimisers(runs, _optimiser_name), key="playground_optimisers", label=_optimiser_name)


def learning_rates() -> None:
    """Draw the loss by epoch with each learning rate."""
    runs = _runs("rates", experiments.learning_rates, count=len(setup.RATES))
    if runs:
        _compare(runs, figures.learning_rates(runs, state.setup().rate), key="playground_rates", label=str)


def loss_surface() -> None:
    """Draw the loss on a plane through the weights, with the path of training."""
    now = state.setup()

    def compute() -> Surface:
        with st.spinner(t("playground.more.surveying")):
            return experiments.loss_surface(now, state.data_set(now))

    surface = _last_result("surface", compute)
    if surface is None:
        return
    ends = {"start": formats.number(surface.path_losses[0]), "end": formats.number(surface.path_losses[-1])}
    alt, dark = t("playground.more.surface_alt", **ends), style.dark()
    interactive_chart(
        lambda: figures.loss_surface(surface, dark),
        key="playground_surface",
        alt=alt,
        height=figures.SURFACE_HEIGHT,
        numbers=lambda: show(figures.path_table(surface, alt)),
        at_once=True,
    )
    st.caption(t("playground.more.surface_share", share=formats.percent(surface.share)))


def _runs(
    name: str, experiment: Callable[[Setup, DataSet], Iterator[Experiment]], *, count: int
) -> list[Experiment] | None:
    """Return the `count` runs of an experiment, made with a progress bar when the button is pressed."""
    now = state.setup()

    def run_all() -> list[Experiment]:
        runs = []
        with stoppable(f"playground_{name}") as tell:
            for done, run in enumerate(experiment(now, state.data_set(now)), 1):
                runs.append(run)
                tell(done / count, t("playground.more.running", done=done, count=count))
        return runs

    return _last_result(name, run_all)


def _last_result(name: str, make: Callable[[], Result]) -> Result | None:
    """Return the result for the setup in use, made when the button is pressed; the last one of each kind is kept."""
    result, now = _RESULT.at(name=name), (state.setup(), state.own_version())
    pressed = st.button(
        t("playground.more.run"),
        type="primary",
        key=f"playground_run_{name}",
        icon=":material/science:",
        disabled=not state.trainer().trained_on,
    )
    if pressed:
        with heavy_jobs.turn():
            result.set((now, make()))
    made_for, last = result.get()
    return last if made_for == now else None


def _compare(runs: Sequence[Experiment], figure: go.Figure, *, key: str, label: Callable[[str], str]) -> None:
    """Draw `figure`, and say which of the runs ended with the lowest loss. `label`: a run's name in words."""
    losses = ", ".join(f"{label(run.name)}: {formats.number(run.last.train_loss)}" for run in runs)
    interactive_chart(lambda: figure, key=key, alt=t("playground.more.runs_alt", values=losses), at_once=True)
    best = min(runs, key=lambda run: run.last.train_loss)
    loss = formats.number(best.last.train_loss)
    st.markdown(t("playground.more.outcome", name=label(best.name), loss=loss, epochs=best.last.epoch))


def _optimiser_name(optimiser: str) -> str:
    return t(f"playground.optimiser.{optimiser}")
