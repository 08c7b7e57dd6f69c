"""A text read by a transformer: its logits are the formulas', and what is no text is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassbox.explain.transformer_reader import TransformerReader
from glassbox.graph.transformer_writer import write_transformer
from tests.gradients import few
from tests.transformers import Shape, compute, shapes, weights

SMALL = Shape(vocabulary=5, context=4, layers=1, heads=2, size=3, width=6, neurons=4)


@given(shapes, st.data())
@few
def test_logits_and_streams_are_the_formulas(shape: Shape, data: st.DataObject) -> None:
    held = weights(shape)
    ids = data.draw(st.lists(st.integers(0, shape.vocabulary - 1), min_size=1, max_size=shape.context))
    reading = TransformerReader(write_transformer(held)).read(ids)
    expected = compute(shape, held, ids)
    assert reading.steps == len(ids)
    np.testing.assert_allclose(reading.logits, expected.logits, atol=2e-5)
    for name, stream in zip(reading.reader.parts.streams, expected.streams, strict=True):
        np.testing.assert_allclose(reading.tensors[name][0], stream, atol=2e-5)
    np.testing.assert_array_equal(reading.inside.tensors["logits"][0], reading.logits)


@pytest.mark.parametrize(
    ("ids", "why"),
    [
        ([], "1 to 4 tokens"),
        ([0] * 5, "1 to 4 tokens"),
        ([[0, 1]], "1 to 4 tokens"),
        ([0.5], "whole numbers"),
        ([0, 5], "no token has the id 5; there are 5"),
        ([-1], "no token has the id -1"),
    ],
)
def test_what_is_no_text_is_refused(ids: list[int], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        TransformerReader(write_transformer(weights(SMALL))).read(ids)
