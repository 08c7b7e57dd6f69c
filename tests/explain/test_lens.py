"""The logit lens against a transformer in float64, with the last norm and without."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassbox.explain.lens import Lens, LogitLens
from glassbox.explain.transformer_reader import TransformerReader, TransformerReading
from glassbox.graph.transformer_writer import write_transformer
from tests.gradients import few
from tests.transformers import Shape, compute, norm, shapes, weights

SMALL = Shape(vocabulary=5, context=4, layers=2, heads=2, size=3, width=6, neurons=4)
IDS = [3, 0, 3, 1]


def small() -> TransformerReading:
    return TransformerReader(write_transformer(weights(SMALL))).read(IDS)


@given(shapes, st.data())
@few
def test_logits_behind_each_layer_are_the_formulas(shape: Shape, data: st.DataObject) -> None:
    held = weights(shape)
    ids = data.draw(st.lists(st.integers(0, shape.vocabulary - 1), min_size=1, max_size=shape.context))
    reading = TransformerReader(write_transformer(held)).read(ids)
    found = LogitLens(reading.reader).read(reading)
    expected, unembedding = compute(shape, held, ids), held["embedding"].astype(np.float64)
    bias = held.get("b_logits", 0)
    assert len(found.streams) == shape.layers + 1 and found.positions == tuple(range(len(ids)))
    for stage, stream in enumerate(expected.streams):
        for t in range(len(ids)):
            with_norm, without = unembedding @ norm(stream[t]) + bias, unembedding @ stream[t] + bias
            np.testing.assert_allclose(found.at(t)[stage], with_norm, atol=5e-5)
            np.testing.assert_allclose(found.at(t, with_norm=False)[stage], without, atol=5e-5)
    np.testing.assert_array_equal(found.normed[-1], reading.logits)


def test_some_positions_are_those_of_all() -> None:
    reading = small()
    lens = LogitLens(reading.reader)
    every, some = lens.read(reading), lens.read(reading, [3, 1])
    assert some.normed.shape == (3, 2, 5)
    for position in (1, 3):
        for with_norm in (True, False):
            np.testing.assert_allclose(some.at(position, with_norm), every.at(position, with_norm), atol=1e-6)


def test_top_tokens_come_with_the_softmax_of_their_own_logits() -> None:
    reading = small()
    found = LogitLens(reading.reader).read(reading)
    for with_norm, table in ((True, found.normed), (False, found.raw)):
        top = found.top(2, 5, with_norm)
        assert len(top) == 3
        for logits, guesses in zip(table[:, 2].astype(float), top, strict=True):
            assert [guess.token for guess in guesses] == sorted(range(5), key=lambda token: -logits[token])
            for token, logit, probability in guesses:
                assert logit == logits[token]
                assert probability == pytest.approx(1 / sum(np.exp(logits - logits[token])), rel=1e-9)
        assert [guesses[:2] for guesses in top] == found.top(2, 2, with_norm)


def test_the_norm_keeps_the_order_and_changes_the_probabilities() -> None:
    reading = small()
    found = LogitLens(reading.reader).read(reading)
    with_norm, without = found.top(3, 5), found.top(3, 5, with_norm=False)
    for a, b in zip(with_norm, without, strict=True):
        assert [guess.token for guess in a] == [guess.token for guess in b]
        assert a[0].probability != pytest.approx(b[0].probability, rel=1e-3)


def test_a_position_that_was_not_read_is_refused() -> None:
    reading = small()
    lens = LogitLens(reading.reader)
    with pytest.raises(ValueError, match="no position 4; 4 tokens were read"):
        lens.read(reading, [4])
    with pytest.raises(ValueError, match="position 0 was not read; there are 1, 2"):
        lens.read(reading, [1, 2]).at(0)


@given(st.lists(st.integers(-2, 2), min_size=1, max_size=30), st.integers(1, 31))
@few
def test_of_equal_tokens_the_lower_id_is_first(logits: list[int], count: int) -> None:
    table = np.array(logits, np.float32)[None, None]
    found = Lens(("stream",), (0,), table, table).top(0, count)
    assert [guess.token for guess in found[0]] == sorted(range(len(logits)), key=lambda i: (-logits[i], i))[:count]
