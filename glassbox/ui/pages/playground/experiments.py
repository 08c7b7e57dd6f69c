"""Below the playground: experiments with the network on it, one's own data, and what to take home."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from glassbox.csv_file import CsvError
from glassbox.playground import data, experiments, own_data, setup, take_home
from glassbox.playground.data import DataSet
from glassbox.playground.experiments import Experiment, Surface
from glassbox.playground.setup import Setup
from glassbox.ui.base import formats, style
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts import playground as figures
from glassbox.ui.charts.tables import show
from glassbox.ui.frame import uploads
from glassbox.ui.frame.interactive import interactive_chart
from glassbox.ui.pages.playground import state

T = TypeVar("T")
VIEWS = ("optimisers", "rates", "surface", "own", "home")
_VIEW = declare("playground_view", Kind.CONTROL, "")
_RESULT: Entry[tuple[Any, Any]] = declare("playground_result_{name}", Kind.NETWORKS, (None, None))
"""The setup that an experiment was made for, and what came of it."""
_PASTED = declare("playground_paste_{turn}", Kind.TEXTS, "")
_PROBLEM: Entry[CsvError | None] = declare("playground_csv_error", Kind.TEXTS, None)
_WIDGET = "points"


@st.fragment
def further() -> None:
    """Show the one that is chosen; a run's result stays until the setup changes."""
    st.subheader(t("playground.more.title"), anchor=False)
    view = choice(
        _VIEW,
        t("playground.more.title"),
        VIEWS,
        lambda name: t(f"playground.more.{name}"),
        show_label=False,
    )
    st.markdown(t(f"playground.more.{view}_lead"))
    {"optimisers": _optimisers, "rates": _rates, "surface": _surface, "own": _own, "home": _home}[view]()


def _optimisers() -> None:
    runs = _runs("optimisers", experiments.optimisers, len(setup.OPTIMISERS))
    if not runs:
        return
    interactive_chart(
        lambda: figures.optimisers(runs, lambda name: t(f"playground.optimiser.{name}")),
        key="playground_optimisers",
        alt=_spoken(runs, "optimiser"),
        at_once=True,
    )
    _outcome(min(runs, key=lambda run: run.last.train_loss), lambda name: t(f"playground.optimiser.{name}"))


def _rates() -> None:
    runs = _runs("rates", experiments.learning_rates, len(setup.RATES))
    if not runs:
        return
    rate = state.setup().rate
    interactive_chart(
        lambda: figures.learning_rates(runs, rate), key="playground_rates", alt=_spoken(runs, "rate"), at_once=True
    )
    _outcome(min(runs, key=lambda run: run.last.train_loss), str)


def _surface() -> None:
    now = state.setup()

    def survey() -> Surface:
        with st.spinner(t("playground.more.surveying")):
            return experiments.loss_surface(now, state.data_set(now))

    surface = _kept("surface", survey)
    if surface is None:
        return
    ends = {"start": f"{surface.path_losses[0]:.3g}", "end": f"{surface.path_losses[-1]:.3g}"}
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
    name: str, experiment: Callable[[Setup, DataSet], Iterator[Experiment]], count: int
) -> list[Experiment] | None:
    now = state.setup()

    def run() -> list[Experiment]:
        bar, runs = st.progress(0.0), []
        for done, one in enumerate(experiment(now, state.data_set(now)), 1):
            runs.append(one)
            bar.progress(done / count, t("playground.more.running", done=done, count=count))
        bar.empty()
        return runs

    return _kept(name, run)


def _kept(name: str, make: Callable[[], T]) -> T | None:
    """The result for the setup in use, made when the button is pressed; the last one of each kind is kept."""
    result, now = _RESULT.at(name=name), (state.setup(), state.own_version())
    pressed = st.button(
        t("playground.more.run"), type="primary", key=f"playground_run_{name}", icon=":material/science:"
    )
    if pressed:
        result.set((now, make()))
    made_for, made = result.get()
    return made if made_for == now else None


