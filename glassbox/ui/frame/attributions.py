"""The attributions of the visitor's picture, scored and kept: of the samples for all visitors, else in the session."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits.reader import Reader
from glassbox.digits.tensors import rescaled
from glassbox.explain.attribution import registry
from glassbox.explain.attribution.baseline_pictures import BASELINE_PICTURES, EMPTY
from glassbox.explain.attribution.faithfulness import BlankMap, RandomisedLayer
from glassbox.explain.attribution.registry import ScoredMap
from glassbox.trust import scoreboard
from glassbox.trust.scoreboard import ExplanationStudy
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.results import Results, kept
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.frame import heavy_jobs
from glassbox.ui.frame.networks import attribution_network
from glassbox.ui.frame.progress import stoppable
from glassbox.ui.frame.shell import Page

PATIENCE = 0.3
"""Seconds before progress is shown."""
SHARED, OWN = 600, 120
"""Scored maps of samples kept for all visitors, and of a visitor's own pictures in the session, some 10 kB each: about
ten pictures and two with all networks and methods."""
_ATTRIBUTED: Entry[Results] = declare("attributions", Kind.RESULTS, {})
_SENSITIVITIES: Entry[Results] = declare("attribution_sensitivities", Kind.RESULTS, {})
_BASELINES: Entry[Results] = declare("attribution_baselines", Kind.RESULTS, {})
_SHUFFLED: Entry[Results] = declare("attribution_randomisations", Kind.RESULTS, {})
SIMILAR = 0.5
"""A rank correlation from here on means: with all weights shuffled the map is still much the same."""


@st.cache_resource(max_entries=1, show_spinner=False)
def explanation_study() -> ExplanationStudy | None:
    """Return the recorded study, read once for all visitors; None, with the reason in the log, if it can't be used."""
    return scoreboard.load_or_none()


_Key = tuple[str, str, str, str, str]
"""What a cached map belongs to: provider, network, its SHA-256, the picture as in ?d=, and the baseline."""


@dataclass(frozen=True)
class Compared:
    """What one network's verdict is put down to: a scored map a method, and those of the maps that know nothing of it.

    `on_baseline`: the label that the network reads in the picture that pixels are erased to, and its probability.
    `blank`: the methods whose map gives every pixel the same, and so has no score. `sensitivity` computes how much a
    map of `found` changes with the picture: as costly as three maps, so it is asked of those alone that are shown.
    """

    found: Mapping[str, ScoredMap]
    baselines: Mapping[str, ScoredMap]
    on_baseline: tuple[int, float]
    blank: tuple[str, ...] = ()
    sensitivity: Callable[[ScoredMap], float] | None = None

    @property
    def best(self) -> ScoredMap | None:
        """The most faithful map; None where every map is blank."""
        return max(self.found.values(), key=lambda scored: scored.faithfulness, default=None)


def compare(
    page: Page, labels: Mapping[str, int], baseline: str = EMPTY, *, on_stop: Callable[[list[str]], None]
) -> dict[str, Compared]:
    """Return all attributions of the visitor's picture by networks, each for its label in `labels`, with progress when
    it takes longer, and then in turn with other visitors' heavy jobs. `baseline`: of BASELINE_PICTURES.

    `on_stop` is told which networks are done if the visitor stops it: the next run is to ask for no others.
    """
    jobs = [(name, method) for name in labels for method in registry.methods(attribution_network(page.reader, name))]
    start, done = perf_counter(), {}
    tell: Callable[[float, str], None] | None = None
    attributed, scored = _attributed.of(page.picture.everybodys), _baselines.of(page.picture.everybodys)

    def stop() -> None:
        on_stop([name for name in labels if all(job in done for job in jobs if job[0] == name)])

    with ExitStack() as heavy:
        for count, (name, method) in enumerate(jobs):
            if tell is None and perf_counter() - start > PATIENCE:
                heavy.enter_context(heavy_jobs.turn())
                tell = heavy.enter_context(stoppable("attributions", stop))
            if tell is not None:
                words = t("frame.method.busy", method=t(f"frame.method.{method}"), model=model_name(name))
                tell(count / len(jobs), words)
            key = _key(page, name, baseline)
            done[name, method] = attributed(key, labels[name], method, page.reader, page.picture.digit)
        baselines = {
            name: scored(_key(page, name, baseline), label, page.reader, page.picture.digit)
            for name, label in labels.items()
        }
    return {
        name: Compared(
            {method: scored for (owner, method), scored in done.items() if owner == name and scored},
            baselines[name],
            _read_baseline(page, name, baseline),
            tuple(method for (owner, method), scored in done.items() if owner == name and not scored),
            partial(_sensitivity, page, name, label, baseline),
        )
        for name, label in labels.items()
    }


def _read_baseline(page: Page, name: str, baseline: str) -> tuple[int, float]:
    start = BASELINE_PICTURES[baseline](rescaled(page.picture.digit))
    chances = attribution_network(page.reader, name).probabilities(start[None])[0]
    return int(chances.argmax()), float(chances.max())


def _sensitivity(page: Page, model: str, label: int, baseline: str, scored: ScoredMap) -> float:
    changed = _changed.of(page.picture.everybodys)
    return changed(_key(page, model, baseline), label, scored.name, scored, page.reader, page.picture.digit)


def shuffled(page: Page, model: str, label: int, method: str, baseline: str = EMPTY) -> list[RandomisedLayer]:
    """Return the weight-randomisation check of one map, kept like the maps."""
    randomised = _shuffled.of(page.picture.everybodys)
    return randomised(_key(page, model, baseline), label, method, page.reader, page.picture.digit)


def _key(page: Page, name: str, baseline: str) -> _Key:
    return page.reader.provider.name, name, page.reader.zoo.cards[name].sha256, page.picture.link, baseline


@kept(_ATTRIBUTED, shared=SHARED, own=OWN)
def _attributed(key: _Key, label: int, method: str, _reader: Reader, _digit: NDArray[np.uint8]) -> ScoredMap | None:
    try:
        return registry.attribute(attribution_network(_reader, key[1]), rescaled(_digit), label, method, key[4])
    except BlankMap:
        return None


@kept(_SENSITIVITIES, shared=SHARED, own=OWN)
def _changed(
    key: _Key, label: int, method: str, _scored: ScoredMap, _reader: Reader, _digit: NDArray[np.uint8]
) -> float:
    return registry.sensitivity(attribution_network(_reader, key[1]), rescaled(_digit), label, _scored, key[4])


@kept(_BASELINES, shared=SHARED, own=OWN)
def _baselines(key: _Key, label: int, _reader: Reader, _digit: NDArray[np.uint8]) -> dict[str, ScoredMap]:
    return registry.baselines(attribution_network(_reader, key[1]), rescaled(_digit), label, key[4])


@kept(_SHUFFLED, shared=SHARED, own=OWN)
def _shuffled(key: _Key, label: int, method: str, _reader: Reader, _digit: NDArray[np.uint8]) -> list[RandomisedLayer]:
    return registry.randomisation(attribution_network(_reader, key[1]), rescaled(_digit), label, method, key[4])
