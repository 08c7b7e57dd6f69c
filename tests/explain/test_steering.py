"""The direction from one list of tokens to another, and what it does to a reading."""

import numpy as np
import pytest

from glassbox.explain.interventions import Steering
from glassbox.explain.steering import STREAM, steering_direction, steering_effect
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.graph.transformer_writer import write_transformer
from tests.explain.test_interventions import means
from tests.transformers import Shape, compute, weights

SHAPE = Shape(vocabulary=9, context=6, layers=2, heads=2, size=3, width=6, neurons=4)
HELD = weights(SHAPE)


@pytest.mark.parametrize("stream", [0, 1, 2])
def test_it_is_the_difference_of_the_mean_embeddings_as_long_as_the_mean_stream(stream: int) -> None:
    average = means(SHAPE)
    found = steering_direction(TransformerReader(write_transformer(HELD), means=average), [1, 2], [5], stream)
    difference = (HELD["embedding"][1] + HELD["embedding"][2]) / 2 - HELD["embedding"][5]
    np.testing.assert_allclose(found, average.sizes[stream] * difference / np.linalg.norm(difference), rtol=1e-5)


def test_without_means_it_is_as_long_as_the_streams_of_its_tokens() -> None:
    found = steering_direction(TransformerReader(write_transformer(HELD)), [1, 2], [5])
    streams = compute(SHAPE, HELD, [1, 2, 5]).streams[STREAM]
    assert np.linalg.norm(found) == pytest.approx(np.median(np.linalg.norm(streams, axis=1)), rel=1e-5)


def test_a_dose_raises_the_one_and_lowers_the_other() -> None:
    """Behind the last layer, where nothing but the norm stands between the stream and the tokens' logits."""
    reader = TransformerReader(write_transformer(HELD))
    direction = steering_direction(reader, [1], [5], stream=2)
    gaps = []
    for dose in (-1.0, 0.0, 1.0):
        logits = reader.read([3, 0, 4], [Steering(2, direction, dose)]).logits[-1]
        gaps.append(logits[1] - logits[5])
    assert gaps == sorted(gaps)


@pytest.mark.parametrize(
    ("toward", "away", "stream", "why"),
    [
        ([], [5], 1, "a list is empty"),
        ([1], [], 1, "a list is empty"),
        ([9], [5], 1, "no token has the id 9; there are 9"),
        ([1], [-1], 1, "no token has the id -1"),
        ([1, 5], [5, 1], 1, "the same mean embedding"),
        ([1], [5], 3, "no stream 3; there are 3"),
        ([1], [5], -1, "no stream -1"),
    ],
)
def test_what_is_no_direction_is_refused(toward: list[int], away: list[int], stream: int, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        steering_direction(TransformerReader(write_transformer(HELD)), toward, away, stream)


def test_the_effect_is_the_mean_over_all_positions_behind_the_front() -> None:
    reader, texts = TransformerReader(write_transformer(HELD)), [[3, 0, 4, 2], [3, 8], [3, 1, 1]]
    steered = [Steering(1, steering_direction(reader, [1, 2], [5]), 0.8)]
    found = steering_effect(reader, texts, steered, [1, 2], [5], first=1)
    assert found.positions == 2 + 0 + 1
    for interventions, name in (((), "before"), (steered, "after")):
        shares, losses = [], []
        for text in texts:
            powers = np.exp(reader.read(text, interventions).logits.astype(float))
            for place in range(1, len(text) - 1):
                share = powers[place] / powers[place].sum()
                shares.append([share[1] + share[2], share[5]])
                losses.append(-np.log(share[text[place + 1]]))
        expected = [*np.mean(shares, axis=0), np.mean(losses)]
        told = [getattr(part, name) for part in (found.toward, found.away, found.nats)]
        np.testing.assert_allclose(told, expected, rtol=1e-5)
    with pytest.raises(ValueError, match="behind its token 3"):
        steering_effect(reader, texts, steered, [1], [5], first=3)
