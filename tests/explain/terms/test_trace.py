"""The heaviest thread, in a network small enough to follow by hand and in the shipped ones."""

from itertools import pairwise

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from glassbox.explain.terms.explain import Tapped
from glassbox.explain.terms.trace import trace
from glassbox.zoo import digit_models

DIGIT = np.random.default_rng(3).random((28, 28), np.float32)


def test_thread_takes_the_heaviest_term_and_the_winner_of_a_maximum() -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["sums"]),
        helper.make_node("Max", ["sums", "x"], ["out"]),
    ]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 2]) for name in ("x", "out"))
    weights = numpy_helper.from_array(np.array([[1, 1], [2, -4]], np.float32), "w")
    graph = helper.make_graph(nodes, "small", [x], [y], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    inside = Tapped(model).run({"x": np.array([[3, 2]], np.float32)})  # sums: 7, -5; out: 7, 2
    assert [(one.tensor, one.index) for one in trace(inside, "out", (0, 0))] == [
        ("out", (0, 0)),
        ("sums", (0, 0)),
        ("x", (0, 1)),
    ]
    assert [(one.tensor, one.index) for one in trace(inside, "out", (0, 1))] == [("out", (0, 1)), ("x", (0, 1))]


@pytest.mark.parametrize("name", digit_models.names())
def test_every_network_leads_back_to_a_pixel(name: str) -> None:
    shipped = digit_models.load()
    shape = [size if isinstance(size, int) else 1 for size in shipped.cards[name].input.shape]
    inside = Tapped(shipped.model_bytes(name)).run({"picture": DIGIT.reshape(shape)})
    thread = trace(inside, shipped.cards[name].output.name, (0, 3))
    assert thread[-1].tensor == "picture"
    for number, nearer in pairwise(thread):
        assert (nearer.tensor, nearer.index) in {(term.source, term.source_index) for term in number.terms}


def test_unknown_tensor_is_named() -> None:
    inside = Tapped(digit_models.load().model_bytes("mlp")).run({"picture": DIGIT[None]})
    with pytest.raises(ValueError, match="nowhere"):
        trace(inside, "nowhere", (0,))
