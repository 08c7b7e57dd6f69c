import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassbox.playground import data, features, network, setup
from glassbox.playground.lessons import LESSONS
from glassbox.playground.requests import MOST_EPOCHS, Request, Reset, Reshape, SetWeight, Train, carry_out
from glassbox.playground.setup import Setup, from_query, to_query
from glassbox.playground.trainer import HISTORY, Trainer, grid
from glassbox.training.learner import Diverged
from glassbox.ui.base import payload
from tests.gradients import run

SETUPS = st.builds(
    Setup,
    data=st.sampled_from(data.NAMES),
    classes=st.sampled_from(data.CLASSES),
    noise=st.sampled_from(setup.NOISES),
    share=st.sampled_from(setup.SHARES),
    seed=st.integers(0, 999_999),
    features=st.sets(st.sampled_from(list(features.FEATURES)), min_size=1).map(
        lambda chosen: tuple(name for name in features.FEATURES if name in chosen)
    ),
    layers=st.lists(st.integers(1, 8), max_size=6).map(tuple),
    activation=st.sampled_from(list(setup.ACTIVATIONS)),
    optimiser=st.sampled_from(list(setup.OPTIMISERS)),
    rate=st.sampled_from(setup.RATES),
    batch=st.sampled_from(setup.BATCHES),
    penalty=st.sampled_from(setup.PENALTIES),
    strength=st.sampled_from(setup.STRENGTHS),
    discrete=st.booleans(),
    test=st.booleans(),
)


def trainer(of: Setup) -> Trainer:
    return Trainer(of, data.draw(of.data, of.classes, of.noise / 100, of.seed))


@settings(derandomize=True, deadline=None, max_examples=100)
@given(SETUPS)
def test_a_link_brings_the_setup_back(one: Setup) -> None:
    assert from_query(to_query(one)) == one


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(setup.NAMES), st.text(max_size=12)))
def test_a_forged_link_gives_a_setup_that_can_be_trained(query: dict[str, str]) -> None:
    made = from_query(query)
    assert from_query(to_query(made)) == made
    assert 1 <= len(made.features) <= 7 and setup.layers_are_fine(list(made.layers))


def test_a_link_to_ones_own_data_needs_the_data() -> None:
    assert from_query({"data": "own"}).data == "circle"
    assert from_query({"data": "own"}, own=True).own


@pytest.mark.parametrize("name", data.NAMES)
@pytest.mark.parametrize("classes", data.CLASSES)
def test_points_lie_in_the_plane_and_come_back_from_their_seed(name: str, classes: int) -> None:
    one, again, other = (data.draw(name, classes, 0.5, seed) for seed in (3, 3, 4))
    assert np.array_equal(one.points, again.points) and not np.array_equal(one.points, other.points)
    assert one.points.shape == (data.POINTS, 2) and np.abs(one.points).max() <= data.LIMIT
    if name in data.REGRESSION:
        assert one.outputs == 1 and not one.classes
    else:
        counts = np.bincount(one.values.astype(int), minlength=classes)
        assert len(counts) == classes == len(one.classes) and counts.max() - counts.min() <= 1
        assert one.targets.shape == (data.POINTS, classes if classes > 2 else 1)


def test_the_checkerboard_of_two_is_the_exclusive_or() -> None:
    one = data.draw("checkerboard", 2, 0, 1)
    assert np.array_equal(one.values == 1, np.prod(one.points, 1) < 0)


def test_heights_are_those_of_the_formula() -> None:
    one = data.draw("plane", 2, 0, 1)
    assert one.values == pytest.approx(one.points.sum(1) / 10, abs=1e-6)


@pytest.mark.parametrize("chosen", [("x",), ("xy", "siny"), tuple(features.FEATURES)])
def test_the_nodes_compute_the_same_features(chosen: tuple[str, ...]) -> None:
    trained = trainer(Setup(features=chosen, layers=()))
    trained.learn(1)
    points = grid(8)
    (by_graph,) = run(trained.model(), {network.POINT: points})
    assert by_graph == pytest.approx(trained.neurons(points)[network.OUTPUT], abs=1e-5)


def test_the_grid_begins_at_the_top_left() -> None:
    points = grid(4).reshape(4, 4, 2)
    assert points[0, 0].tolist() == [-4.5, 4.5] and points[0, 3].tolist() == [4.5, 4.5]


def test_reset_and_seed_repeat_a_run() -> None:
    one, other = trainer(Setup()), trainer(Setup())
    one.learn(5)
    first = one.score
    one.reset()
    assert one.epoch == one.steps == 0
    one.learn(5)
    other.learn(2)
    other.learn(3)
    assert one.score == first == other.score and one.steps == 5 * 25


def test_losses_are_those_of_the_outputs() -> None:
    for of in (Setup(layers=(3,)), Setup(layers=(3,), classes=3), Setup(layers=(3,), data="hills")):
        one = trainer(of)
        one.learn(3)
        out, cut = one.neurons(one.data.points)[network.OUTPUT].astype(float), one.trained_on
        if one.data.outputs > 1:
            assert out.sum(1) == pytest.approx(1, abs=1e-5)
            each = -np.log(out[np.arange(len(out)), one.data.values.astype(int)])
        else:
            each = (out[:, 0] - one.data.targets[:, 0]) ** 2
        assert one.losses() == pytest.approx((each[:cut].mean(), each[cut:].mean()), rel=1e-4)
        assert (one.score.train_loss, one.score.test_loss) == pytest.approx(one.losses())


