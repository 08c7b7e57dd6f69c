"""What a browser sends is taken in the form that was agreed, or not at all."""

import math
from typing import Any

import msgspec
import pytest

from glassbox.ui.base.payload import Index, Selected, parse


class Place(msgspec.Struct):
    name: str
    row: Index


def test_what_was_agreed_arrives() -> None:
    assert parse({"name": "a", "row": 2, "more": None}, Place) == Place("a", 2)
    assert parse({"selection": [0, 1]}, Selected[list[Index]]) == Selected([0, 1])
    assert parse(0, Index) == 0 and parse(True, bool) is True and parse(1, float) == 1.0


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (True, Index),
        (-1, Index),
        (1.0, Index),
        ("1", Index),
        (math.nan, Index),
        (1, bool),
        (10**400, float),
        (None, Place),
        ([], Place),
        ({"name": "a"}, Place),
        ({"name": "a", "row": True}, Place),
        ({"name": ["a"], "row": 0}, Place),
        ({"name": "a", "row": 0, "\ud800": 0}, Place),
        ({"selection": None}, Selected[list[Index]]),
        ({"selection": [True]}, Selected[list[Index]]),
    ],
)
def test_anything_else_counts_as_not_sent(value: object, form: Any) -> None:
    assert parse(value, form) is None
