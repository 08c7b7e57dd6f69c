"""A visitor's playground: the setup in use, which is in the page's link, the data and the network in training."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from glassbox.playground import data
from glassbox.playground.data import DataSet
from glassbox.playground.setup import NAMES, OWN, Setup, from_query, to_query
from glassbox.playground.trainer import Trainer
from glassbox.ui.base import link

_LEARNED_WITHOUT = ("rate", "discrete", "test")
"""What may change while a network goes on learning."""


def follow_link() -> None:
    """Take the setup of the page's link if someone came with it or went back to it."""
    if (query := link.followed(NAMES)) is not None:
        take(from_query(query, own=own_data() is not None))


def write_link() -> None:
    """Keep the page's link true: the setup in it, as far as it differs from the standard one."""
    link.carry(NAMES, to_query(setup()))


def setup() -> Setup:
    """The setup in use."""
    current: Setup = st.session_state.setdefault("playground_setup", Setup())
    return current


def take(new: Setup) -> None:
    """Use `new` from now on."""
    st.session_state["playground_setup"] = new


def own_data() -> DataSet | None:
    """The data that the visitor brought, kept as long as the visit lasts."""
    brought: DataSet | None = st.session_state.get("playground_own")
    return brought


def bring(brought: DataSet) -> None:
    """Keep the visitor's own data and use it."""
    st.session_state["playground_own"] = brought
    st.session_state["playground_own_version"] = own_version() + 1
    take(replace(setup(), data=OWN))


def own_version() -> int:
    """How often own data has been brought in this visit."""
    version: int = st.session_state.get("playground_own_version", 0)
    return version


def data_set(of: Setup) -> DataSet:
    """The points of a setup."""
    brought = own_data()
    if of.own and brought is not None:
        return brought
    return data.draw(of.data, of.classes, of.noise / 100, of.seed)


def trainer() -> Trainer:
    """The network in training: a new one whenever what it learns from or with has changed."""
    now, kept = setup(), st.session_state.get("playground_trainer")
    identity = _identity(now)
    if kept is None or st.session_state.get("playground_identity") != identity:
        kept = Trainer(now, data_set(now))
        st.session_state["playground_trainer"] = kept
        st.session_state["playground_identity"] = identity
        st.session_state["playground_version"] = st.session_state.get("playground_version", 0) + 1
        st.session_state["playground_stopped"] = None
    kept.rate = now.rate
    running: Trainer = kept
    return running


def _identity(of: Setup) -> tuple[object, ...]:
    own = own_version() if of.own else None
    return (*(getattr(of, name) for name in NAMES if name not in _LEARNED_WITHOUT), own)
