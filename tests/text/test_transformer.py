"""glassbox.text.transformer: a text read on, token by token, against the same read at once by the first graph."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassbox.engine.session import Session
from glassbox.graph.transformer_writer import write_transformer
from glassbox.text.transformer import CachedTransformer
from tests.gradients import few
from tests.transformers import Array, Shape, shapes, weights


def last_logits(session: Session, ids: tuple[int, ...]) -> Array:
    return session.run({"ids": np.array([ids], np.int64)}).outputs["logits"][0, -1]


@given(shapes, st.integers(1, 30), st.integers(0, 30), st.integers(0, 99))
@few
def test_read_on_or_at_once_the_state_is_the_same(shape: Shape, count: int, more: int, seed: int) -> None:
    model = write_transformer(weights(shape))
    ids = tuple(np.random.default_rng(seed).integers(0, shape.vocabulary, count + more).tolist())
    reader, whole = CachedTransformer(model, shape.context), Session(model.SerializeToString())
    state = reader.start(ids[:count])
    for place in range(count, count + more):
        state = reader.step(state, ids[place])
        at_once = reader.start(ids[: place + 1])
        assert state.ids == at_once.ids == ids[place + 1 - len(state.ids) : place + 1]
        assert min(place + 1, shape.context - max(shape.context // 2, 1) + 1) <= len(state.ids) <= shape.context
        np.testing.assert_allclose(state.logits, at_once.logits, atol=1e-4)
        np.testing.assert_allclose(state.logits, last_logits(whole, state.ids), atol=1e-4)
        assert {array.shape for array in state.cache.values()} == {(1, shape.heads, len(state.ids), shape.size)}


def test_a_step_leaves_the_state_as_it_is() -> None:
    shape = Shape(vocabulary=5, context=6, layers=2, heads=2, size=3, width=6, neurons=4)
    reader = CachedTransformer(write_transformer(weights(shape)), 6)
    state = reader.start([1, 2, 3])
    kept = {name: array.copy() for name, array in state.cache.items()}
    one, other = reader.step(state, 1), reader.step(state, 4)
    assert all(np.array_equal(kept[name], state.cache[name]) for name in kept)
    assert np.abs(one.logits - other.logits).max() > 0.01
    np.testing.assert_array_equal(one.logits, reader.step(state, 1).logits)


def test_another_model_is_refused() -> None:
    with pytest.raises(ValueError, match="not an ONNX model"):
        CachedTransformer(b"nothing", 6)
