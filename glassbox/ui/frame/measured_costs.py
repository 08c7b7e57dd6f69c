"""What an answer of each network takes on this machine: measured once for all visitors, the same on every page."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.digits.reader import Reader
from glassbox.trust.cost import compression, energy, footprint
from glassbox.trust.cost.energy import EnergyCounter
from glassbox.trust.cost.footprint import MeasuredVersion
from glassbox.ui.base.i18n import t

CACHE_SECONDS = 3600
"""After which the machine is measured anew."""


@dataclass(frozen=True)
class Measurement:
    """The measured `versions` by name, the counter of energy that was used, and when (`at`, of time.monotonic,
    which no change of the clock moves)."""

    versions: Mapping[str, MeasuredVersion]
    counter: EnergyCounter
    at: float


def measured(reader: Reader, digit: NDArray[np.uint8]) -> Measurement:
    """Return the last measurement on this machine; the first visitor waits about a second, and is told so."""
    count = len(compression.networks()) * len(compression.ALL)
    with st.spinner(t("frame.measured_costs.measuring", count=count)):
        return _measured(reader, digit)


def forget() -> None:
    """Let the machine be measured anew."""
    _measured.clear()


@st.cache_resource(ttl=CACHE_SECONDS, max_entries=1, show_spinner=False)
def _measured(_reader: Reader, _digit: NDArray[np.uint8]) -> Measurement:
    counter = energy.counter()
    versions = compression.versions(_reader.zoo)
    return Measurement(versions=footprint.measure(versions, _digit, counter), counter=counter, at=time.monotonic())