def _spoken(runs: list[Experiment], what: str) -> str:
    names = [t(f"playground.optimiser.{run.name}") if what == "optimiser" else run.name for run in runs]
    values = ", ".join(f"{name}: {run.last.train_loss:.3g}" for name, run in zip(names, runs, strict=True))
    return t("playground.more.runs_alt", values=values)


def _outcome(best: Experiment, words: Callable[[str], str]) -> None:
    last = best.last
    st.markdown(t("playground.more.outcome", name=words(best.name), loss=f"{last.train_loss:.3g}", epochs=last.epoch))


def _own() -> None:
    style.uploader(
        "playground_csv",
        button=t("playground.csv.button"),
        limit=t("playground.csv.limit"),
        refused=t("playground.csv.refused"),
    )

    def widget(key: str) -> Sequence[UploadedFile]:
        file = st.file_uploader(t("playground.csv.label"), type=["csv", "tsv", "txt"], max_upload_size=1, key=key)
        return [file] if file else []

    with st.container(key="playground_csv"):
        uploads.read_once(_WIDGET, widget, lambda files: _take(files[0].getvalue()))
    pasted = st.text_area(
        t("playground.csv.paste"),
        height=110,
        max_chars=own_data.MAX_BYTES,
        key=_PASTED.at(turn=uploads.turn(_WIDGET)).key,
    )
    if st.button(t("playground.csv.use"), disabled=not pasted.strip(), key="playground_use"):
        _take(pasted.encode())
        if _PROBLEM.get() is None:
            st.rerun()  # the figure and the controls show the new data; rows that are refused stay to be mended
    if error := _PROBLEM.get():
        st.error(_sentence(error), icon=":material/error:")
    if (mine := state.own_data()) is not None:
        kind = t("playground.csv.classes", names=_quoted(mine.classes)) if mine.classes else t("playground.csv.heights")
        st.success(t("playground.csv.taken", count=len(mine.points), columns=_quoted(mine.columns), kind=kind))
    st.caption(t("playground.csv.private"))


def _sentence(error: CsvError) -> str:
    """What is wrong with the rows, in the visitor's language."""
    if error.code == "too_large":
        shown = {name: formats.size(size) for name, size in error.details.items()}
    else:
        shown = {name: _quoted([value]) if isinstance(value, str) else value for name, value in error.details.items()}
    return t(f"playground.csv.error.{error.code}", **shown)


def _quoted(names: Sequence[str]) -> str:
    """As code, so that nothing in a file is taken for Markdown."""
    return ", ".join(f"`{name.replace('`', ' ')[:20]}`" for name in names)


def _take(text: bytes) -> None:
    """Use these points from now on, or say why not and keep what was there."""
    try:
        state.bring(own_data.read(text))
    except CsvError as error:
        _PROBLEM.set(error)
    else:
        _PROBLEM.set(None)


def _home() -> None:
    trainer, now = state.trainer(), state.setup()
    files: dict[str, tuple[str, Callable[[], str | bytes]]] = {
        "onnx": ("playground.onnx", lambda: trainer.model().SerializeToString()),
        "keras": ("playground.py", lambda: take_home.keras_code(trainer, now)),
        "points": ("points.csv", lambda: take_home.points_csv(trainer)),
    }
    with st.container(horizontal=True):
        for name, (file, make) in files.items():
            st.download_button(
                t(f"playground.home.{name}"),
                make,
                file_name=file,
                mime="text/plain" if name != "onnx" else "application/octet-stream",
                icon=":material/download:",
                on_click="ignore",
                key=f"playground_home_{name}",
            )
    st.caption(t("playground.home.note", limit=f"{data.LIMIT:g}"))
    with st.expander(
        t("playground.home.code"), icon=":material/code:", key="playground_code", on_change="rerun"
    ) as code:
        if code.open:
            st.code(take_home.keras_code(trainer, now), language="python")
