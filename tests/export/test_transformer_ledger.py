"""The exported transformer taken apart, against Keras."""

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs export/requirements.txt")

import keras
import onnx

from export import transformer, transformer_convert
from glassbox.explain.ledger import ledger
from glassbox.explain.lens import LogitLens
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.graph.model import constants
from tests import transformers
from tests.transformers import Array, Shape

pytestmark = pytest.mark.export
IDS = [4, 0, 12, 4, 7]


def pair(neurons: int) -> tuple[keras.Model, onnx.ModelProto, dict[str, Array]]:
    """A network in Keras with random weights, its exported graph, and the weights."""
    sizes = transformer.Shape(vocabulary=13, context=9, layers=2, heads=3, width=12, neurons=neurons)
    shape = Shape(vocabulary=13, context=9, layers=2, heads=3, size=4, width=12, neurons=neurons)
    held, made = transformers.weights(shape), transformer.build("small", sizes)
    made.get_layer("embedded").tokens.assign(held["embedding"])
    made.get_layer("embedded").places.assign(held["places"])
    for name, weight in held.items():
        layer, _, part = name.partition("/W_")
        if part:
            getattr(made.get_layer(layer), part).assign(weight)
    return made, transformer_convert.convert(made), held


@pytest.mark.parametrize("neurons", [20, 0])
def test_every_weight_is_exported_under_its_name(neurons: int) -> None:
    made, exported, held = pair(neurons)
    found = transformer_convert.weights(made)
    assert found.keys() == held.keys()
    kept = constants(exported.graph)
    for name, weight in held.items():
        np.testing.assert_array_equal(kept[name], weight)


@pytest.mark.parametrize("neurons", [20, 0])
def test_ledger_and_lens_of_the_exported_graph_give_what_keras_gives(neurons: int) -> None:
    made, exported, _ = pair(neurons)
    logits = np.asarray(made(np.array([IDS])))[0]
    reading = TransformerReader(exported).read(IDS)
    for position in range(len(IDS)):
        for token, against in ((0, None), (12, None), (5, 3)):
            found = ledger(reading, position, token, against)
            expected = logits[position, token] - (0 if against is None else logits[position, against])
            assert found.error <= 1e-5
            assert found.total == pytest.approx(float(expected), abs=5e-5)
    np.testing.assert_allclose(LogitLens(reading.reader).read(reading).normed[-1], logits, atol=5e-5)
