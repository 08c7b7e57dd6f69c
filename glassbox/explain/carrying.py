"""Which part of a network that adds takes the carry along? What each digit of a sum becomes without that part."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.explain import head_circuits
from glassbox.explain.head_circuits import Texts
from glassbox.explain.interventions import HeadAblation, Intervention, NeuronAblation
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.text import sums

Numbers = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Digits:
    """Digits of sums while the part `off` is off: which share is right of those that take a carry (`with_carry`) and of
    those that take none (`without_carry`); `lost`: the share of the former that come out one less, as if no carry had
    come; `invented`: of the latter that come out one more."""

    off: Intervention | None
    with_carry: float
    without_carry: float
    lost: float
    invented: float


def parts(reader: TransformerReader) -> Iterator[Intervention]:
    """Return each head and each layer's neurons, switched off."""
    every = head_circuits.heads(reader)
    for number, layer in enumerate(reader.parts.layers):
        yield from (HeadAblation(*head) for head in every if head[0] == number)
        if layer.feedforward:
            yield NeuronAblation(number)


def digits(reader: TransformerReader, a: Numbers, b: Numbers, ids: list[int]) -> list[Digits]:
    """Return what becomes of the digits of the sums of `a` and `b`, (n,): first with all parts on, then without each.

    `ids`: the tokens of sums.SYMBOLS. The network reads the right digits in front of each that it writes. The ones,
    which never take a carry, are left out. Raises ValueError unless digits with and without carry are among them.
    """
    texts = Texts(sums.encoded(a, b, ids), np.ones((len(a), sums.LENGTH - 1), bool))
    carries = sums.carries(a, b)[:, 1:]
    if carries.all() or not carries.any():
        raise ValueError("some digits must take a carry and some none")
    expected = texts.ids[:, sums.ASKED + 1 :]
    value = np.full(reader.vocabulary, -100)
    value[ids[:10]] = np.arange(10)
    return [
        _digits(off, (value[found] - value[expected]), carries)
        for off in (None, *parts(reader))
        for found in [head_circuits.foreseen(reader, texts, [off] if off else [])[:, sums.ASKED :]]
    ]


def _digits(off: Intervention | None, wrong_by: Numbers, carries: NDArray[np.bool_]) -> Digits:
    taken, none = wrong_by[carries], wrong_by[~carries]
    return Digits(
        off=off,
        with_carry=float((taken == 0).mean()),
        without_carry=float((none == 0).mean()),
        lost=float(np.isin(taken, (-1, 9)).mean()),
        invented=float(np.isin(none, (1, -9)).mean()),
    )
