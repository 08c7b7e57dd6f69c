"""What a visitor's training is: its setup, which is in the page's link, the letters asked, and the network."""

from collections.abc import Mapping
from dataclasses import replace

from glassbox.training.sequence_trainer import Trainer
from glassbox.training.sequences import HEADS, RATES, SEEDS, TASKS, Setup
from glassbox.ui.base import link
from glassbox.ui.base.state import Entry, Kind, declare

QUESTION = "cab"
"""What is asked at first."""
NAMES = ("task", "rate", "heads", "positions", "seed")
_SETUP = declare("sorting_setup", Kind.NETWORKS, Setup())
_TRAINER: Entry[Trainer | None] = declare("sorting_trainer", Kind.NETWORKS, None)
LETTERS = declare("sorting_letters", Kind.TEXTS, QUESTION)
VERSION = declare("sorting_version", Kind.INTERNAL, 0)
"""The number of trainers so far."""
STOPPED: Entry[str | None] = declare("sorting_stopped", Kind.INTERNAL, None)
"""Why training stopped, in the visitor's language."""


def follow_link() -> None:
    """Take the setup of the page's link if someone came with it or went back to it."""
    if (query := link.followed(NAMES)) is not None:
        use(from_query(query))


def write_link() -> None:
    """Write the setup to the page's link, as far as it differs from the standard one."""
    link.carry(NAMES, to_query(setup()))


def setup() -> Setup:
    """Return the setup in use."""
    return _SETUP.get()


def use(new: Setup) -> None:
    """Use `new` from now on."""
    _SETUP.set(new)


def trainer() -> Trainer:
    """Return the network in training: a new one whenever more than the rate has changed."""
    now, kept = setup(), _TRAINER.get()
    if kept is None or replace(kept.setup, rate=now.rate) != now:
        kept = Trainer(now)
        _TRAINER.set(kept)
        VERSION.set(VERSION.get() + 1)
        STOPPED.set(None)
    kept.rate = now.rate
    return kept


def to_query(setup: Setup) -> dict[str, str]:
    """Return what of `setup` differs from the standard one, as the parameters of a link."""
    texts, standard = _texts(setup), _texts(Setup())
    return {name: text for name, text in texts.items() if text != standard[name]}


def from_query(query: Mapping[str, str]) -> Setup:
    """Return the setup of a link, the standard where it is missing, forged or wrong."""
    offered = {"task": TASKS, "rate": RATES, "heads": HEADS, "positions": (False, True), "seed": range(SEEDS)}
    values = {
        name: option for name, options in offered.items() for option in options if _text(option) == query.get(name)
    }
    return replace(Setup(), **values)  # type: ignore[arg-type]


def _texts(setup: Setup) -> dict[str, str]:
    return {name: _text(getattr(setup, name)) for name in NAMES}


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
