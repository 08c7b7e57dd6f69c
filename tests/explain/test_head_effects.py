"""What each head looks at, writes and changes where it is switched off: against the formulas without it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassbox.calibration import softmax
from glassbox.explain.head_effects import head_effects
from glassbox.explain.interventions import HeadAblation, Intervention
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.graph.transformer_writer import write_transformer
from tests.explain.one_position import Change, effects_at
from tests.explain.test_interventions import changes, interventions, means, reader
from tests.gradients import few
from tests.transformers import Array, Shape, compute, norm, shapes, weights

SMALL = Shape(vocabulary=5, context=4, layers=2, heads=2, size=3, width=6, neurons=4)
IDS = [3, 0, 3, 1]


def said(logits: Array, token: int, against: int | None) -> tuple[float, float]:
    """The logit, or its difference from another, and the probability."""
    share = np.exp(logits[token]) / np.exp(logits).sum()
    return logits[token] - (0 if against is None else logits[against]), share


@given(shapes, st.data())
@few
def test_every_position_is_as_it_is_by_itself(shape: Shape, data: st.DataObject) -> None:
    tokens = st.integers(0, shape.vocabulary - 1)
    ids = data.draw(st.lists(tokens, min_size=1, max_size=shape.context))
    asked = data.draw(st.lists(tokens, min_size=len(ids), max_size=len(ids)))
    reading = reader(shape).read(ids, data.draw(interventions(shape)))
    for mean in (False, True):
        found = head_effects(reading, asked, mean=mean)
        assert found.shape == (shape.layers, shape.heads, len(ids))
        for position, token in enumerate(asked):
            share = softmax(reading.logits[position])[token]
            for one in effects_at(reading, position, token):
                change = one.mean if mean else one.zero
                assert change and found[one.layer, one.head, position] - share == pytest.approx(
                    change.probability, abs=1e-5
                )


def test_a_token_a_position_is_asked_for_and_one_that_there_is() -> None:
    reading = TransformerReader(write_transformer(weights(SMALL))).read(IDS)
    with pytest.raises(ValueError, match="4 of them, not 3"):
        head_effects(reading, [0, 1, 2])
    with pytest.raises(ValueError, match="no token has the id 5"):
        head_effects(reading, [0, 1, 2, 5])
    with pytest.raises(ValueError, match="no means"):
        head_effects(reading, [0, 1, 2, 3], mean=True)


@given(shapes, st.booleans(), st.data())
@few
def test_each_head_is_removed_as_in_the_formulas(shape: Shape, difference: bool, data: st.DataObject) -> None:
    tokens = st.integers(0, shape.vocabulary - 1)
    ids = data.draw(st.lists(tokens, min_size=1, max_size=shape.context))
    position = data.draw(st.integers(0, len(ids) - 1))
    token, against = data.draw(tokens), data.draw(tokens) if difference else None
    made: list[Intervention] = data.draw(interventions(shape))
    found = effects_at(reader(shape).read(ids, made), position, token, against)
    assert [(one.layer, one.head) for one in found] == list(np.ndindex(shape.layers, shape.heads))

    held = weights(shape)
    computed = compute(shape, held, ids, changes(shape, made))
    whole = said(computed.logits[position], token, against)
    toward = held["embedding"][token].astype(np.float64) - (0 if against is None else held["embedding"][against])
    stream = computed.streams[-1][position]
    for one in found:
        for mean, change in ((False, one.zero), (True, one.mean)):
            without = changes(shape, [*made, HeadAblation(one.layer, one.head, mean)])
            expected = said(compute(shape, held, ids, without).logits[position], token, against)
            assert change == pytest.approx(tuple(np.subtract(expected, whole)), abs=1e-4)
        written = sum(computed.heads.get((one.layer, one.head, position, s), 0) for s in range(position + 1))
        scale = np.linalg.norm(norm(stream)) / np.linalg.norm(stream)
        assert one.amount == pytest.approx(scale * np.sum(written * toward), abs=5e-5)


def test_attention_is_that_of_the_position_to_the_source_or_where_it_is_largest() -> None:
    reading = TransformerReader(write_transformer(weights(SMALL))).read(IDS)
    attention = [reading.tensors[f"attention{layer}/attention"][0] for layer in range(2)]
    for one in effects_at(reading, 2, 4):
        row = attention[one.layer][one.head, 2]
        assert (one.source, one.attention) == (row.argmax(), row.max())
        assert one.mean is None and isinstance(one.zero, Change)
    for one in effects_at(reading, 2, 4, source=1):
        assert (one.source, one.attention) == (1, attention[one.layer][one.head, 2, 1])


def test_what_is_not_there_is_refused_by_name() -> None:
    reading = TransformerReader(write_transformer(weights(SMALL)), means=means(SMALL)).read(IDS)
    with pytest.raises(ValueError, match="no position 4; 4 tokens were read"):
        effects_at(reading, 4, 0)
    with pytest.raises(ValueError, match="no position 7"):
        effects_at(reading, 3, 0, source=7)
    with pytest.raises(ValueError, match="no token has the id 5"):
        effects_at(reading, 3, 0, against=5)
