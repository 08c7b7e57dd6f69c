"""The parts of finding ink that are written out for speed, against the libraries' own."""

import numpy as np
import pytest
from scipy import ndimage

from glassbox.digits import ink

GENERATOR = np.random.default_rng(0)


def test_the_threshold_is_that_of_numpys_histogram() -> None:
    """Of two heaps of values, as Otsu (1979) defines it: the split with the most variance between its parts."""
    values = np.concatenate([GENERATOR.normal(20, 5, 9000), GENERATOR.normal(120, 30, 1000)]).astype(np.float32)
    counts, edges = np.histogram(values, 128)
    centres = (edges[:-1] + edges[1:]) / 2

    def between(i: int) -> float:
        below, above = counts[: i + 1], counts[i + 1 :]
        apart = np.average(centres[: i + 1], weights=below) - np.average(centres[i + 1 :], weights=above)
        return float(below.sum() * above.sum() * apart**2)

    best = max((i for i in range(127) if counts[i + 1 :].sum()), key=between)
    assert ink.otsu(values) == pytest.approx(edges[best + 1], rel=1e-6)
    assert ink.otsu(np.full(100, 7, np.float32)) == pytest.approx(7, abs=0.01)


def test_the_mean_of_neighbours_is_scipys() -> None:
    values = GENERATOR.random((70, 81), np.float32)
    np.testing.assert_allclose(ink._averaged(values), ndimage.uniform_filter(values, 3), atol=1e-6)


@pytest.mark.parametrize("size", [1, 2, 3, 1000, 39_201])
def test_quantiles_are_numpys_to_the_last_bit(size: int) -> None:
    values = GENERATOR.normal(20, 40, size).astype(np.float32)
    shares = (0.003, 0.5, 0.998)
    assert ink.quantiles(values, *shares) == [float(np.percentile(values, 100 * share)) for share in shares]
