"""glassbox.ui.server.while_used: kept for all while somebody asks for it, within its bound, and then dropped."""

from collections.abc import Iterator

import pytest
import streamlit as st

from glassbox.ui.server import while_used as module
from glassbox.ui.server.while_used import WhileUsed, while_used


class Model:
    def __init__(self, name: str) -> None:
        self.name = name


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "monotonic", clock)
    return clock


@pytest.fixture
def made() -> list[str]:
    return []


@pytest.fixture
def model(made: list[str]) -> Iterator[WhileUsed[[str], Model]]:
    @while_used(2)
    def model(name: str) -> Model:
        made.append(name)
        return Model(name)

    yield model
    module._FUNCTIONS.remove(model)


def test_what_is_asked_for_is_made_once(model: WhileUsed[[str], Model], made: list[str], clock: Clock) -> None:
    first = model("a")
    for _ in range(5):
        clock.now += module.IDLE_SECONDS - 1
        module.drop_idle()
        assert model("a") is first
    assert made == ["a"]


def test_what_nobody_asks_for_is_dropped(model: WhileUsed[[str], Model], made: list[str], clock: Clock) -> None:
    model("a")
    clock.now += module.IDLE_SECONDS / 2
    model("b")
    clock.now += module.IDLE_SECONDS / 2 + 1
    module.drop_idle()
    model("a")
    model("b")
    assert made == ["a", "b", "a"]


def test_no_more_than_its_bound_is_kept(model: WhileUsed[[str], Model], made: list[str]) -> None:
    for name in ("a", "b", "a", "c", "a", "b"):
        model(name)
    assert made == ["a", "b", "c", "b"]


def test_what_others_hold_is_not_made_twice(model: WhileUsed[[str], Model], made: list[str], clock: Clock) -> None:
    held = model("a")
    clock.now += module.IDLE_SECONDS + 1
    module.drop_idle()
    assert model("a") is held
    assert made == ["a"]


def test_what_can_not_be_referred_to_weakly_is_kept_too(made: list[str], clock: Clock) -> None:
    @while_used(1)
    def nothing(name: str) -> None:
        made.append(name)

    nothing("a")
    nothing("a")
    assert made == ["a"]
    module._FUNCTIONS.remove(nothing)


def test_arguments_that_begin_with_a_bar_tell_no_results_apart(made: list[str]) -> None:
    @while_used(2)
    def model(name: str, _zoo: list[str]) -> Model:
        made.append(name)
        return Model(name)

    assert model("a", ["one"]) is model("a", _zoo=["another"]) is model(_zoo=[], name="a")
    assert made == ["a"]
    module._FUNCTIONS.remove(model)


def test_it_is_cleared_by_itself_and_with_streamlits_caches(model: WhileUsed[[str], Model], made: list[str]) -> None:
    for clear in (model.clear, st.cache_resource.clear):
        held = model("a")
        clear()
        assert model("a") is not held
    assert made == ["a", "a", "a"]
