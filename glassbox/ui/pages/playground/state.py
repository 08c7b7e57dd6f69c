"""A visitor's playground: the setup in use, which is in the page's link, the data and the network in training."""

from __future__ import annotations

from dataclasses import replace

from glassbox.playground import data
from glassbox.playground.data import DataSet
from glassbox.playground.lessons import GOALS, LESSONS, same_data
from glassbox.playground.setup import NAMES, OWN, Setup, from_query, to_query
from glassbox.playground.trainer import Trainer
from glassbox.ui.base import link
from glassbox.ui.base.state import Entry, Kind, declare

_CHANGEABLE_IN_TRAINING = ("rate", "discrete", "test")
"""Fields of the setup that may change while a network goes on training."""
_SETUP = declare("playground_setup", Kind.NETWORKS, Setup())
_OWN: Entry[DataSet | None] = declare("playground_own", Kind.NETWORKS, None)
_OWN_VERSION = declare("playground_own_version", Kind.INTERNAL, 0)
_TRAINER: Entry[Trainer | None] = declare("playground_trainer", Kind.NETWORKS, None)
_IDENTITY: Entry[tuple[object, ...]] = declare("playground_identity", Kind.NETWORKS, ())
"""What the trainer was made from: another setup or other data need a new one."""
LESSON: Entry[str | None] = declare("playground_lesson_in_use", Kind.CONTROL, None)
"""The lesson that the setup began as."""
REACHED: Entry[tuple[str, ...]] = declare("playground_goals_reached", Kind.CONTROL, ())
"""The lessons whose goal was reached."""
VERSION = declare("playground_version", Kind.INTERNAL, 0)
"""The number of trainers so far."""
CHANGED_ON_BOARD = declare("playground_reshaped", Kind.INTERNAL, False)
"""Whether the board has changed the setup since the page last ran as a whole."""
STOPPED: Entry[str | None] = declare("playground_stopped", Kind.INTERNAL, None)
"""Why training stopped, in the visitor's language."""


def follow_link() -> None:
    """Take the setup of the page's link if someone came with it or went back to it.

    What was just changed on the board counts: the browser may have sent it before it had the last change's link.
    """
    if CHANGED_ON_BOARD.get():
        CHANGED_ON_BOARD.clear()
    elif (query := link.followed(NAMES)) is not None:
        use(from_query(query, own=own_data() is not None))


def write_link() -> None:
    """Write the setup to the page's link, as far as it differs from the standard one."""
    link.carry(NAMES, to_query(setup()))


def setup() -> Setup:
    """Return the setup in use."""
    return _SETUP.get()


def use(new: Setup) -> None:
    """Use `new` from now on."""
    _SETUP.set(new)


def lesson() -> str | None:
    """Return the lesson in use: the setup is its own or was made of it, of the same data or of what was painted on
    them."""
    now = setup()
    if (exact := next((name for name, one in LESSONS.items() if one == now), None)) is not None:
        LESSON.set(exact)
    name = LESSON.get()
    if name not in LESSONS or not (now.own or same_data(now, LESSONS[name])):
        LESSON.clear()
        return None
    return name


def note_goal() -> None:
    """Note it if the goal of the lesson in use is reached."""
    name = lesson()
    if name and name not in REACHED.get() and GOALS[name].reached(LESSONS[name], setup(), trainer().score):
        REACHED.set((*REACHED.get(), name))


def own_data() -> DataSet | None:
    """Return the data that the visitor brought, kept as long as the visit lasts."""
    return _OWN.get()


def use_own_data(points: DataSet) -> None:
    """Keep the visitor's own data and use it."""
    LESSON.clear()
    _keep(points)


def keep_painted(points: DataSet) -> None:
    """Keep the points that the network in training has now, some of which were painted, and go on training it."""
    _keep(points)
    _IDENTITY.set(_identity(setup()))


def _keep(points: DataSet) -> None:
    _OWN.set(points)
    _OWN_VERSION.set(own_version() + 1)
    use(replace(setup(), data=OWN))


def own_version() -> int:
    """Return how often the visitor brought data."""
    return _OWN_VERSION.get()


def data_set(setup: Setup) -> DataSet:
    """Return the points of a setup."""
    own = own_data()
    if setup.own and own is not None:
        return own
    return data.draw(setup.data, classes=setup.classes, noise=setup.noise / 100, seed=setup.seed)


def trainer() -> Trainer:
    """Return the network in training: a new one whenever what it is made from has changed."""
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


def _identity(setup: Setup) -> tuple[object, ...]:
    own = own_version() if setup.own else None
    return (*(getattr(setup, name) for name in NAMES if name not in _CHANGEABLE_IN_TRAINING), own)
