"""What is timed: each token once with the cache, and the whole text up to it without; the fastest of the rounds."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from glassbox.engine.session import Session
from glassbox.graph.transformer_writer import write_transformer
from glassbox.text import cache_timing
from glassbox.text.cache_timing import cache_times
from glassbox.text.transformer import CachedTransformer
from tests.transformers import Shape, weights

SHAPE = Shape(vocabulary=9, context=6, layers=2, heads=2, size=3, width=6, neurons=4)
MODEL = write_transformer(weights(SHAPE))
IDS = [3, 1, 8, 4]


class Noted(Session):
    """A session that notes how many tokens it reads."""

    def __init__(self) -> None:
        super().__init__(MODEL.SerializeToString())
        self.read: list[int] = []

    def run(self, feeds: Any, outputs: Any = None) -> Any:
        self.read.append(feeds["ids"].size)
        return super().run(feeds, outputs)


def test_each_token_is_read_in_turn_with_the_cache_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(np.cumsum([0.0, *[3, 20, 0] * 4, *[2, 30, 0] * 4, *[4, 40, 0] * 4]))
    monkeypatch.setattr(cache_timing, "perf_counter", lambda: next(clock))
    session = Noted()
    found = cache_times(session, CachedTransformer(MODEL, SHAPE.context), IDS, rounds=3)
    assert session.read == [1, 2, 3, 4] * 3
    same(found.cached, np.full(4, 2.0))
    same(found.uncached, np.full(4, 20.0))


def same(found: NDArray[Any], expected: NDArray[Any]) -> None:
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("ids", [[], [1] * 7])
def test_a_text_of_another_length_is_refused(ids: list[int]) -> None:
    with pytest.raises(ValueError, match="1 to 6 tokens"):
        cache_times(Noted(), CachedTransformer(MODEL, SHAPE.context), ids)
