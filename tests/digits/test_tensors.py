"""Digits as tensors: grey values by hand, and each shape that the networks of the zoo take."""

import numpy as np
import pytest

from glassbox.digits.tensors import as_input, rescaled


def test_grey_values_become_numbers_from_0_to_1():
    values = rescaled(np.array([[0, 51, 255]], np.uint8))
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, np.array([[0, 0.2, 1]], np.float32))


@pytest.mark.parametrize("shape", [("N", 28, 28), ("N", 1, 28, 28), ("N", 784), (1, 28, 28)])
@pytest.mark.parametrize("batch", [(), (1,), (3,)])
def test_pictures_take_the_shape_of_the_input(shape, batch):
    pictures = np.random.default_rng(0).random((*batch, 28, 28))
    given = as_input(pictures, shape)
    assert given.dtype == np.float32
    assert given.shape == (*(batch or (1,)), *shape[1:])
    np.testing.assert_array_equal(given.reshape(-1), pictures.reshape(-1).astype(np.float32))


def test_a_size_that_is_free_cannot_be_filled_in():
    with pytest.raises(ValueError, match="H"):
        as_input(np.zeros((28, 28)), ("N", 1, "H", "W"))
