"""Points painted by hand, which are trained on while the network keeps what it has learned, and goals of lessons."""

import math
from dataclasses import replace

import numpy as np
import pytest

from glassbox.playground import data, painting
from glassbox.playground.lessons import GOALS, LESSONS
from glassbox.playground.requests import Clear, Erase, Paint, carry_out
from glassbox.playground.setup import Setup
from glassbox.playground.trainer import Trainer

SETUP = Setup(layers=(3,))
CIRCLES = data.draw("circle", 2, 0, 1)


def test_what_is_painted_is_trained_on_and_the_split_of_the_others_stays() -> None:
    points = painting.painted(CIRCLES, [(1, 2), (9, -9)], 1)
    assert points.points[:2].tolist() == [[1, 2], [6, -6]]  # moved onto the plane
    assert points.values[:2].tolist() == [1, 1] and points.painted == 2
    assert points.split(0.5) == CIRCLES.split(0.5) + 2
    np.testing.assert_array_equal(points.points[2:], CIRCLES.points)
    with pytest.raises(IndexError):
        painting.painted(CIRCLES, [(1, 2)], 2)
    with pytest.raises(IndexError):
        painting.painted(data.draw("hills", 2, 0, 1), [(1, 2)], 0)


def test_no_more_points_than_there_may_be_and_none_that_are_no_number() -> None:
    points = CIRCLES
    for _ in range(10):
        points = painting.painted(points, [(0.5, 0.5)] * 150, 0)
    assert len(points.points) == len(points.values) == painting.MOST_POINTS
    assert len(painting.painted(CIRCLES, [(math.nan, 0), (math.inf, 0)], 0).points) == len(CIRCLES.points)


def test_the_eraser_takes_what_lies_within_its_reach() -> None:
    points = painting.painted(painting.cleared(CIRCLES), [(0, 0), (0.5, 0), (2, 0)], 0)
    left = painting.erased(points, [(0, 0)])
    assert left.points.tolist() == [[2, 0]] and left.painted == 1 and left.classes == CIRCLES.classes


def test_training_goes_on_with_the_new_points_and_rests_without_any() -> None:
    trainer = Trainer(SETUP, CIRCLES)
    trainer.learn(5)
    weights = {name: cells.copy() for name, cells in trainer.weights.items()}
    assert carry_out(trainer, SETUP, Paint(places=[(0, 0), (1, 1)], value=1)) is None
    assert trainer.trained_on == 252 and trainer.epoch == 5
    for name, cells in trainer.weights.items():
        np.testing.assert_array_equal(cells, weights[name])
    carry_out(trainer, SETUP, Clear())
    trainer.learn(3)
    assert trainer.epoch == 5 and math.isnan(trainer.score.train_loss) and trainer.score.test_accuracy is None
    carry_out(trainer, SETUP, Paint(places=[(-3, 0), (-3, 1)], value=0))
    carry_out(trainer, SETUP, Paint(places=[(3, 0), (3, 1)], value=1))
    trainer.learn(200)
    assert trainer.score.train_accuracy == 1 and trainer.epoch == 205
    carry_out(trainer, SETUP, Erase(places=[(3, 0)]))
    assert trainer.trained_on == 3  # (3, 1) is out of its reach
    carry_out(trainer, SETUP, Paint(places=[(0, 0)], value=7))  # no such class
    assert trainer.data.painted == len(trainer.data.points)


SOLUTIONS = {
    "line": {"layers": (4,)},
    "spiral": {"features": ("x", "y")},
    "linear": {"activation": "tanh"},
    "penalty": {"strength": 0.03},
    "dead": {"rate": 0.03},
    "diverge": {"rate": 0.01},
}
"""What must be changed in a lesson; in the others it is enough to let it train."""


@pytest.mark.parametrize("name", LESSONS)
def test_each_goal_can_be_reached_and_is_not_at_the_start(name: str) -> None:
    lesson, goal = LESSONS[name], GOALS[name]
    setup = replace(lesson, **SOLUTIONS.get(name, {}))
    trainer = Trainer(setup, data.draw(setup.data, setup.classes, setup.noise / 100, setup.seed))
    assert not goal.reached(lesson, setup, trainer.score)
    while trainer.epoch < 600 and not goal.reached(lesson, setup, trainer.score):
        trainer.learn(20)
    assert goal.reached(lesson, setup, trainer.score)
    other = replace(setup, layers=(2, 2, 2), features=("xy",), activation="linear")
    assert goal.reached(lesson, other, trainer.score) == (not goal.keep and not goal.features)
