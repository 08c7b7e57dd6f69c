"""The networks that a visitor has taught: copies of the zoo's, kept with the visit alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import streamlit as st

from glassbox.digits.reader import Reader, Verdict
from glassbox.digits.reference_set import reference_set
from glassbox.digits.tensors import rescaled
from glassbox.explain.backward_pass import Array
from glassbox.training.learner import Divergence
from glassbox.training.lesson import Frames, Lessons
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.frame import networks, places
from glassbox.ui.frame.places import Place
from glassbox.ui.frame.shell import Page


@dataclass(frozen=True)
class TaughtCopy:
    """A visitor's copy of one network: its weights, and the frames of its lessons on one picture and label.

    `sha256`: that of the network; `picture`: the one taught last, as in ?d=, as its `label`; `rehearsed`: whether old
    pictures were practised with it; `stopped`: why the last lesson ended early.
    """

    sha256: str
    weights: dict[str, Array]
    picture: str
    label: int
    frames: Frames
    rehearsed: bool = False
    stopped: Divergence | None = None


_PREFIX = "taught_"
_COPIES: Entry[Mapping[str, TaughtCopy]] = declare("taught", Kind.NETWORKS, {})


def copies(reader: Reader) -> dict[str, TaughtCopy]:
    """Return this visitor's copies by the network that they are of, without those whose network's file is another."""
    cards = reader.zoo.cards
    return {name: copy for name, copy in _COPIES.get().items() if name in cards and cards[name].sha256 == copy.sha256}


def name(model: str) -> str:
    """Return what the copy of `model` is called where it stands among the networks."""
    return f"{_PREFIX}{model}"


def place(name: str) -> tuple[Place, dict[str, str]] | None:
    """Return the page on which the copy called `name` was taught, and what its link carries; None for other names, and
    where there is no such page."""
    found = places.PLACES.get("backprop") if name.startswith(_PREFIX) else None
    return (found, {"model": name.removeprefix(_PREFIX)}) if found else None


def keep(model: str, copy: TaughtCopy) -> None:
    """Keep `copy` as this visitor's copy of `model`, the last one taught."""
    _COPIES.set({name: other for name, other in _COPIES.get().items() if name != model} | {model: copy})


def discard(model: str) -> None:
    """Drop the visitor's copy of `model`."""
    _COPIES.set({name: copy for name, copy in _COPIES.get().items() if name != model})


def lessons(reader: Reader, model: str) -> Lessons:
    """Return what teaches copies of `model`."""
    return _lessons(reader.zoo.cards[model].sha256, model, reader.provider.name, reader)


@st.cache_resource(max_entries=16, show_spinner=False)
def _lessons(sha256: str, model: str, provider: str, _reader: Reader) -> Lessons:
    temperature = _reader.zoo.cards[model].calibration.temperature
    return Lessons(
        networks.teacher(_reader, model),
        networks.backward_pass(_reader, model),
        temperature,
        reference_set(),
    )


def verdict(page: Page, model: str) -> Verdict:
    """Return what this visitor's copy of `model` reads in the visitor's digit, in one run. Raises KeyError without
    one."""
    card, weights = page.reader.zoo.cards[model], copies(page.reader)[model].weights
    network, picture = networks.backward_pass(page.reader, model), rescaled(page.picture.digit)[None]
    start = perf_counter()
    probabilities = network.probabilities(picture, weights, card.calibration.temperature)[0]
    seconds, best = perf_counter() - start, int(np.argmax(probabilities))
    provider = page.reader.provider
    return Verdict(
        model=model,
        label=card.labels[best],
        confidence=float(probabilities[best]),
        probabilities=probabilities,
        seconds=seconds,
        runs=1,
        provider=provider.name if provider.available else "cpu",
    )
