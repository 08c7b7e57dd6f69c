"""Back-propagation laid open: against differences, against the chain rule by hand, and against a training step."""

from pathlib import Path

import numpy as np
import pytest

from glassbox.digits.reference_set import EACH, ReferenceChange, reference_set
from glassbox.explain.backward_pass import Backward, through_time
from glassbox.training.learner import Divergence
from glassbox.training.teacher import MOST_STEPS, Teacher
from glassbox.zoo import digit_models
from tests import small_zoo

ZOO = digit_models.load()
NAMES = [name for name in digit_models.names() if name in ZOO.cards]
PICTURE = reference_set().pictures()[35]
LABEL = 8  # not what is drawn: a network that is right already has no gradient to speak of


@pytest.fixture(params=NAMES)
def model(request: pytest.FixtureRequest) -> bytes:
    return ZOO.model_bytes(request.param)


def test_scores_error_and_last_layer_follow_the_chain_rule(model: bytes) -> None:
    backward = Backward(model)
    found = backward.run(PICTURE, LABEL)
    wanted = found.probabilities - np.eye(10)[LABEL]
    np.testing.assert_allclose(found.errors[backward.score][0], wanted, atol=1e-6)
    features = found.tensors[backward.features][0]
    np.testing.assert_allclose(found.gradients[backward.kernel], np.outer(features, wanted), atol=1e-5)
    np.testing.assert_allclose(
        found.errors[backward.features][0], backward.weights[backward.kernel] @ wanted, atol=1e-5
    )
    assert found.loss == pytest.approx(-np.log(found.probabilities[LABEL]))


def test_every_gradient_is_the_slope_of_the_loss(model: bytes) -> None:
    """Along the gradient itself, where the slope is its squared length."""
    backward = Backward(model)
    found = backward.run(PICTURE, LABEL)
    for name, gradient in found.gradients.items():
        if "bias" in name and gradient.ndim == 2:  # a recurrent layer's two biases: see the training graph
            continue
        length = float(np.linalg.norm(gradient))
        if length < 1e-3:
            continue
        step = 2e-3 * gradient / length
        losses = [
            backward.run(PICTURE, LABEL, {name: (backward.weights[name] + sign * step).astype(np.float32)}).loss
            for sign in (1, -1)
        ]
        assert (losses[0] - losses[1]) / 4e-3 == pytest.approx(length, rel=0.05, abs=1e-3)


def test_a_lesson_of_one_step_is_the_weights_less_the_rate_times_the_gradient(model: bytes) -> None:
    backward, teacher = Backward(model), Teacher(model)
    found = backward.run(PICTURE, LABEL)
    lesson = teacher.teach(PICTURE, LABEL, 1, 1e-3)
    assert lesson.losses == pytest.approx([found.loss], rel=1e-3, abs=1e-6)
    for name, gradient in found.gradients.items():
        if gradient.ndim == 2 and gradient.shape[0] == 1:  # the bias of a recurrent layer is trained once
            continue
        np.testing.assert_allclose(lesson.weights[name], backward.weights[name] - 1e-3 * gradient, atol=2e-6)
    assert backward.run(PICTURE, LABEL, lesson.weights).loss < found.loss


def test_lessons_go_on_from_the_weights_given_and_forget_everyone(model: bytes) -> None:
    teacher = Teacher(model)
    both = teacher.teach(PICTURE, LABEL, 2, 0.02)
    first = teacher.teach(PICTURE, LABEL, 1, 0.02)
    second = teacher.teach(PICTURE, LABEL, 1, 0.02, first.weights)
    for name, cells in both.weights.items():
        np.testing.assert_allclose(second.weights[name], cells, atol=1e-6)
    again = teacher.teach(PICTURE, LABEL, 1, 0.02)
    assert again.losses == pytest.approx(first.losses)


@pytest.mark.parametrize("steps", [1, 2, 20])
def test_training_that_diverges_keeps_the_last_good_weights(steps: int) -> None:
    model = ZOO.model_bytes("mlp")
    lesson = Teacher(model).teach(PICTURE, LABEL, steps, 1e30)
    assert isinstance(lesson.stopped, Divergence) and lesson.stopped.cause == "learning_rate"
    assert np.isfinite(Backward(model).run(PICTURE, LABEL, lesson.weights).loss)


@pytest.mark.parametrize("steps", [0, MOST_STEPS + 1])
def test_number_of_steps_is_bounded(steps: int) -> None:
    with pytest.raises(ValueError, match=f"between 1 and {MOST_STEPS}"):
        Teacher(ZOO.model_bytes("mlp")).teach(PICTURE, LABEL, steps, 0.1)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru"])
def test_error_through_time_ends_with_that_of_the_last_state(name: str) -> None:
    backward = Backward(ZOO.model_bytes(name))
    found = backward.run(PICTURE, LABEL)
    assert backward.states
    lengths = through_time(found.errors[backward.states])
    assert lengths.shape == (28,)
    assert lengths[-1] == pytest.approx(np.linalg.norm(found.errors[backward.features]), rel=1e-5)


def test_scores_from_no_dense_layer_are_refused() -> None:
    with pytest.raises(ValueError, match="dense layer"):
        Backward(small_zoo.familiarity_model())


def test_network_without_hidden_layers(tmp_path: Path) -> None:
    small_zoo.write(tmp_path, "cnn")
    backward = Backward(digit_models.load(tmp_path).model_bytes("cnn"))
    assert backward.hidden == () and backward.states is None
    assert backward.run(PICTURE, LABEL).gradients["weights"].shape == (784, 10)


def test_probe_is_ten_different_pictures_of_each_label() -> None:
    found = reference_set()
    assert found.digits.shape == (10 * EACH, 28, 28)
    assert np.bincount(found.labels).tolist() == [EACH] * 10
    assert len({digit.tobytes() for digit in found.digits}) == 10 * EACH


def test_change_counts_what_was_learned_and_forgotten() -> None:
    change = ReferenceChange(np.array([1, 1, 2, 2]), before=np.array([1, 7, 2, 2]), after=np.array([1, 1, 2, 7]))
    assert (change.right_before, change.right_after) == (3, 3)
    assert change.learned.tolist() == [1] and change.forgotten.tolist() == [3]
    before, after = change.by_label()
    assert before.tolist() == [1, 2] and after.tolist() == [2, 1]