def test_the_history_keeps_its_limit() -> None:
    one = trainer(Setup(layers=(), batch=30))
    for _ in range(HISTORY + 5):
        one.learn(1)
    epochs = [score.epoch for score in one.history]
    assert len(epochs) <= HISTORY and epochs[0] == 0 and epochs[-1] == HISTORY + 5 and epochs == sorted(epochs)


def test_a_weight_set_by_hand_shows_at_once() -> None:
    one = trainer(Setup(layers=()))
    for row, value in ((0, 1.5), (1, -0.5), (None, 0.25)):
        one.set_weight(0, row, 0, value)
    (y,) = one.neurons(np.array([[1, 2]], np.float32))[network.OUTPUT]
    assert y == pytest.approx(np.tanh(1.5 - 1.0 + 0.25), abs=1e-6)
    for place in ((1, 0, 0), (-1, 0, 0), (0, 2, 0), (0, -2, 0), (0, 0, 1)):
        with pytest.raises(IndexError):
            one.set_weight(*place, 0.0)
    for value in (np.nan, np.inf, 1e4):
        with pytest.raises(ValueError, match="between"):
            one.set_weight(0, 0, 0, value)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("line", (0, 0.75)),
        ("feature", (0.99, 1)),
        ("hidden", (0.98, 1)),
        ("product", (0.99, 1)),
        ("checkerboard", (0.98, 1)),
        ("linear", (0, 0.75)),
        ("spiral", (0.98, 1)),
        ("several", (0.9, 1)),
        ("dead", (0.4, 0.6)),
    ],
)
def test_lessons_show_what_they_say(name: str, right: tuple[float, float]) -> None:
    one = trainer(LESSONS[name])
    one.learn(100)
    assert one.score.test_accuracy is not None
    assert right[0] <= one.score.test_accuracy <= right[1]


def test_the_lesson_about_noise_and_the_one_against_it() -> None:
    overfit, penalty = trainer(LESSONS["overfit"]), trainer(LESSONS["penalty"])
    overfit.learn(300)
    penalty.learn(300)
    assert overfit.score.train_loss < 0.01 < penalty.score.train_loss
    assert penalty.score.test_loss < overfit.score.test_loss - 0.05


def test_the_lesson_about_hills() -> None:
    one = trainer(LESSONS["hills"])
    before = one.score.test_loss
    one.learn(150)
    assert one.score.test_loss < before / 5 and one.score.test_accuracy is None


def test_the_lesson_that_diverges_stops_and_keeps_good_weights() -> None:
    one = trainer(LESSONS["diverge"])
    with pytest.raises(Diverged) as stopped:
        one.learn(20)
    assert stopped.value.divergence.cause == "learning_rate" and stopped.value.divergence.step <= 40
    assert all(np.isfinite(w).all() for w in one.weights.values())
    json.dumps([score.train_loss for score in one.history])


def test_the_learning_rate_may_change_on_the_way() -> None:
    one = trainer(Setup())
    one.rate = 0.0
    before = one.score
    one.learn(2)
    assert one.score.train_loss == before.train_loss and one.epoch == 2


def test_requests_are_carried_out() -> None:
    one, now = trainer(Setup(layers=(3,))), Setup(layers=(3,))
    assert carry_out(one, now, Train(epochs=3)) is None and one.epoch == 3
    carry_out(one, now, SetWeight(layer=1, row=-1, column=0, value=2))
    assert one.weights["b2"][0] == 2
    carry_out(one, now, Reset())
    assert one.epoch == 0 and one.weights["b2"][0] == 0
    changed = carry_out(one, now, Reshape(layers=[2, 8], features=["siny", "x"]))
    assert changed == replace(now, layers=(2, 8), features=("x", "siny"))


@pytest.mark.parametrize(
    "request_",
    [
        None,
        7,
        {},
        {"kind": "train"},
        {"kind": "train", "epochs": "many"},
        {"kind": "train", "epochs": True},
        {"kind": "weight", "layer": 0, "row": 0, "column": 99, "value": 1},
        {"kind": "weight", "layer": 0, "row": 0, "column": 0, "value": float("nan")},
        {"kind": "weight", "layer": 0, "row": 0, "column": 0, "value": 10**400},
        {"kind": "shape", "layers": [9], "features": ["x"]},
        {"kind": "shape", "layers": [1] * 7, "features": ["x"]},
        {"kind": "shape", "layers": [1], "features": []},
        {"kind": "shape", "layers": "1", "features": ["x"]},
        {"kind": "shape", "layers": [1.5], "features": ["x"]},
    ],
)
def test_forged_requests_are_passed_over(request_: object) -> None:
    one = trainer(Setup(layers=(2,)))
    before = {name: w.copy() for name, w in one.weights.items()}
    request = payload.parse(request_, Request)
    assert request is None or carry_out(one, one.setup, request) is None
    assert one.epoch == 0 and all(np.array_equal(before[name], w) for name, w in one.weights.items())


def test_one_request_trains_only_so_much() -> None:
    one = trainer(Setup(layers=(), batch=30))
    carry_out(one, one.setup, Train(epochs=10**9))
    assert 1 <= one.epoch <= MOST_EPOCHS
