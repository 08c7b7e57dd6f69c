"""A visitor's playground: the setup in use, which is in the page's link, the data and the network in training."""

from __future__ import annotations

from dataclasses import replace

from glassbox.playground import data
from glassbox.playground.data import DataSet
from glassbox.playground.setup import NAMES, OWN, Setup, from_query, to_query
from glassbox.playground.trainer import Trainer
from glassbox.ui.base import link
from glassbox.ui.base.state import Entry, Kind, declare

_LEARNED_WITHOUT = ("rate", "discrete", "test")
"""What may change while a network goes on learning."""
_SETUP = declare("playground_setup", Kind.NETWORKS, Setup())
_OWN: Entry[DataSet | None] = declare("playground_own", Kind.NETWORKS, None)
_OWN_VERSION = declare("playground_own_version", Kind.INTERNAL, 0)
_TRAINER: Entry[Trainer | None] = declare("playground_trainer", Kind.NETWORKS, None)
_IDENTITY: Entry[tuple[object, ...]] = declare("playground_identity", Kind.NETWORKS, ())
"""What the trainer learns from and with."""
VERSION = declare("playground_version", Kind.INTERNAL, 0)
"""Counts the trainers."""
STOPPED: Entry[str | None] = declare("playground_stopped", Kind.INTERNAL, None)
"""Why training stopped, in the visitor's language."""


def follow_link() -> None:
    """Take the setup of the page's link if someone came with it or went back to it."""
    if (query := link.followed(NAMES)) is not None:
        take(from_query(query, own=own_data() is not None))


def write_link() -> None:
    """Keep the page's link true: the setup in it, as far as it differs from the standard one."""
    link.carry(NAMES, to_query(setup()))


def setup() -> Setup:
    """The setup in use."""
    return _SETUP.get()


def take(new: Setup) -> None:
    """Use `new` from now on."""
    _SETUP.set(new)


def own_data() -> DataSet | None:
    """The data that the visitor brought, kept as long as the visit lasts."""
    return _OWN.get()


def bring(brought: DataSet) -> None:
    """Keep the visitor's own data and use it."""
    _OWN.set(brought)
    _OWN_VERSION.set(own_version() + 1)
    take(replace(setup(), data=OWN))


def own_version() -> int:
    """How often own data has been brought in this visit."""
    return _OWN_VERSION.get()


def data_set(of: Setup) -> DataSet:
    """The points of a setup."""
    brought = own_data()
    if of.own and brought is not None:
        return brought
    return data.draw(of.data, of.classes, of.noise / 100, of.seed)


def trainer() -> Trainer:
    """The network in training: a new one whenever what it learns from or with has changed."""
    now, kept = setup(), _TRAINER.get()
    identity = _identity(now)
    if kept is None or _IDENTITY.get() != identity:
        kept = Trainer(now, data_set(now))
        _TRAINER.set(kept)
        _IDENTITY.set(identity)
        VERSION.set(VERSION.get() + 1)
        STOPPED.set(None)
    kept.rate = now.rate
    return kept


def _identity(of: Setup) -> tuple[object, ...]:
    own = own_version() if of.own else None
    return (*(getattr(of, name) for name in NAMES if name not in _LEARNED_WITHOUT), own)
