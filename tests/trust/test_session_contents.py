"""What a session holds, counted and searched."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from glassbox.digits import links
from glassbox.trust import session_contents

DIGIT = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
LINK = links.to_link(DIGIT)


@dataclass(frozen=True)
class Kept:
    digit: Any
    words: tuple[str, ...] = ()


class Thing:
    def __init__(self, inner: object) -> None:
        self.inner = inner


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        (None, 0), (True, 8), (3, 8), (2.5, 8), ("abc", 3), ("数字", 6), (b"1234", 4), (DIGIT, 784),
        ({"a": 1, "bc": [2.0, 3.0]}, 27), (Kept(DIGIT, ("x",)), 785), (Thing([DIGIT]), 784), ({1, 2, 3}, 24),
    ],
)  # fmt: skip
def test_size_counts_what_is_held(value: object, octets: int) -> None:
    assert session_contents.size(value) == octets


def test_what_is_held_twice_is_counted_once() -> None:
    assert session_contents.size([DIGIT, DIGIT]) == 784
    circle: list[object] = [DIGIT]
    circle.append(circle)
    assert session_contents.size(circle) == 784


@pytest.mark.parametrize(
    "value",
    [
        DIGIT, DIGIT.copy(), DIGIT.tobytes(), b"head" + DIGIT.tobytes(), LINK, f"/privacy?d={LINK}&lang=en",
        (DIGIT / 255).astype(np.float32), np.stack([np.zeros((28, 28)), DIGIT / 255]), {"a": [Kept(Thing(DIGIT))]},
    ],
)  # fmt: skip
def test_a_digit_is_found_in_every_form(value: object) -> None:
    assert session_contents.copies(value, DIGIT, LINK) == 1


@pytest.mark.parametrize("value", [None, "d=abc", 255 - DIGIT, DIGIT[:27], DIGIT.T.copy(), b"1234", {"a": 3}])
def test_nothing_else_is_taken_for_it(value: object) -> None:
    assert session_contents.copies(value, DIGIT, LINK) == 0
