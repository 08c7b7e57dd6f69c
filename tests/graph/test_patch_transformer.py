"""Patches in small transformers: heads off, against the formulas without them, and the derivative through a patch."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from glassbox.engine.session import Session
from glassbox.graph.gradient import differentiate
from glassbox.graph.patch import with_patches
from glassbox.graph.transformer_writer import write_transformer
from tests.transformers import Shape, compute, shapes, weights

SHAPE = Shape(vocabulary=7, context=6, layers=2, heads=3, size=2, width=5, neurons=4)
HEADS, STREAM = "attention0/head_writes", "attention0"
IDS = np.array([[3, 1, 6, 1, 0]])


def logits(session: Session, feeds: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = session.run({"ids": IDS} | feeds).outputs["logits"]
    return found


@settings(derandomize=True, deadline=None, max_examples=25)
@given(shapes, st.data())
def test_head_off_is_the_formula_with_its_weights_at_zero(shape: Shape, data: st.DataObject) -> None:
    layer, head = data.draw(st.integers(0, shape.layers - 1)), data.draw(st.integers(0, shape.heads - 1))
    ids = data.draw(st.lists(st.integers(0, shape.vocabulary - 1), min_size=1, max_size=shape.context))
    held, tensor = weights(shape), f"attention{layer}/head_writes"
    patched, patches = with_patches(write_transformer(held), [tensor])
    off = patches[tensor].replaced(0, where=np.arange(shape.heads)[:, None, None] == head)
    found = Session(patched.SerializeToString()).run({"ids": np.array([ids])} | off).outputs["logits"][0]
    held[f"attention{layer}/W_write"][head] = 0
    np.testing.assert_allclose(found, compute(shape, held, ids).logits, rtol=1e-4, atol=1e-4)


def test_derivative_by_what_a_patch_adds_is_the_slope_of_steering_on_a_patched_network() -> None:
    """The gradient of one logit by the stream, with a head off, against central differences in the dose."""
    patched, patches = with_patches(write_transformer(weights(SHAPE)), [HEADS, STREAM])
    session, stream = Session(patched.SerializeToString()), patches[STREAM]
    derivative = Session(differentiate(patched, "logits", [stream.value]).SerializeToString())
    off = patches[HEADS].replaced(0, where=np.arange(3)[:, None, None] == 1)
    direction = np.random.default_rng(0).standard_normal((5, SHAPE.width))
    cotangent = np.zeros((1, 5, SHAPE.vocabulary), np.float32)
    cotangent[0, 4, 2] = 1
    slopes = []
    for fed in (off, {}):
        feeds = {"ids": IDS, "grad_logits": cotangent} | fed | stream.steered(np.zeros((5, SHAPE.width)))
        gradient = derivative.run(feeds).outputs[f"grad_{stream.value}"]
        above, below = (logits(session, fed | stream.steered(direction, dose))[0, 4, 2] for dose in (0.01, -0.01))
        slopes.append(float((gradient * direction).sum()))
        np.testing.assert_allclose(slopes[-1], (above - below) / 0.02, rtol=2e-2)
    assert abs(slopes[0] - slopes[1]) > 0.01 * abs(slopes[1])
