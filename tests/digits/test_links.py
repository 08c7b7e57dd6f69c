"""A digit in a link and back; links that are cut short, forged or bombs are refused."""

import base64
import re
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassbox.digits import images, links, strokes
from glassbox.digits.decoding import PictureError
from tests.digits import pages

DIGIT = strokes.draw(strokes.SAMPLES[0].strokes, 28, 2.6)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.floats(0, 0.9))
def test_a_link_holds_the_digit_exactly(seed: int, empty: float) -> None:
    rng = np.random.default_rng(seed)
    digit = (rng.integers(0, 256, (28, 28)) * (rng.random((28, 28)) > empty)).astype(np.uint8)
    link = links.to_link(digit)
    assert len(link) <= links.LINK_CHARACTERS and link.isascii() and not set(link) & set("+/=&?# ")
    assert (links.from_link(link) == digit).all()


@pytest.mark.parametrize(
    "text", ["", "abc", "!!!", "A" * 2000, links.to_link(DIGIT)[:-4], links.to_link(DIGIT) + "AAAA", "é"]
)
def test_a_link_that_is_not_whole_is_refused(text: str) -> None:
    with pytest.raises(PictureError) as refusal:
        links.from_link(text)
    assert refusal.value.code == "link"


def test_a_small_bomb_in_a_link_does_not_unfold() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b"\0" * 700_000, 9, -15)).decode().rstrip("=")
    with pytest.raises(PictureError):
        links.from_link(bomb[: links.LINK_CHARACTERS])


def several(count: int) -> np.ndarray:
    return np.stack([images.prepare_pixels(pages.rgba(255 - pages.page([str(i % 10)]))).digit for i in range(count)])


def test_several_digits_come_back_as_they_were() -> None:
    digits = several(4)
    text = links.several_to_link(digits)
    assert text is not None and re.fullmatch(r"[\w-]+", text) and len(text) <= links.SEVERAL_CHARACTERS
    assert np.array_equal(links.several_from_link(text), digits)


def test_too_many_digits_for_a_link_are_left_out_of_it() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    assert links.several_to_link(noise) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "数字",
        "A" * 9_000,
        base64.urlsafe_b64encode(zlib.compress(bytes(28 * 28 * 2 + 1), 9, -15)).decode().rstrip("="),
        base64.urlsafe_b64encode(zlib.compress(bytes(28 * 28 * 97), 9, -15)).decode().rstrip("="),
        base64.urlsafe_b64encode(zlib.compress(bytes(100_000_000), 9, -15)).decode().rstrip("=")[:4_000],
    ],
)
def test_forged_digits_are_none(text: str) -> None:
    assert links.several_from_link(text) is None
