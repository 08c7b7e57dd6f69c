"""On a GPU the shipped networks, and graphs that were made of them, give what they give on the processor."""

import numpy as np
import pytest

from glassbox.engine.session import Session, provider_state
from glassbox.graph.gradient import differentiate, score_tensor
from glassbox.graph.model import read as read_model
from glassbox.graph.optimisers import Adam
from glassbox.graph.training import start, training_graph
from glassbox.paths import MODELS
from glassbox.text.transformer import CachedTransformer

pytestmark = pytest.mark.skipif(not provider_state("cuda").available, reason="needs onnxruntime-gpu and an NVIDIA GPU")
PROVIDER = "cuda"
RNG = np.random.default_rng(5)
DIGITS = ("mlp", "cnn", "cnn_deep", "rnn", "lstm", "gru", "cnn_int8_static", "cnn_fp16")


def file(name: str) -> bytes:
    return (MODELS / name / "1" / "model.onnx").read_bytes()


def expect_alike(model: bytes, feeds: dict[str, np.ndarray], share: float = 1e-5) -> None:
    """Every output lies within `share` of its largest number."""
    ours = Session(model, PROVIDER)
    assert ours.provider == PROVIDER
    outputs, expected = (one.run(feeds).outputs for one in (ours, Session(model)))
    for name, value in expected.items():
        np.testing.assert_allclose(outputs[name], value, rtol=0, atol=share * np.abs(value).max(), err_msg=name)


@pytest.mark.parametrize("name", DIGITS)
def test_digits(name: str) -> None:
    model = file(name)
    ((picture, shape),) = Session(model).inputs.items()
    share = 2e-2 if "int8" in name else 2e-3 if "fp16" in name else 1e-5
    expect_alike(model, {picture: RNG.random((5, *shape[1:]), np.float32)}, share)


@pytest.mark.parametrize("name", ("poet_zh", "poet_en", "induction"))
def test_transformers(name: str) -> None:
    expect_alike(file(name), {"ids": RNG.integers(3, 12, (3, 12))}, 1e-4)


def test_a_transformer_that_keeps_keys_and_values() -> None:
    ids = RNG.integers(3, 30, 12).tolist()
    found = []
    for provider in (PROVIDER, "cpu"):
        reader = CachedTransformer(file("poet_en"), 128, provider)
        read = reader.start(ids[:4])
        for id in ids[4:]:
            read = reader.step(read, id)
        found.append(read.logits)
    np.testing.assert_allclose(*found, rtol=0, atol=1e-4 * np.abs(found[1]).max())


@pytest.mark.parametrize("name", ("mlp", "cnn", "lstm"))
def test_gradients(name: str) -> None:
    model = file(name)
    ((picture, shape),) = Session(model).inputs.items()
    score = score_tensor(read_model(model).graph)
    graph = differentiate(model, score, [picture]).SerializeToString()
    feeds = {picture: RNG.random((3, *shape[1:]), np.float32), f"grad_{score}": np.eye(10, dtype=np.float32)[:3]}
    expect_alike(graph, feeds, 1e-4)


def test_training() -> None:
    model = file("mlp")
    graph = training_graph(model, "categorical_crossentropy", Adam()).SerializeToString()
    feeds = {
        **start(model, Adam()),
        "learning_rate": np.array(1e-3, np.float32),
        "picture": RNG.random((4, 8, 28, 28), np.float32),
        "targets": np.eye(10, dtype=np.float32)[RNG.integers(0, 10, (4, 8))],
    }
    expect_alike(graph, feeds, 1e-3)
