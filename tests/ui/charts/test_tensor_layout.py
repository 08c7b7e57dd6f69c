"""Tensors laid out flat: no number is lost, none is made up, and neighbours stay neighbours."""

import numpy as np
import pytest

from glassbox.ui.charts.tensor_layout import flat, tiled, wrapped


@pytest.mark.parametrize(
    ("shape", "laid_out"),
    [
        ((1, 128), (4, 32)),
        ((1, 10), (1, 10)),
        ((1, 32, 13, 13), (52, 104)),
        ((28, 1, 1, 32), (28, 32)),
        ((1, 32, 28), (32, 28)),
        ((32, 1, 3, 3), (12, 24)),
        ((24, 16, 3, 3), (144, 24)),
        ((1,), (1, 1)),
        ((31,), (1, 31)),
        ((37,), (37, 1)),
    ],
)
def test_shapes(shape: tuple[int, ...], laid_out: tuple[int, int]) -> None:
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    found = flat(values)
    assert found.shape == laid_out
    assert sorted(found.reshape(-1)) == sorted(values.reshape(-1))


def test_tiles_stand_side_by_side() -> None:
    maps = np.arange(16).reshape(4, 2, 2).astype(float)
    found = tiled(maps)
    assert np.array_equal(found[:2, 2:4], maps[1])
    assert np.array_equal(wrapped(np.arange(64.0))[1], np.arange(32.0, 64.0))
