"""The graph that writes by itself writes what is the likeliest token by token."""

import numpy as np
import onnx
import pytest

from glassbox.engine.session import Session
from glassbox.graph.greedy_writer import greedy_writer
from glassbox.graph.transformer_writer import write_transformer
from tests.transformers import Shape, weights

SHAPES = [
    Shape(vocabulary=11, context=9, layers=2, heads=3, size=4, width=10, neurons=7, biases=True),
    Shape(vocabulary=30, context=12, layers=1, heads=1, size=2, width=6, neurons=0),
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("begin", [[[3], [5]], [[2, 4, 1]]])
def test_each_token_is_the_likeliest_behind_all_before(shape: Shape, begin: list[list[int]]) -> None:
    model = write_transformer(weights(shape))
    writer = greedy_writer(model)
    onnx.checker.check_model(writer)
    count = shape.context - len(begin[0]) + 1
    session, texts = Session(model.SerializeToString()), np.array(begin)
    for _ in range(count):
        logits = session.run({"ids": texts}, ["logits"]).outputs["logits"]
        texts = np.concatenate([texts, logits[:, -1].argmax(axis=-1)[:, None]], axis=1)
    written = Session(writer.SerializeToString()).run({"begin": np.array(begin), "count": np.array(count)}).outputs
    assert written["written"].shape == (count, len(begin), 1)
    np.testing.assert_array_equal(written["written"][:, :, 0].T, texts[:, len(begin[0]) :])


def test_another_model_is_refused() -> None:
    identity = onnx.helper.make_node("Identity", ["ids"], ["logits"])
    given = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.INT64, ["N"]) for name in ("ids", "logits")]
    graph = onnx.helper.make_graph([identity], "other", given[:1], given[1:])
    with pytest.raises(ValueError, match=r"."):
        greedy_writer(onnx.helper.make_model(graph))
