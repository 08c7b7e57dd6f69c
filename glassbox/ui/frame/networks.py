"""The networks for digits made ready for what the pages do with them, once for all visitors.

What is made of a network is kept for each provider and each version of the zoo's files: at most BOUND of a kind, some
megabytes each; what was not used for longest goes first.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits.reader import Reader
from glassbox.digits.tensors import as_input, rescaled
from glassbox.engine.profiling import operator_seconds
from glassbox.engine.session import PROVIDERS
from glassbox.explain.ablation import Ablation
from glassbox.explain.attribution.methods import Network
from glassbox.explain.backward_pass import Backward
from glassbox.explain.convolution import Stage, stages
from glassbox.explain.row_reader import RowReader
from glassbox.explain.terms.explain import Inside, Tapped
from glassbox.graph.structure import Structure, structure
from glassbox.training.teacher import Teacher
from glassbox.trust.attacks import study
from glassbox.trust.attacks.study import TargetCard
from glassbox.zoo.folder import Models

BOUND = 16 * len(PROVIDERS)
"""Sixteen networks for each provider, more than there are."""

P = ParamSpec("P")
Made = TypeVar("Made")


def _kept(make: Callable[P, Made]) -> Callable[P, Made]:
    """Keep what `make` returns, BOUND of it."""
    cached: Callable[[Callable[P, Made]], Callable[P, Made]] = st.cache_resource(
        max_entries=BOUND, show_spinner=False, hash_funcs={Reader: lambda reader: reader.version}
    )
    return cached(make)


def feeds(reader: Reader, model: str, digit: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """Return `digit`, uint8 (28, 28), as `model` takes it: float32 in [0, 1], a batch of one, with a channel if it has
    one."""
    given = reader.zoo.cards[model].input
    return {given.name: as_input(rescaled(digit), given.shape)}


def inside(reader: Reader, model: str, digit: NDArray[np.uint8]) -> Inside:
    """Return every number inside `model` as it reads `digit`, uint8 (28, 28). Raises KeyError if the zoo lacks it."""
    return _tapped(reader, model).run(feeds(reader, model, digit))


@_kept
def _tapped(reader: Reader, model: str) -> Tapped:
    return Tapped(reader.zoo.model_bytes(model), _provider(reader))


@_kept
def attribution_network(reader: Reader, model: str) -> Network:
    """Return `model` with the derivatives that attributions and attacks ask for."""
    temperature = reader.zoo.cards[model].calibration.temperature
    return Network(reader.zoo.model_bytes(model), _provider(reader), temperature)


@_kept
def backward_pass(reader: Reader, model: str) -> Backward:
    """Return `model` ready for passes forward and back."""
    return Backward(reader.zoo.model_bytes(model), _provider(reader))


@_kept
def teacher(reader: Reader, model: str) -> Teacher:
    """Return what trains copies of `model`."""
    return Teacher(reader.zoo.model_bytes(model), len(reader.zoo.cards[model].labels), _provider(reader))


@_kept
def ablation(reader: Reader, model: str, layer: str) -> Ablation:
    """Return `model` with switches for the neurons of `layer`."""
    return Ablation(reader.zoo.model_bytes(model), layer, _provider(reader))


@_kept
def row_reader(reader: Reader, model: str) -> RowReader:
    """Return what reads a picture row by row with the recurrent network `model`."""
    card = reader.zoo.cards[model]
    return RowReader(reader.zoo.model_bytes(model), card.output.kind, card.calibration.temperature, _provider(reader))


@_kept
def convolutions(reader: Reader, model: str) -> tuple[Stage, ...]:
    """Return the convolutions of `model`, from the input on."""
    return stages(reader.zoo.model_bytes(model))


@_kept
def graph_structure(reader: Reader, model: str) -> Structure:
    """Return the operators and tensors of `model`."""
    return structure(reader.zoo.model_bytes(model))


@_kept
def seconds_by_operator(reader: Reader, model: str) -> dict[str, float]:
    """Return how long each operator of `model` takes, measured on an empty picture, as any other would take as long."""
    return operator_seconds(reader.zoo.model_bytes(model), feeds(reader, model, np.zeros((28, 28), np.uint8)))


@st.cache_resource(max_entries=1, show_spinner=False)
def target_models() -> Models[TargetCard]:
    """Return the networks that only the page on privacy attacks."""
    return study.target_models()


def attacked_network(reader: Reader, model: str) -> Network:
    """Return a network that is attacked, of the zoo or of `target_models`. Raises KeyError for one that is refused."""
    if model in reader.zoo.cards:
        return attribution_network(reader, model)
    return _target_network(reader.provider.name, model, target_models().cards[model].sha256)


@st.cache_resource(max_entries=len(PROVIDERS) * len(study.TARGETS), show_spinner=False)
def _target_network(provider: str, model: str, sha256: str) -> Network:
    return Network(target_models().model_bytes(model), provider)


def _provider(reader: Reader) -> str:
    return reader.provider.name if reader.provider.available else "cpu"
