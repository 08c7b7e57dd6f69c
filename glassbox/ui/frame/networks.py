"""The networks prepared for looking inside, once for all visitors."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits.reader import Reader
from glassbox.digits.tensors import as_input, rescaled
from glassbox.explain.terms.explain import Inside, Tapped


def inside(reader: Reader, model: str, digit: NDArray[np.uint8]) -> Inside:
    """Every number inside `model` as it reads `digit`, uint8 (28, 28). Raises KeyError if the zoo lacks it."""
    tapped = _tapped(reader.provider.name, model, reader.zoo.cards[model].sha256, _reader=reader)
    return tapped.run(feeds(reader, model, digit))


def feeds(reader: Reader, model: str, digit: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """`digit`, uint8 (28, 28), as `model` takes it: float32 in [0, 1], a batch of one, with a channel if it has one."""
    given = reader.zoo.cards[model].input
    return {given.name: as_input(rescaled(digit), given.shape)}


@st.cache_resource(max_entries=12, show_spinner=False)
def _tapped(provider: str, model: str, sha256: str, _reader: Reader) -> Tapped:
    return Tapped(_reader.zoo.model_bytes(model), provider)
