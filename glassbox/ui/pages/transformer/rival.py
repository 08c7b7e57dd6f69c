"""What attention bought and what it cost: beside a recurrent network that learned from the same texts."""

from collections.abc import Callable, Mapping, Sequence
from math import exp
from typing import NamedTuple

import streamlit as st

from glassbox.text.recurrent_reader import RecurrentReader
from glassbox.trust.cost import energy
from glassbox.trust.cost.energy import Cost
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import sentences, t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts.tables import table
from glassbox.ui.frame import heavy_jobs, transformers
from glassbox.ui.frame.trainings import training_time
from glassbox.ui.pages.transformer import state
from glassbox.ui.pages.transformer.look import Look
from glassbox.zoo.cards import Training
from glassbox.zoo.transformer_models import PoemShares, TransformerCard

SECONDS = 3.0
"""For about how long both are measured."""


class Measured(NamedTuple):
    """What reading one text cost each network, by name: a `Cost` for all of its `characters`, and how many bytes of
    them are `kept` for the next one."""

    costs: Mapping[str, Cost]
    kept: Mapping[str, int]
    characters: int


_MEASURED: Entry[Measured | None] = declare("look_rival_costs", Kind.RESULTS, None)


def draw(look: Look) -> None:
    """Draw both networks side by side, with what a character takes them once that is asked for."""
    rival = state.rival(look.card)
    if rival is None:
        return
    both = (look.card, rival)
    losses = {"perplexity": _perplexity(look.card), "rival_perplexity": _perplexity(rival)}
    st.markdown(sentences(t("transformer.rival.lead", **losses), *_taught(look.card)))
    if st.button(t("transformer.rival.measure"), icon=":material/timer:", key="look_rival_button"):
        _measure(look, rival)
    found = _MEASURED.get()
    measured = found if found and found.costs.keys() == {card.name for card in both} else None
    rows = [*_known(both), *(_costs(measured, both) if measured else [])]
    heads = [t("transformer.rival.what"), *(model_name(card.name) for card in both)]
    table(t("transformer.rival.table"), heads, rows, show_caption=False)
    if measured:
        st.markdown(_verdict(measured, *both))
        kind = "measured" if all(cost.measured for cost in measured.costs.values()) else "estimated"
        st.caption(t(f"transformer.rival.{kind}", count=measured.characters, watts=f"{energy.WATTS_PER_THREAD:g}"))


def _taught(card: TransformerCard) -> list[str]:
    """Return a sentence on the larger network that both learned from, if there was one."""
    teacher = card.training.teacher
    if teacher is None:
        return []
    times = formats.plain(teacher.parameters / card.parameters)
    return [t("transformer.rival.taught", times=times, perplexity=formats.number(exp(teacher.nats)))]


def _perplexity(card: TransformerCard) -> str:
    """Return among how many characters, all alike likely, the network would hesitate as much as it does."""
    return formats.number(exp(card.held_out.nats))


def _known(both: Sequence[TransformerCard]) -> list[list[str]]:
    """Return what the cards tell of both, a row each."""
    tell: Mapping[str, Callable[[TransformerCard], str]] = {
        "perplexity": _perplexity,
        "right": lambda card: formats.percent(card.held_out.accuracy),
        "weights": lambda card: formats.count(card.parameters),
    }
    rows = [[t(f"transformer.rival.{name}"), *map(one, both)] for name, one in tell.items()]
    rows.append(_training([card.training for card in both]))
    if all(map(_regulated, both)):
        rows += [
            [t(f"transformer.rival.{name}"), *(_share(card, share) for card in both)]
            for name, share in (("rule", "regulated"), ("rhyme", "rhyme"))
        ]
    return rows


def _training(both: Sequence[Training]) -> list[str]:
    """Return how long the two learned; where one kind of GPU computed both, its name stands before them."""
    gpus = {one.accelerator.name if one.accelerator else "" for one in both}
    if len(gpus) == 1 and all(gpus):
        kind = "taught" if all(one.teacher for one in both) else "gpu"
        label = t(f"transformer.rival.training_{kind}", gpu=gpus.pop())
        return [label, *(formats.duration(one.seconds) for one in both)]
    return [t("transformer.rival.training"), *map(training_time, both)]


def _regulated(card: TransformerCard) -> list[PoemShares]:
    """Return what was measured of the network's poems that were asked to be regulated."""
    shares = card.poems.shares if card.poems else ()
    return [one for one in shares if (one.kind, one.rule) == ("sampled", "regulated")]


def _share(card: TransformerCard, name: str) -> str:
    """Return a share of `PoemShares` over the regulated poems of both forms."""
    asked = _regulated(card)
    return formats.measured(sum(getattr(one, name) * one.count for one in asked) / sum(one.count for one in asked))


def _verdict(measured: Measured, card: TransformerCard, rival: TransformerCard) -> str:
    """Return in a sentence what attention bought and what it cost."""
    ratio = exp(card.held_out.nats - rival.held_out.nats)
    joules, others = (measured.costs[one.name].joules.value for one in (card, rival))
    words = {
        "front": formats.count(card.front),
        "share": formats.percent(abs(1 - ratio)),
        "energy": formats.number(joules / others),
        "kept": formats.size(measured.kept[card.name]),
        "rival_kept": formats.size(measured.kept[rival.name]),
        "count": formats.count(measured.characters),
    }
    return t("transformer.rival.gained" if ratio < 1 else "transformer.rival.lost", **words)


def _costs(measured: Measured, both: Sequence[TransformerCard]) -> list[list[str]]:
    """Return what a character took both, a row each."""
    count = measured.characters
    costs = [measured.costs[card.name] for card in both]
    tell: Mapping[str, Callable[[Cost], str]] = {
        "speed": lambda cost: formats.count(round(count / cost.seconds.value)),
        "energy": lambda cost: formats.energy(cost.joules.value / count),
    }
    rows = [[t(f"transformer.rival.{name}"), *map(one, costs)] for name, one in tell.items()]
    return [*rows, [t("transformer.rival.kept"), *(formats.size(measured.kept[card.name]) for card in both)]]


def _measure(look: Look, rival: TransformerCard) -> None:
    """Measure both as they read the page's first example character by character, in turn."""
    ids = state.reads(look.card, state.task(look.card).examples[0].text).ids
    front = look.card.front
    cached = transformers.cached(look.card.name, look.provider)
    recurrent = RecurrentReader(transformers.zoo().model_bytes(rival.name), look.provider)
    kept: dict[str, int] = {}

    def by_the_cache() -> None:
        read = cached.start(ids[:front])
        for id in ids[front:]:
            read = cached.step(read, id)
        kept[look.card.name] = sum(part.nbytes for part in read.cache.values())

    def by_the_state() -> None:
        read = recurrent.start(ids[:front])
        for id in ids[front:]:
            read = recurrent.step(read, id)
        kept[rival.name] = read.bytes

    works = {look.card.name: by_the_cache, rival.name: by_the_state}
    with heavy_jobs.turn():
        _MEASURED.set(Measured(energy.measure(works, SECONDS, energy.counter()), kept, len(ids) - front))
