"""What becomes of the digits of sums without a part: against a count of them one by one."""

import numpy as np
import pytest

from glassbox.explain import carrying
from glassbox.explain.interventions import HeadAblation, NeuronAblation
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.graph.transformer_writer import write_transformer
from glassbox.text import sums
from tests.transformers import Changes, Shape, compute, weights

SHAPE = Shape(vocabulary=13, context=sums.LENGTH - 1, layers=1, heads=2, size=3, width=6, neurons=5)
IDS = list(range(1, 13))
A, B = np.random.default_rng(5).integers(0, 1000, (2, 30))


@pytest.fixture(scope="module")
def reader() -> TransformerReader:
    return TransformerReader(write_transformer(weights(SHAPE, seed=2)))


def counted(changes: Changes) -> list[float]:
    """Right with a carry and without, a carry lost, a carry invented."""
    outcomes: dict[bool, list[int | None]] = {True: [], False: []}
    for a, b in zip(A.tolist(), B.tolist(), strict=True):
        ids = [IDS[sums.SYMBOLS.index(symbol)] for symbol in sums.written(a, b)]
        logits = compute(SHAPE, weights(SHAPE, seed=2), ids[:-1], changes).logits
        for place in (1, 2, 3):
            digit = int(logits[sums.ASKED + place - 1].argmax()) - 1
            right = (a + b) // 10**place % 10
            carry = a % 10**place + b % 10**place >= 10**place
            outcomes[carry].append((digit - right) % 10 if 0 <= digit < 10 else None)
    kinds = ((True, 0), (False, 0), (True, 9), (False, 1))
    share = [np.mean([one == by for one in outcomes[carry]]) for carry, by in kinds]
    return [float(one) for one in share]


def test_each_part_is_switched_off_and_its_digits_counted(reader: TransformerReader) -> None:
    found = carrying.digits(reader, A, B, IDS)
    off = [None, HeadAblation(0, 0), HeadAblation(0, 1), NeuronAblation(0)]
    assert [row.off for row in found] == off
    zero = np.zeros(SHAPE.width)
    changes = [
        Changes(),
        *(Changes(heads={(0, head): zero}) for head in (0, 1)),
        Changes(neurons={0: np.zeros(SHAPE.neurons)}),
    ]
    expected = [counted(one) for one in changes]
    assert len({tuple(one) for one in expected}) > 2
    for row, one in zip(found, expected, strict=True):
        assert [row.with_carry, row.without_carry, row.lost, row.invented] == pytest.approx(one)


def test_sums_without_a_carry_alone_are_refused(reader: TransformerReader) -> None:
    with pytest.raises(ValueError, match="some digits must take a carry"):
        carrying.digits(reader, np.array([111]), np.array([222]), IDS)
