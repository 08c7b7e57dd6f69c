"""A recurrent model that reads on: token by token it knows what it knows of the whole text at once."""

import numpy as np
import pytest

from glassbox.engine.session import Session
from glassbox.graph.transformer_writer import write_transformer
from glassbox.text.recurrent import padded
from glassbox.text.recurrent_reader import RecurrentReader
from tests import text_models
from tests.transformers import Shape, weights

IDS = [3, 5, 2, 7, 7]


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_token_by_token_it_knows_what_it_knows_of_all(cell: str) -> None:
    model = text_models.writer(cell, 9)
    starts = {name: np.zeros((1, text_models.UNITS), np.float32) for name in ("state", "cell")[: 1 + (cell == "lstm")]}
    whole = Session(model.SerializeToString()).run({**padded([IDS]), **starts}).outputs["logits"][0]
    reader = RecurrentReader(model.SerializeToString())
    state = reader.start(IDS[:2])
    np.testing.assert_allclose(state.logits, whole[1], atol=1e-5)
    for place in range(2, len(IDS)):
        state = reader.step(state, IDS[place])
        np.testing.assert_allclose(state.logits, whole[place], atol=1e-5)
        assert state.bytes == 4 * text_models.UNITS * len(starts)


def test_a_model_without_a_state_is_refused() -> None:
    model = write_transformer(weights(Shape(9, 6, layers=1, heads=1, size=2, width=4, neurons=0)))
    with pytest.raises(ValueError, match="ids and a state"):
        RecurrentReader(model.SerializeToString())
