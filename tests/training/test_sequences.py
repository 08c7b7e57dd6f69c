"""A tiny transformer on letters: its tasks, and every number of its training against plain NumPy and differences."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from glassbox.graph.optimisers import Sgd
from glassbox.graph.training import TARGETS, training_graph
from glassbox.training import sequence_trainer, sequences
from glassbox.training.learner import Diverged, Learner
from glassbox.training.sequence_trainer import Ask, Reset, Train, Trainer, carry_out
from glassbox.training.sequences import LENGTH, LETTERS, Setup
from tests import transformers

QUESTION = np.array([2, 0, 1])
SHAPES = ((1, True), (2, False))
SETUPS = [Setup(task, heads=heads, positions=there) for task in sequences.TASKS for heads, there in SHAPES]


def held(trainer: Trainer) -> dict[str, Any]:
    """All weights of the network as it is now."""
    without = {"places": np.zeros((2 * LENGTH, sequences.WIDTH), np.float32)}
    return without | {name: cells.copy() for name, cells in trainer.weights.items()}


def shape(heads: int) -> transformers.Shape:
    width, neurons = sequences.WIDTH, sequences.NEURONS
    return transformers.Shape(len(LETTERS) + 1, 2 * LENGTH, 1, heads, width // heads, width, neurons)


def softmax(logits: Any) -> Any:
    shares = np.exp(logits - logits.max(-1, keepdims=True))
    return shares / shares.sum(-1, keepdims=True)


# The tasks


def test_answers_are_in_order_or_as_they_came() -> None:
    asked = np.array([[2, 0, 1], [7, 7, 3]])
    assert sequences.answers("sort", asked).tolist() == [[0, 1, 2], [3, 7, 7]]
    assert sequences.answers("repeat", asked).tolist() == asked.tolist()
    assert sequences.sequences(asked, np.array([[0], [3]])).tolist() == [[2, 0, 1, 8, 0], [7, 7, 3, 8, 3]]
    assert len(np.unique(sequences.questions(), axis=0)) == len(LETTERS) ** LENGTH


@pytest.mark.parametrize("setup", SETUPS, ids=str)
def test_network_computes_what_the_formulas_say(setup: Setup) -> None:
    trainer = Trainer(setup)
    trainer.learn(30)
    reading = trainer.read(QUESTION)
    found = transformers.compute(shape(setup.heads), held(trainer), list(reading.read))
    shares = softmax(found.logits[LENGTH:])
    assert list(reading.answer) == shares.argmax(-1).tolist()
    assert np.allclose(reading.probabilities, shares.max(-1), atol=1e-5)
    assert reading.read == (2, 0, 1, len(LETTERS), *reading.answer[:-1])
    assert np.allclose(reading.attention.sum(-1), 1, atol=1e-5) and not np.triu(reading.attention, 1).any()
    value = found.heads[0, 0, 3, 1] / reading.attention[0, 3, 1]  # what a head writes of a token is its share of it
    alone = found.heads[0, 0, 4, 1] / reading.attention[0, 4, 1]
    assert np.allclose(value, alone, atol=1e-3)


def test_the_score_is_that_of_the_unseen_questions_alone() -> None:
    trainer = Trainer(Setup())
    trainer.learn(150)
    unseen = [question for question in sequences.questions() if trainer.unseen(question)]
    assert len(unseen) == sequences.UNSEEN
    losses, right = [], []
    for question in unseen:
        answer = np.sort(question)
        ids = [*question.tolist(), len(LETTERS), *answer[:-1].tolist()]
        logits = transformers.compute(shape(1), held(trainer), ids).logits[LENGTH:]
        losses.append(-np.log(softmax(logits)[np.arange(LENGTH), answer]).mean())
        right.append(bool((trainer.read(question).answer == answer).all()))
    assert trainer.score.loss == pytest.approx(np.mean(losses), abs=1e-4)
    assert trainer.score.accuracy == pytest.approx(np.mean(right))  # whole answers, each letter fed back


def test_no_unseen_question_is_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(Setup("repeat"))
    trained: list[Any] = []
    learn = trainer._learner.learn

    def noted(batches: Any, *rest: Any) -> Any:
        trained.append(batches)
        return learn(batches, *rest)

    monkeypatch.setattr(trainer._learner, "learn", noted)
    trainer.learn(40)
    asked = np.concatenate(trained)[..., :LENGTH].reshape(-1, LENGTH)
    assert len(asked) == 40 * sequence_trainer.BATCH
    assert not any(trainer.unseen(question) for question in np.unique(asked, axis=0))


@pytest.mark.parametrize("setup", SETUPS[:2], ids=str)
def test_a_step_goes_down_the_gradient(setup: Setup) -> None:
    """Gradient descent on one batch: what each weight changes by, against central differences of the loss."""
    model, learning = sequences.build(setup)
    learner = Learner(model, "categorical_crossentropy", Sgd(), weights=learning)
    first = {name: cells.copy() for name, cells in learner.weights.items()}
    asked = sequences.questions()[[7, 100, 300]]
    right = sequences.answers(setup.task, asked)
    read = sequences.sequences(asked, right[:, :-1])
    learner.learn(read[None], np.eye(len(LETTERS) + 1, dtype=np.float32)[right][None], 1e-2)
    rng = np.random.default_rng(0)
    places = np.zeros((2 * LENGTH, sequences.WIDTH), np.float32)

    def loss(weights: dict[str, Any]) -> float:
        logits = [transformers.compute(shape(setup.heads), weights, list(ids)).logits[LENGTH:] for ids in read]
        shares = softmax(np.array(logits))
        return float(-np.log(np.take_along_axis(shares, right[..., None], -1)).mean())

    for name, cells in first.items():
        at = tuple(rng.integers(size) for size in cells.shape)
        ends = []
        for shift in (1e-4, -1e-4):
            moved = {"places": places} | {key: value.astype(np.float64) for key, value in first.items()}
            moved[name][at] += shift
            ends.append(loss(moved))
        gradient = (ends[0] - ends[1]) / 2e-4
        assert (first[name][at] - learner.weights[name][at]) / 1e-2 == pytest.approx(gradient, abs=2e-4), name


# The training


@pytest.mark.parametrize("task", sequences.TASKS)
def test_it_learns_what_it_has_not_seen(task: str) -> None:
    trainer = Trainer(Setup(task))
    assert trainer.score.accuracy < 0.1
    trainer.learn(600)
    assert trainer.score.accuracy > 0.85 and trainer.score.loss < 0.3 < trainer.history[0].loss


def test_repeating_looks_three_places_back_and_needs_positions() -> None:
    trainer = Trainer(Setup("repeat", heads=2))
    trainer.learn(600)
    attention = trainer.read(QUESTION).attention
    assert max(attention[head, [3, 4, 5], [0, 1, 2]].min() for head in range(2)) > 0.7
    blind = Trainer(Setup("repeat", positions=False))
    blind.learn(600)
    assert blind.score.accuracy < 0.3 and "places" not in blind.weights


def shares_right(trainer: Trainer, different: int) -> float:
    """The share of all questions of so many different letters that it answers rightly."""
    asked = np.array([question for question in sequences.questions() if len(set(question.tolist())) == different])
    answers = [trainer.read(question).answer for question in asked]
    return float((np.array(answers) == sequences.answers(trainer.setup.task, asked)).all(1).mean())


def test_sorting_without_positions_fails_on_letters_that_come_twice_alone() -> None:
    trainer = Trainer(Setup(positions=False, rate=0.01))
    trainer.learn(800)
    assert shares_right(trainer, 3) > 0.95 and shares_right(trainer, 2) < 0.7


def test_sorting_looks_for_the_letter_to_write() -> None:
    trainer = Trainer(Setup())
    trainer.learn(600)
    looks = []
    for question in sequences.questions()[::7]:
        if len(set(question.tolist())) == LENGTH:
            attention = trainer.read(question).attention[0]
            looks.append([question[attention[LENGTH + k].argmax()] == np.sort(question)[k] for k in (0, LENGTH - 1)])
    assert len(looks) > 30 and np.mean(looks) > 0.9


def test_a_seed_gives_the_same_training_in_whatever_pieces() -> None:
    whole, pieces = Trainer(Setup(seed=5)), Trainer(Setup(seed=5))
    whole.learn(30)
    for steps in (7, 1, 12, 10):
        pieces.learn(steps)
    assert whole.steps == pieces.steps == 30
    assert all(np.allclose(cells, pieces.weights[name], atol=1e-5) for name, cells in whole.weights.items())
    other = Trainer(Setup(seed=6))
    assert not np.allclose(other.weights["embedding"], Trainer(Setup(seed=5)).weights["embedding"])
    pieces.reset()
    pieces.learn(30)
    assert np.allclose(pieces.weights["embedding"], whole.weights["embedding"], atol=1e-5)


def test_trainings_of_one_shape_share_their_graph_and_nothing_else() -> None:
    one, other = Trainer(Setup(seed=1)), Trainer(Setup("repeat", seed=1))
    assert one._watch is other._watch and one._learner._session is other._learner._session
    before = other.weights["embedding"].copy()
    one.learn(5)
    assert (other.weights["embedding"] == before).all() and other.steps == 0


def test_steps_and_history_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence_trainer, "MOST_STEPS", 23)
    monkeypatch.setattr(sequence_trainer, "HISTORY", 8)
    trainer = Trainer(Setup())
    for _ in range(30):
        trainer.learn(1)
    assert trainer.steps == 23 and trainer.finished
    assert len(trainer.history) <= 8 and trainer.history[0].step == 0 and trainer.score.step == 23
    trainer.reset()
    assert trainer.steps == 0 and not trainer.finished and len(trainer.history) == 1


def test_time_that_is_up_ends_a_request() -> None:
    trainer = Trainer(Setup())
    trainer.learn(1000, seconds=0.0)
    assert trainer.steps == 0
    carry_out(trainer, Train(steps=10**9))
    assert 0 < trainer.steps <= sequence_trainer.MOST_AT_ONCE


def test_requests_are_carried_out() -> None:
    trainer = Trainer(Setup())
    carry_out(trainer, Train(steps=-3))
    assert trainer.steps == 1
    carry_out(trainer, Ask(letters="bad"))
    assert trainer.steps == 1
    carry_out(trainer, Reset())
    assert trainer.steps == 0


def test_numbers_that_are_not_finite_stop_it_and_the_last_good_weights_stay() -> None:
    trainer = Trainer(Setup())
    trainer.learn(3)
    good = trainer.weights["embedding"].copy()
    trainer.rate = float("inf")
    with pytest.raises(Diverged):
        trainer.learn(5)
    assert np.isfinite(trainer.weights["embedding"]).all() and trainer.score.step == trainer.steps
    assert (trainer.weights["embedding"] == good).all() or trainer.steps > 3


def test_the_training_graph_is_one_of_the_library() -> None:
    model, learning = sequences.build(replace(Setup(), positions=False))
    graph = training_graph(model, "categorical_crossentropy", Sgd(), weights=learning).graph
    assert TARGETS in [given.name for given in graph.input] and [n.op_type for n in graph.node].count("Scan") == 1
    assert "places" not in [given.name for given in graph.input]
