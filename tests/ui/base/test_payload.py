"""What a browser sends is taken in the form that was agreed, or not at all."""

import math
from typing import Any

import msgspec
import pytest

from glassbox.ui.base import payload, state
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


def taken(monkeypatch: pytest.MonkeyPatch, value: object) -> object:
    monkeypatch.setattr(payload, "held", {"board": {"asked": value}}.get)
    return payload.sent("board", "asked")


def test_an_event_leaves_its_number_and_one_before_it_does_not_lower_that(monkeypatch: pytest.MonkeyPatch) -> None:
    assert taken(monkeypatch, {"number": 7, "value": [1]}) == [1] and payload.last("board") == 7
    assert taken(monkeypatch, {"number": 5, "value": None}) is None and payload.last("board") == 7
    assert payload.last("another") == 0


@pytest.mark.parametrize("number", [0, -1, True, "8", 8.5, None, 2**53 + 1, 10**400, [8]])
def test_what_has_no_number_that_a_browser_gives_comes_as_it_is(
    number: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = {"number": number, "value": 3}
    assert taken(monkeypatch, value) is value and payload.last("board") == 0
    assert taken(monkeypatch, 3) == 3 and payload.last("board") == 0


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of its own for each test."""
    monkeypatch.setattr(state.st, "session_state", {})
