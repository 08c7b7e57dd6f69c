"""The page where a transformer learns to sort, without a browser: its link, controls, board and requests."""

import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from glassbox.training import sequence_trainer, sequences
from glassbox.training.learner import Diverged
from glassbox.training.sequence_trainer import MOST_AT_ONCE, Ask, Request, Reset, Train, Trainer
from glassbox.training.sequences import HEADS, LENGTH, LETTERS, RATES, Setup
from glassbox.ui.base import i18n, payload
from glassbox.ui.components.sorting_board import message, sorting_board
from glassbox.ui.pages.sorting import board as board_module
from glassbox.ui.pages.sorting import state
from tests.ui.dashboard import component, visit

EN = i18n.strings("en")


def board(app: AppTest) -> dict[str, Any]:
    return component(app, "sorting_board")


class Browser:
    """Carries out requests at the beginning of a run, as the component's callback does, and returns what is shown."""

    def __init__(self) -> None:
        self.waiting: list[Any] = []

    def draw(self, *given: Any, **options: Any) -> None:
        while self.waiting:
            options["on_asked"](self.waiting.pop())
            given = state.trainer(), state.LETTERS.get()
            options |= {"answered": board_module._ANSWERED.get(), "stopped": state.STOPPED.get()}
        sorting_board(*given, **options)

    def ask(self, app: AppTest, request: Any) -> dict[str, Any]:
        self.waiting.append(request)
        return board(app.run())


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    found = Browser()
    monkeypatch.setattr(board_module, "sorting_board", found.draw)
    return found


# The link


@pytest.mark.parametrize(
    "setup",
    [Setup(), Setup("repeat", rate=0.03, seed=999, heads=2, positions=False), Setup(rate=0.0003), Setup(rate=1.0)],
    ids=str,
)
def test_a_setup_comes_back_from_its_link(setup: Setup) -> None:
    assert state.from_query(state.to_query(setup)) == setup
    assert state.to_query(Setup()) == {}


@pytest.mark.parametrize(
    "query",
    [
        {"task": "multiply", "rate": "0.5", "heads": "3", "seed": "1000", "positions": "2"},
        {"task": "", "rate": "nan", "heads": "True", "seed": "-1", "positions": "False"},
        {"rate": "1e-3", "heads": "1.0", "seed": "٣", "task": "Sort"},
    ],
)
def test_a_forged_link_gives_the_standard_setup(query: dict[str, str]) -> None:
    assert state.from_query(query) == Setup()


def test_a_link_sets_everything_and_a_setting_changes_the_link() -> None:
    app = visit("sorting", task="repeat", heads="2", seed="7", rate="0.01", positions="0")
    assert app.session_state["sorting_setup"] == Setup("repeat", rate=0.01, seed=7, heads=2, positions=False)
    assert len(board(app)["attention"]) == 2
    assert [one.value for one in app.info] == [EN["sorting.see.repeat_without"]]
    version = board(app)["version"]
    app.selectbox(key="sorting_rate_widget").set_value(0.03).run()
    assert app.query_params["rate"] == "0.03" and board(app)["version"] == version  # it goes on learning
    app.segmented_control(key="sorting_heads_widget").set_value(1).run()
    assert "heads" not in app.query_params and board(app)["version"] == version + 1
    assert len(board(app)["attention"]) == 1
    app.button(key="sorting_seed").click().run()
    assert app.query_params["seed"] == str(app.session_state["sorting_setup"].seed)


def test_who_comes_from_another_page_finds_the_training_as_it_was(browser: Browser) -> None:
    app = visit("sorting")
    app.segmented_control(key="sorting_task_widget").set_value("repeat").run()
    assert browser.ask(app, Train(steps=5, number=1))["steps"] == 5
    app.switch_page("pages/mlp.py").run()
    app.query_params.clear()
    app.switch_page("pages/sorting.py").run()
    assert app.query_params["task"] == "repeat" and board(app)["steps"] == 5


# What the browser asks


@pytest.mark.parametrize(
    ("sent", "request_"),
    [
        ({"kind": "train", "steps": 10, "number": 3}, Train(steps=10, number=3)),
        ({"kind": "reset", "number": 0}, Reset(number=0)),
        ({"kind": "ask", "letters": "hag"}, Ask(letters="hag")),
    ],
)
def test_requests_are_read(sent: dict[str, Any], request_: Any) -> None:
    assert payload.parse(sent, Request) == request_


