"""The transformer and its ONNX graph, each against the other and against the formulas."""

from dataclasses import replace

import numpy as np
import onnxruntime
import pytest

pytest.importorskip("tensorflow", reason="needs export/requirements.txt")

import keras
import onnx

from export import transformer, transformer_convert
from glassbox.graph.structure import structure
from glassbox.graph.taps import tap

pytestmark = pytest.mark.export
SHAPE = transformer.Shape(vocabulary=13, context=9, layers=2, heads=3, width=12, neurons=20, dropout=0.1)
IDS = np.random.default_rng(2).integers(0, 13, (4, 9))


def model(neurons: int = 20, dropout: float = 0.1) -> keras.Model:
    """A transformer with random weights, also where it begins with zeros."""
    sizes = replace(SHAPE, neurons=neurons, dropout=dropout)
    made = transformer.build("small", sizes)
    rng = np.random.default_rng(1)
    for weight in made.trainable_variables:
        weight.assign(rng.normal(0, 0.4, weight.shape))
    return made


def run(converted: onnx.ModelProto, ids: np.ndarray, *names: str) -> list[np.ndarray]:
    content = tap(converted, list(names)).SerializeToString()
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(list(names), {"ids": ids})


@pytest.mark.parametrize("neurons", [20, 0])
@pytest.mark.parametrize("steps", [9, 4, 1])
def test_every_layer_gives_what_keras_gives(neurons: int, steps: int) -> None:
    made = model(neurons)
    found = transformer_convert.differences(made, transformer_convert.convert(made), IDS[:, :steps])
    assert len(found) == (6 if neurons else 4)


def test_a_layer_that_differs_is_refused() -> None:
    made = model()
    converted = transformer_convert.convert(made)
    made.get_layer("attention1").value.assign_add(np.full((3, 12, 4), 0.01, np.float32))
    with pytest.raises(ValueError, match="attention1"):
        transformer_convert.differences(made, converted, IDS)


def test_the_graph_is_small_and_of_plain_operators() -> None:
    converted = transformer_convert.convert(transformer.build("poet", transformer.Shape(50, 36, 4, 4, 16, 64)))
    assert len(converted.graph.node) == 124
    assert {node.op_type for node in converted.graph.node} == {
        *(
            "Add",
            "Concat",
            "CumSum",
            "Div",
            "Expand",
            "Gather",
            "MatMul",
            "Mul",
            "ReduceMean",
            "ReduceSum",
            "Relu",
            "Shape",
        ),
        *("Softmax", "Sqrt", "Transpose", "Trilu", "Unsqueeze"),
    }
    assert converted.opset_import[0].version == 18


def test_every_shape_is_known_but_for_the_batch_and_the_steps() -> None:
    converted = transformer_convert.convert(model())
    values = {
        v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in converted.graph.value_info
    }
    assert values["mask"] == ["T", "T"]
    assert values["attention1/attention"] == ["N", 3, "T", "T"]
    assert values["attention1/head_writes"] == ["N", 3, "T", 12]
    assert values["feedforward0/neurons"] == ["N", "T", 20]
    attention = 3 * 12 * 12 + 2 * 12 + 12 * 12  # for one token, which reads itself alone
    assert structure(converted).multiply_adds == 2 * (attention + 2 * 12 * 20) + 12 * 13


def test_each_heads_attention_and_write_are_the_formulas() -> None:
    made = model()
    converted = transformer_convert.convert(made)
    names = ("embedded", "attention0/attention", "attention0/head_writes", "attention0")
    stream, attention, write, after = run(converted, IDS, *names)
    normed = stream / np.sqrt((stream**2).mean(-1, keepdims=True) + transformer.EPSILON)
    layer = made.get_layer("attention0")
    query, key, value, output = (np.asarray(w) for w in (layer.query, layer.key, layer.value, layer.write))
    for head in range(3):
        for n in range(4):
            x = normed[n]
            scores = (x @ query[head]) @ (x @ key[head]).T / np.sqrt(4)
            for t in range(9):  # a token reads itself and those before it
                weights = np.exp(scores[t, : t + 1])
                weights /= weights.sum()
                np.testing.assert_allclose(attention[n, head, t, : t + 1], weights, atol=1e-5)
                assert not attention[n, head, t, t + 1 :].any()
            np.testing.assert_allclose(write[n, head], attention[n, head] @ (x @ value[head]) @ output[head], atol=1e-4)
    np.testing.assert_allclose(after, stream + write.sum(1), atol=1e-5)


def test_no_logit_depends_on_what_comes_later() -> None:
    converted = transformer_convert.convert(model())
    changed = IDS.copy()
    changed[:, 5:] = (changed[:, 5:] + 1) % 13
    (whole,), (other,) = run(converted, IDS, "logits"), run(converted, changed, "logits")
    np.testing.assert_allclose(whole[:, :5], other[:, :5], atol=1e-6)
    assert np.abs(whole[:, 5:] - other[:, 5:]).max() > 0.1


def test_training_alone_multiplies_rounded_numbers() -> None:
    made = model(dropout=0.0)
    exact, again, rounded = (np.asarray(made(IDS, training=training)) for training in (False, False, True))
    np.testing.assert_array_equal(exact, again)
    assert 0 < np.abs(rounded.astype(np.float32) - exact).max() < 0.02 * np.abs(exact).max()
