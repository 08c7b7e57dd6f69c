"""The derivative of a transformer by all its weights and by its stream, against central differences of the formulas."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glassbox.engine.session import Session
from glassbox.graph.gradient import differentiate
from glassbox.graph.transformer_writer import weights_of, write_transformer
from tests.gradients import few
from tests.transformers import Array, Changes, Shape, compute, shapes, weights

STEP = 1e-6


@given(shapes, st.data())
@few
def test_a_logit_by_every_weight_and_the_stream(shape: Shape, data: st.DataObject) -> None:
    """The gradient of the embedding is that of both its uses, reading tokens and writing them."""
    held = weights(shape)
    tokens = st.integers(0, shape.vocabulary - 1)
    ids = data.draw(st.lists(tokens, min_size=1, max_size=shape.context))
    position, token = data.draw(st.integers(0, len(ids) - 1)), data.draw(tokens)
    model = write_transformer(held)
    assert set(weights_of(model)) == set(held)
    by = [*held, "embedded"]
    cotangent = np.zeros((1, len(ids), shape.vocabulary), np.float32)
    cotangent[0, position, token] = 1
    session = Session(differentiate(model, "logits", by).SerializeToString())
    gradients = session.run({"ids": np.array([ids]), "grad_logits": cotangent}).outputs

    def logit(changed: dict[str, Array], added: Array | float = 0.0) -> float:
        return float(compute(shape, held | changed, ids, Changes(streams={0: added})).logits[position, token])

    rng = np.random.default_rng(0)
    for name in by:
        gradient = gradients[f"grad_{name}"].astype(np.float64)
        gradient = gradient[0] if name == "embedded" else gradient
        direction = rng.normal(size=gradient.shape)
        if name == "embedded":
            above, below = (logit({}, sign * STEP * direction) for sign in (1, -1))
        else:
            assert gradient.shape == held[name].shape
            wide = held[name].astype(np.float64)
            above, below = (logit({name: wide + sign * STEP * direction}) for sign in (1, -1))
        scale = 1 + float(np.abs(gradient * direction).sum())
        assert abs(float((gradient * direction).sum()) - (above - below) / (2 * STEP)) <= 5e-4 * scale, name
