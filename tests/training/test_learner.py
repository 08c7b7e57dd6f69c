import numpy as np
import pytest
from onnx import helper, numpy_helper

from glassbox.graph.optimisers import Adam, Sgd
from glassbox.training.learner import Diverged, Learner
from tests.gradients import graph, run

RNG = np.random.default_rng(0)


def line():
    """y = w x + b, with w = b = 0."""
    weights = {"w": np.zeros((1, 1), np.float32), "b": np.zeros(1, np.float32)}
    model = graph(
        [helper.make_node("Gemm", ["x", "w", "b"], ["y"])], {"x": np.zeros((8, 1), np.float32)}, weights, {"y": 2}
    )
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"
    return model


def batches(k=50):
    x = RNG.uniform(-1, 1, (k, 8, 1)).astype(np.float32)
    return x, 3 * x + 1


def test_a_line_is_found():
    learner = Learner(line(), "mean_squared_error", Sgd(0.9))
    losses = np.concatenate([learner.learn(*batches(), 0.05) for _ in range(4)])
    assert learner.steps == 200 and losses.shape == (200,)
    assert losses[-1] < 1e-4 < losses[0]
    assert learner.weights["w"] == pytest.approx(3, abs=0.01) and learner.weights["b"] == pytest.approx(1, abs=0.01)
    (y,) = run(learner.trained(), {"x": np.full((8, 1), 2, np.float32)})
    assert y == pytest.approx(7, abs=0.05)


def test_reset():
    learner = Learner(line(), "mean_squared_error", Adam())
    learner.learn(*batches(), 0.05)
    learner.reset()
    assert learner.steps == 0 and (learner.weights["w"] == 0).all()


def test_a_weight_edited_by_hand_counts():
    learner = Learner(line(), "mean_squared_error", Sgd())
    learner.weights["w"][:] = 3
    learner.weights["b"][:] = 1
    assert learner.learn(*batches(1), 0.0) == pytest.approx(0, abs=1e-9)


def test_too_large_a_learning_rate_stops_at_the_step_and_keeps_the_last_good_weights():
    x, t = batches(200)
    learner = Learner(line(), "mean_squared_error", Sgd())
    with pytest.raises(Diverged, match="try a tenth") as stopped:
        learner.learn(x, t, 1e6)
    assert stopped.value.divergence.cause == "learning_rate" and stopped.value.divergence.learning_rate == 1e6
    assert 0 < learner.steps == stopped.value.divergence.step - 1 < 200
    assert all(np.isfinite(w).all() for w in learner.weights.values())
    by_steps = Learner(line(), "mean_squared_error", Sgd())  # the same, one step at a time
    for i in range(learner.steps):
        by_steps.learn(x[i : i + 1], t[i : i + 1], 1e6)
    assert (by_steps.weights["w"] == learner.weights["w"]).all()


def test_divergence_at_the_last_step_is_seen_in_the_weights():
    x, t = batches(1)
    learner = Learner(line(), "mean_squared_error", Sgd())
    with pytest.raises(Diverged) as stopped:
        learner.learn(x, t, float("inf"))
    assert stopped.value.divergence.step == 1 and learner.steps == 0 and (learner.weights["w"] == 0).all()


def test_a_batch_that_is_not_finite_is_the_cause():
    x, t = batches(3)
    x[0, 0] = np.nan
    learner = Learner(line(), "mean_squared_error", Sgd())
    with pytest.raises(Diverged, match="not finite") as stopped:
        learner.learn(x, t, 0.1)
    assert stopped.value.divergence.cause == "data" and learner.steps == 0 and (learner.weights["w"] == 0).all()


def test_a_bad_batch_later_on_is_the_cause_too():
    x, t = batches(6)
    x[3, 0] = np.nan
    learner = Learner(line(), "mean_squared_error", Sgd())
    with pytest.raises(Diverged) as stopped:
        learner.learn(x, t, 0.1)
    assert stopped.value.divergence.cause == "data" and stopped.value.divergence.step == 4 and learner.steps == 3


def test_batches_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="x must have the shape"):
        Learner(line(), "mean_squared_error", Sgd()).learn(np.zeros((2, 8, 5), np.float32), np.zeros((2, 8, 1)), 0.1)


def test_weights_that_an_earlier_run_made_too_large_are_the_learning_rates_fault():
    x, t = batches(2)
    learner = Learner(line(), "mean_squared_error", Sgd())
    learner.learn(x[:1], t[:1], 1e30)  # finite weights still, but their squared error is not
    with pytest.raises(Diverged) as stopped:
        learner.learn(x[1:], t[1:], 0.1)
    assert stopped.value.divergence.cause == "learning_rate"


def test_only_the_weights_that_are_asked_for_learn():
    learner = Learner(line(), "mean_squared_error", Sgd(), weights=["b"])
    learner.learn(*batches(), 0.05)
    assert learner.weights.keys() == {"b"} and learner.weights["b"] != 0
    held = {one.name: numpy_helper.to_array(one) for one in learner.trained().graph.initializer}
    assert held["w"] == 0 and held["b"] == learner.weights["b"]


def test_learners_may_share_a_session():
    first = Learner(line(), "mean_squared_error", Sgd())
    second = Learner(line(), "mean_squared_error", Sgd(), session=first._session)
    first.learn(*batches(), 0.05)
    assert second.steps == 0 and second.weights["w"] == 0 != first.weights["w"]
