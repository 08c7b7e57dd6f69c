"""Every digit of a picture is found, in reading order, and what is no digit is left out and counted."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from glassbox.digits import decoding, images, segmentation, strokes
from glassbox.digits.images import PreparedDigit
from glassbox.digits.reader import Reader
from glassbox.zoo import digit_models
from tests.digits import pages

SUDOKU = (
    "53..7....",
    "6..195...",
    ".98....6.",
    "8...6...3",
    "4..8.3..1",
    "7...2...6",
    ".6....28.",
    "...419..5",
    "....8..79",
)
READER = Reader(digit_models.load())


def prepared(ink: pages.Ink) -> PreparedDigit:
    return images.prepare_pixels(pages.rgba(255 - ink))


def read(found: PreparedDigit) -> str:
    """What the deeper convolutional network reads, digit by digit."""
    return "".join(READER.read(one.digit, ["cnn_deep"])["cnn_deep"].label for one in found.found)


PAGES = {
    "two digits": (["12"], {}),
    "a row of three": (["104"], {}),
    "a row of eight": (["31415926"], {}),
    "a thin pen": (["5870"], {"pen": 7}),
    "a thick pen": (["2936"], {"pen": 28}),
    "close to each other": (["4071"], {"gap": 9}),
    "far from each other": (["863"], {"gap": 150}),
    "two lines": (["907", "4512"], {}),
    "two crooked lines": (["90725", "14538"], {"slope": 0.13}),
    "rising lines": (["6021", "385"], {"slope": -0.13}),
    "a ruled line under it": (["2048"], {"rule": 5}),
    "crooked, ruled": (["2048", "77"], {"rule": 4, "slope": 0.08}),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_digit_is_found_in_reading_order(name: str) -> None:
    lines, options = PAGES[name]
    found = prepared(pages.page(lines, **options))
    assert read(found) == "".join(lines)
    assert found.left_out == segmentation.LeftOut(lines=len(lines) if "rule" in options else 0)
    assert not any(one.wide for one in found.found)


def test_the_digit_with_the_most_ink_is_the_one_chosen_first() -> None:
    found = prepared(pages.page(["18"]))
    assert found.chosen == 1 and (found.digit == found.found[1].digit).all()
    assert [step.name for step in found.steps] == ["picture", "ink", "cut", "even", "digit"]
    assert (found.steps[2].pixels == found.found[1].steps[0].pixels).all()


def test_boxes_are_shares_of_the_picture() -> None:
    ink = pages.page(["40"])
    for one in prepared(ink).found:
        left, top, right, bottom = (round(v * s) for v, s in zip(one.box, ink.shape[::-1] * 2, strict=True))
        inside = ink[top - 4 : bottom + 4, left - 4 : right + 4]
        assert inside.shape[0] - 8 > 0.8 * pages.HEIGHT  # the box is as high as the digit
        assert not any(edge.any() for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]))  # and holds it all


def test_a_photographed_row_is_found() -> None:
    found = images.prepare_pixels(pages.rgba(pages.photographed(pages.page(["3791", "25"], slope=0.06))))
    assert read(found) == "379125"


def test_a_sudokus_digits_are_found_without_its_grid() -> None:
    found = prepared(pages.sudoku(SUDOKU))
    assert read(found) == "".join(SUDOKU).replace(".", "")
    assert found.left_out.lines == 1


def test_more_digits_than_the_bound_are_counted() -> None:
    ink = pages.sudoku(["1234567890" for _ in range(10)])
    found = prepared(ink)
    assert len(found.found) == segmentation.MAX_DIGITS
    assert found.left_out.beyond == 100 - segmentation.MAX_DIGITS


def test_specks_are_counted_and_no_digits() -> None:
    ink = pages.page(["52"])
    ink[20:26, 20:26] = ink[-30:-24, 100:107] = 255
    found = prepared(ink)
    assert (read(found), found.left_out) == ("52", segmentation.LeftOut(specks=2))


@pytest.mark.parametrize(
    "label, form", [(label, form) for label, forms in strokes.FORMS.items() for form in range(len(forms))]
)
def test_one_digit_is_one(label: str, form: int) -> None:
    for pen in (7.0, 18.0, 30.0):
        assert len(prepared(np.pad(pages.digit(label, form, pen), 40)).found) == 1


def test_the_strokes_of_one_digit_that_do_not_touch_are_joined() -> None:
    five, four = pages.digit("5"), pages.digit("4", 1)
    bar = np.zeros((140, 150), np.uint8)
    pages.put(bar, five[22:], 45, 40)
    bar[28:40, 60:110] = 255  # its bar is a stroke apart
    apart = np.zeros((140, 150), np.uint8)
    half = four.shape[1] * 3 // 4
    pages.put(apart, four[:60, :half], 25, 30)
    pages.put(apart, four[:, half:], 25, 34 + half)
    assert len(prepared(bar).found) == 1
    assert len(prepared(apart).found) == 1


def test_two_narrow_digits_that_touch_pass_for_one() -> None:
    """As content/read.*.md says."""
    page = np.zeros((200, 200), np.uint8)
    page[40:160, 60:75] = page[40:160, 110:125] = page[95:105, 60:125] = 255
    (segment,) = segmentation.segment(page / np.float32(255)).segments
    assert not segment.wide


def test_digits_that_touch_are_said_to_be_wide() -> None:
    touching = pages.page(["708"])
    touching[60:66, 70:250] = 255
    alone = prepared(touching)
    assert [one.wide for one in alone.found] == [True]
    among = np.zeros((touching.shape[0], 900), np.uint8)
    pages.put(among, touching, 0, 0)
    pages.put(among, pages.page(["36"]), 0, 500)
    assert [one.wide for one in prepared(among).found] == [True, False, False]


GRAIN = {
    "specks": lambda rng: Image.fromarray((rng.random((60, 60)) < 0.1).astype(np.uint8) * 255).resize((360, 360), 0),
    "blots": lambda rng: Image.fromarray((rng.random((60, 60)) < 0.25).astype(np.uint8) * 255).resize((360, 360), 0),
    "cloth": lambda rng: 55 - 30 * np.prod(np.sin(np.indices((300, 300)) / 3), 0) + rng.normal(0, 1, (300, 300)),
    "clouds": lambda rng: 128 + 600 * ndimage.gaussian_filter(rng.normal(size=(400, 400)), 3),
    "noise": lambda rng: rng.normal(128, 40, (500, 500)),
}


@pytest.mark.parametrize("name", GRAIN)
def test_grain_all_over_is_refused(name: str) -> None:
    picture = np.clip(np.asarray(GRAIN[name](np.random.default_rng(3))), 0, 255).astype(np.uint8)
    with pytest.raises(decoding.PictureError) as refusal:
        prepared(picture)
    assert refusal.value.code == "no_ink"


def test_components_are_scipys_wherever_the_ink_lies() -> None:
    mask = np.zeros((40, 60), np.bool_)
    mask[11:29, 17:55] = np.random.default_rng(0).random((18, 38)) < 0.2
    labels, boxes = segmentation._labelled(mask)
    expected, count = ndimage.label(mask, np.ones((3, 3)))
    np.testing.assert_array_equal(labels, expected)
    assert count == len(boxes) > 5 and boxes == ndimage.find_objects(expected)
