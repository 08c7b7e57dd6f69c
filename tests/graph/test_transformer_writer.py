"""The written graph against the formulas in plain NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto

from glassbox.engine.session import Session
from glassbox.graph.taps import tap
from glassbox.graph.transformer_writer import weights_of, write_transformer
from tests.gradients import few
from tests.transformers import Shape, compute, shapes, weights

SMALL = Shape(vocabulary=5, context=4, layers=2, heads=2, size=3, width=6, neurons=4)


@given(shapes, st.data())
@few
def test_every_stream_and_logit_is_that_of_the_formulas(shape: Shape, data: st.DataObject) -> None:
    ids = data.draw(st.lists(st.integers(0, shape.vocabulary - 1), min_size=1, max_size=shape.context))
    held = weights(shape)
    expected = compute(shape, held, ids)
    behind = "feedforward" if shape.neurons else "attention"
    streams = ["embedded", *(f"{behind}{i}" for i in range(shape.layers))]
    session = Session(tap(write_transformer(held), streams).SerializeToString())
    outputs = session.run({"ids": np.array([ids])}).outputs
    np.testing.assert_allclose(outputs["logits"][0], expected.logits, atol=2e-4)
    for name, stream in zip(streams, expected.streams, strict=True):
        np.testing.assert_allclose(outputs[name][0], stream, atol=2e-4)


@given(shapes)
@few
def test_the_weights_are_found_again(shape: Shape) -> None:
    held = weights(shape)
    found = weights_of(write_transformer(held).SerializeToString())
    assert found.keys() == held.keys()
    for name, weight in held.items():
        np.testing.assert_array_equal(found[name], weight)


def test_a_missing_weight_is_named() -> None:
    held = weights(SMALL)
    del held["attention1/W_write"]
    with pytest.raises(KeyError, match="attention1/W_write"):
        write_transformer(held)


def test_sizes_come_from_the_weights() -> None:
    model = write_transformer(weights(SMALL), name="poet")
    assert model.graph.name == "poet"
    (logits,) = model.graph.output
    assert logits.type.tensor_type.elem_type == TensorProto.FLOAT
    assert [d.dim_param or d.dim_value for d in logits.type.tensor_type.shape.dim] == ["N", "T", 5]