@pytest.mark.parametrize(
    "forged",
    [
        None,
        [],
        {},
        "train",
        {"kind": "train"},
        {"kind": "train", "steps": True},
        {"kind": "train", "steps": "10"},
        {"kind": "train", "steps": 1.5},
        {"kind": "train", "steps": 5, "number": -1},
        {"kind": "train", "steps": 5, "number": 2**60},
        {"kind": "ask", "letters": ""},
        {"kind": "ask", "letters": "ab"},
        {"kind": "ask", "letters": "abcd"},
        {"kind": "ask", "letters": "abz"},
        {"kind": "ask", "letters": "ab\n"},
        {"kind": "ask", "letters": "ABC"},
        {"kind": "ask", "letters": ["a", "b", "c"]},
        {"kind": "ask", "letters": "a\ud800c"},
        {"kind": "weights", "steps": 5},
    ],
)
def test_forged_requests_are_passed_over(forged: Any) -> None:
    assert payload.parse(forged, Request) is None


def test_the_board_shows_the_training_and_the_answer() -> None:
    trainer = Trainer(Setup())
    trainer.learn(200)
    shown = message(trainer, "fad")
    assert shown["read"][:4] == ["f", "a", "d", ">"] and shown["letters"] == "fad"  # type: ignore[index]
    question = np.array([LETTERS.index(letter) for letter in "fad"])
    reading = trainer.read(question)
    answer: Any = shown["answer"]
    assert [one["letter"] for one in answer] == [LETTERS[letter] for letter in reading.answer]
    assert [one["right"] for one in answer] == [
        letter == wanted for letter, wanted in zip(reading.answer, sorted(question), strict=True)
    ]
    assert np.allclose(shown["attention"], reading.attention, atol=1e-3)  # type: ignore[arg-type]
    history: Any = shown["history"]
    assert history["steps"][-1] == shown["steps"] == 200
    assert history["losses"][-1] == pytest.approx(trainer.score.loss, abs=1e-4)
    assert shown["unseen"] == trainer.unseen(question)


def test_every_offer_can_be_drawn() -> None:
    for heads in HEADS:
        assert len(message(Trainer(Setup(heads=heads)), "aaa")["attention"]) == heads  # type: ignore[arg-type]
    assert Setup().rate in RATES


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_requests_train_answer_and_begin_anew(language: str, browser: Browser) -> None:
    app = visit("sorting", language)
    first = board(app)
    assert first["steps"] == 0 and first["read"][:3] == list(state.QUESTION)
    trained = browser.ask(app, Train(steps=10**6, number=1))
    assert 0 < trained["steps"] <= MOST_AT_ONCE and trained["answered"] == 1
    other = browser.ask(app, Ask(letters="hah", number=2))
    assert other["letters"] == "hah" and other["steps"] == trained["steps"] and other["answered"] == 2
    again = browser.ask(app, Reset(number=3))
    assert again["steps"] == 0 and again["letters"] == "hah" and again["answered"] == 3
    assert again["words"]["play"] == i18n.strings(language)["components.sorting_board.play"]


def test_a_training_that_diverges_is_said_until_it_goes_on(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    real = board_module.carry_out

    def diverge(trainer: Trainer, request: Any) -> None:
        raise Diverged(12, "learning_rate", 1.0)

    monkeypatch.setattr(board_module, "carry_out", diverge)
    app = visit("sorting")
    said = browser.ask(app, Train(steps=10, number=1))["stopped"]
    assert said == EN["sorting.diverged"].replace("{step}", "12").replace("{rate}", "1")
    monkeypatch.setattr(board_module, "carry_out", real)
    assert browser.ask(app, Train(steps=1, number=2))["stopped"] is None


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_words_tell_the_numbers_of_the_code(language: str) -> None:
    told = i18n.prose_in(language, "sorting")
    numbers = {len(sequences.questions()), sequences.UNSEEN, sequence_trainer.BATCH, sequences.WIDTH}
    assert all(re.search(rf"(?<![\d.]){number}(?![\d.])", told) for number in numbers)
    assert 0.3 in RATES and "0.3" in told
    strings = i18n.strings(language)
    assert LETTERS[0] + LETTERS[-1] == "ah" and LENGTH == 3
    assert re.search(r"a.+h", strings["components.sorting_board.letters_hint"])
