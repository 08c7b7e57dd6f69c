"""The graph that writes with a cache, against the graph without one and the formulas in plain NumPy."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import ModelProto, helper

from glassbox.engine.session import Session
from glassbox.graph.model import read
from glassbox.graph.taps import tap
from glassbox.graph.transformer_cache import PAST, PRESENT, with_cache
from glassbox.graph.transformer_writer import write_transformer
from glassbox.paths import MODELS
from glassbox.zoo import transformer_models
from tests.gradients import few
from tests.transformers import Array, Shape, compute, shapes, weights

SMALL = Shape(vocabulary=5, context=6, layers=2, heads=2, size=3, width=6, neurons=4)
SHIPPED = transformer_models.load(MODELS)
POETS = [name for name, card in SHIPPED.cards.items() if card.architecture == "transformer"]
Cache = dict[str, NDArray[np.float32]]


def empty(session: Session, batch: int) -> Cache:
    """No tokens' keys and values."""
    caches = {name: shape for name, shape in session.inputs.items() if name.startswith(PAST)}
    return {
        name: np.zeros((batch, int(heads), 0, int(size)), np.float32) for name, (_, heads, _, size) in caches.items()
    }


def follow(session: Session, ids: Array, past: Cache) -> tuple[Array, Cache]:
    """The logits behind the new tokens `ids` (N, T), and the cache that holds them too."""
    outputs = session.run({"ids": ids, **past}).outputs
    return outputs["logits"], {name.replace(PRESENT, PAST): outputs[name] for name in outputs if name != "logits"}


def differences(model: ModelProto, ids: Array, cuts: list[int]) -> float:
    """How far logits, keys and values are at most from those of the graph that reads all again, relative to their
    largest where that is above 1. `cuts`: how many new tokens each run reads."""
    session = Session(with_cache(model).SerializeToString())
    kept = {name: name.replace(PAST, "").strip("0123456789") for name in session.inputs if name.startswith(PAST)}
    tensors = {name: f"attention{name[-1]}/{part}" for name, part in kept.items()}
    whole = Session(tap(model, list(tensors.values())).SerializeToString())
    past, worst, start = empty(session, len(ids)), 0.0, 0
    for count in cuts:
        logits, past = follow(session, ids[:, start : start + count], past)
        start += count
        expected = whole.run({"ids": ids[:, :start]}).outputs
        pairs = [(logits, expected["logits"][:, -1]), *((past[name], expected[tensors[name]]) for name in past)]
        for found, right in pairs:
            assert found.shape == right.shape
            worst = max(worst, float(np.abs(found - right).max() / max(1.0, np.abs(right).max())))
    assert start == ids.shape[1]
    return worst


@st.composite
def runs(draw: st.DrawFn) -> tuple[Shape, Array, list[int]]:
    """Sizes, ids (N, T) and how many of the T each run reads."""
    shape = draw(shapes)
    steps, batch = draw(st.integers(1, shape.context)), draw(st.integers(1, 3))
    ids = np.random.default_rng(draw(st.integers(0, 99))).integers(0, shape.vocabulary, (batch, steps))
    inner = sorted(draw(st.sets(st.integers(1, steps - 1)))) if steps > 1 else []
    return shape, ids, np.diff([0, *inner, steps]).tolist()


@given(runs())
@few
def test_at_every_step_the_cache_gives_what_reading_all_again_gives(run: tuple[Shape, Array, list[int]]) -> None:
    shape, ids, cuts = run
    assert differences(write_transformer(weights(shape)), ids, cuts) <= 1e-5


@given(runs())
@few
def test_the_logits_are_those_of_the_formulas(run: tuple[Shape, Array, list[int]]) -> None:
    shape, ids, cuts = run
    held = weights(shape)
    session = Session(with_cache(write_transformer(held)).SerializeToString())
    past, start = empty(session, len(ids)), 0
    for count in cuts:
        logits, past = follow(session, ids[:, start : start + count], past)
        start += count
        for row, text in zip(logits, ids, strict=True):
            np.testing.assert_allclose(row, compute(shape, held, text[:start].tolist()).logits[-1], atol=2e-4)


@pytest.mark.parametrize("name", POETS)
@pytest.mark.parametrize("batch", [1, 2])
def test_so_it_does_for_each_shipped_transformer(name: str, batch: int) -> None:
    card = SHIPPED.cards[name]
    ids = np.random.default_rng(3).integers(0, len(card.vocabulary), (batch, card.context))
    assert differences(read(SHIPPED.model_bytes(name)), ids, [5, 1, 3, *[1] * (card.context - 9)]) <= 1e-5


def test_a_text_longer_than_the_context_is_refused_and_not_misplaced() -> None:
    session = Session(with_cache(write_transformer(weights(SMALL))).SerializeToString())
    _, past = follow(session, np.zeros((1, 5), np.int64), empty(session, 1))
    with pytest.raises(Exception, match="out of"):
        follow(session, np.zeros((1, 2), np.int64), past)


def changed_mask(model: ModelProto) -> None:
    next(node for node in model.graph.node if node.op_type == "Trilu").attribute[0].i = 0


def gelu(model: ModelProto) -> None:
    next(node for node in model.graph.node if node.op_type == "Relu").op_type = "Sigmoid"


def other_epsilon(model: ModelProto) -> None:
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name == "epsilon")
    tensor.raw_data = np.float32([1e-3]).tobytes()


def a_weight_less(model: ModelProto) -> None:
    kept = [tensor for tensor in model.graph.initializer if tensor.name != "attention1/W_write"]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)


def of_one_node(model: ModelProto) -> None:
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.append(helper.make_node("Identity", ["ids"], ["logits"]))


@pytest.mark.parametrize("change", [changed_mask, gelu, other_epsilon, a_weight_less, of_one_node])
def test_a_model_that_computes_something_else_is_refused(change: Any) -> None:
    model = write_transformer(weights(SMALL))
    change(model)
    with pytest.raises(ValueError, match="not a transformer as"):
        with_cache(model)
