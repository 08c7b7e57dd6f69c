"""Whatever a picture's file holds: it is read or refused in words, and the process stays as it was."""

import os
import sys

import numpy as np
import pytest

from benchmarks.fuzz import pictures as fuzz
from glassbox import heap
from glassbox.digits import images
from glassbox.digits.decoding import PictureError
from glassbox.ui.base import i18n
from tests.hostile import pictures
from tests.hostile.pictures import MADE, drawn, png
from tests.memory import resident

MEGABYTES = 50
"""By which this process may grow over all of them."""
MUTATED = 120


@pytest.fixture(scope="module", autouse=True)
def before() -> int:
    """The bytes of this process before the first picture, once what it takes to read one is there."""
    for kind in pictures.FORMATS:
        images.prepare(drawn(kind))
    pictures.packed()
    return resident(os.getpid()) if sys.platform == "linux" else 0


def outcome(data: bytes) -> str:
    """The code with which a picture is refused, for which there are words in each language; "" if it is read."""
    try:
        digit = images.prepare(data).digit
    except PictureError as error:
        for language in i18n.LANGUAGES:
            words = i18n.strings(language)[f"read.picture_error.{error.code}"].format(**error.details)
            assert words and "{" not in words
        return error.code
    assert digit.shape == (28, 28) and digit.dtype == np.uint8
    return ""


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("name", MADE)
def test_a_hostile_picture_is_read_or_refused(name: str) -> None:
    make, code = MADE[name]
    assert outcome(make()) in ({code} if code else {"", *CODES})


CODES = {"format", "broken", "blank", "no_ink", "too_many_pixels", "too_elongated"}
"""Those with which a decoder may refuse what it makes little of."""


def test_there_are_enough_of_them() -> None:
    assert len(MADE) >= 60
    assert {code for _, code in MADE.values() if code} >= {"empty", "too_large", "too_slow", *CODES}


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_large_floats_are_stretched_like_others() -> None:
    assert outcome(MADE["floats of 1e38"][0]()) == ""


def test_mutated_pictures_are_read_or_refused() -> None:
    outcomes, _ = fuzz.outcomes_of(range(MUTATED), seed=1)
    assert outcomes.total() == MUTATED and outcomes["read"]
    assert [one for one in outcomes if one.startswith(fuzz.FOREIGN)] == []


def test_what_should_not_come_of_a_picture_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "prepare", lambda data: 1 / 0)
    assert fuzz.outcome(png(4, 4), 7).startswith(f"{fuzz.FOREIGN}: ZeroDivisionError")


@pytest.mark.skipif(sys.platform != "linux", reason="takes Linux")
def test_this_process_is_as_it_was(before: int) -> None:
    """The last one here, after all the others. The janitor gives free heap back now and then."""
    heap.give_back()
    assert resident(os.getpid()) - before < MEGABYTES << 20
