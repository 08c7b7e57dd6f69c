"""The script taken home from the playground gives in Keras what the playground shows."""

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs export/requirements.txt")

from glassbox.playground import data, network, take_home
from glassbox.playground.setup import Setup
from glassbox.playground.trainer import Trainer, grid

pytestmark = pytest.mark.export


@pytest.mark.parametrize(
    "setup",
    [
        Setup(layers=(3, 2), features=("x", "yy", "xy", "sinx")),
        Setup(classes=3, layers=(4,), activation="relu", penalty="l2", optimiser="adam"),
        Setup(data="hills", layers=(), penalty="l1", optimiser="momentum"),
    ],
    ids=["two", "three", "surface"],
)
def test_the_script_predicts_the_same(setup):
    trainer = Trainer(setup, data.draw(setup.data, setup.classes, 0.1, setup.seed))
    trainer.learn(3)
    script = {}
    exec(take_home.keras_code(trainer, setup), script)
    points = grid(5)
    assert script["predict"](points) == pytest.approx(trainer.neurons(points)[network.OUTPUT], rel=1e-4, abs=1e-5)
    history = script["model"].fit(script["features"](trainer.data.points), trainer.data.targets, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
