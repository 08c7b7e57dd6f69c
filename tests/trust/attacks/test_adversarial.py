"""Attacks on a linear network, where the best picture is known in closed form, and on the shipped ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from glassbox.digits.reference_set import reference_set
from glassbox.explain.attribution.methods import Network
from glassbox.paths import MODELS
from glassbox.trust.attacks import adversarial, inversion, poisoning
from glassbox.trust.attacks.square import side_at, square
from glassbox.zoo import digit_models
from tests.models import graph

RNG = np.random.default_rng(0)
W = RNG.normal(size=(784, 2)).astype(np.float32) / 28
PICTURE = RNG.uniform(0.3, 0.7, (1, 28, 28)).astype(np.float32)
SLOPE = (W[:, 0] - W[:, 1]).reshape(28, 28)
LABELS = np.array([0])


def linear(weights: np.ndarray = W, temperature: float = 1.0) -> Network:
    nodes = [
        helper.make_node("Flatten", ["picture"], ["flat"]),
        helper.make_node("MatMul", ["flat", "W"], ["scores"]),
    ]
    return Network(graph(nodes, {"picture": ["N", 28, 28]}, ["scores"], {"W": weights}), temperature=temperature)


def shipped(name: str) -> Network:
    models = digit_models.load()
    return Network(models.model_bytes(name), temperature=models.cards[name].calibration.temperature)


def test_ascent_is_the_gradient_of_the_loss_but_for_a_factor() -> None:
    """-ln p of label 0 of two falls with the difference of their scores."""
    found = adversarial.loss_gradient(linear(), PICTURE, LABELS)
    assert found[0] / np.abs(found).max() == pytest.approx(-SLOPE / np.abs(SLOPE).max(), abs=1e-5)


def test_ascent_of_a_network_however_sure_does_not_vanish() -> None:
    read = int((PICTURE.reshape(-1) @ W).argmax())
    found = adversarial.loss_gradient(linear(W * 3e4), PICTURE, np.array([read]))
    assert np.array_equal(np.sign(found[0]), np.sign(SLOPE if read else -SLOPE))


def test_ascent_of_three_labels_is_that_of_their_softmax() -> None:
    """Against central differences of -ln p, with a temperature."""
    weights = RNG.normal(size=(784, 3)).astype(np.float32) / 28
    flat, temperature = PICTURE.reshape(-1).astype(float), 0.5

    def loss(x: np.ndarray) -> float:
        scores = x @ weights / temperature
        return float(np.log(np.exp(scores).sum()) - scores[1])

    pixels = [3, 300, 500, 783]
    steps = 1e-5 * np.eye(784)[pixels]
    slopes = np.array([loss(flat + step) - loss(flat - step) for step in steps])
    found = adversarial.loss_gradient(linear(weights, temperature), PICTURE, np.array([1])).reshape(-1)[pixels]
    assert found / np.abs(found).max() == pytest.approx(slopes / np.abs(slopes).max(), rel=1e-3)


@pytest.mark.parametrize("attack", adversarial.ATTACKS)
def test_both_attacks_find_the_worst_picture_of_a_linear_network(attack: str) -> None:
    """Its corner of the cube: x - epsilon sign(w_0 - w_1), where nothing is cut off at 0 or 1."""
    found = adversarial.ATTACKS[attack](linear(), PICTURE, LABELS, 0.2)
    assert found[0] == pytest.approx(PICTURE[0] - 0.2 * np.sign(SLOPE), abs=1e-6)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.floats(0, 1), st.sampled_from(["fgsm", "pgd", "noise", "square"]), st.integers(0, 5))
def test_no_pixel_moves_further_than_epsilon_or_leaves_the_paper(epsilon: float, attack: str, seed: int) -> None:
    pictures = np.random.default_rng(seed).choice([0, 0.5, 1], (3, 28, 28)).astype(np.float32)
    if attack == "noise":
        found = adversarial.noise(pictures, epsilon, seed)
    elif attack == "square":
        found = square(linear(), pictures, np.array([0, 1, 0]), epsilon, queries=30, seed=seed)
    else:
        found = adversarial.ATTACKS[attack](linear(), pictures, np.array([0, 1, 0]), epsilon)
    assert found.dtype == np.float32
    assert np.abs(found.astype(float) - pictures).max() <= epsilon + 1e-6
    assert found.min() >= 0 and found.max() <= 1


def test_sizes_in_a_batch_are_as_one_by_one() -> None:
    sizes = np.array([0.0, 0.1, 0.3])
    together = adversarial.fgsm(linear(), np.repeat(PICTURE, 3, 0), np.repeat(LABELS, 3), sizes)
    for made, size in zip(together, sizes.tolist(), strict=True):
        assert np.array_equal(made, adversarial.fgsm(linear(), PICTURE, LABELS, size)[0])
    assert np.array_equal(together[0], PICTURE[0])


def test_pgd_is_the_same_for_the_same_seed() -> None:
    target, digits = shipped("mlp"), reference_set().pictures()[::10].astype(np.float32)
    labels = target.scores(digits).argmax(1)
    first, again, other = (
        adversarial.pgd(target, digits, labels, 0.005, steps=3, starts=12, seed=seed) for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def dead_on_grey() -> Network:
    """Reads label 1 where there is much ink in the left half of the sheet and little in the right one, else label 0. On
    grey paper its only neuron is off, and no gradient leads away from label 0."""
    weights = np.full((28, 28), 0.5, np.float32)
    weights[:, 14:] = -1.5
    nodes = [
        helper.make_node("Flatten", ["picture"], ["flat"]),
        helper.make_node("MatMul", ["flat", "W"], ["sum"]),
        helper.make_node("Relu", ["sum"], ["neuron"]),
        helper.make_node("MatMul", ["neuron", "V"], ["product"]),
        helper.make_node("Add", ["product", "b"], ["scores"]),
    ]
    tensors = {
        "W": weights.reshape(784, 1),
        "V": np.array([[-1, 1]], np.float32),
        "b": np.array([1, 0], np.float32),
    }
    return Network(graph(nodes, {"picture": ["N", 28, 28]}, ["scores"], tensors))


def test_pgd_begins_at_the_picture_and_not_on_grey_paper() -> None:
    """On grey paper the neuron is off: an attack that begins there goes nowhere, however large a change it may make."""
    network, picture = dead_on_grey(), np.zeros((1, 28, 28), np.float32)
    picture[:, :, :14] = 0.001
    grey = adversarial.noise(picture, 0.3, inside=True)
    assert network.scores(np.concatenate([picture, grey])).argmax(1).tolist() == [0, 0]
    assert network.gradients(picture, 0).any() and not network.gradients(grey, 0).any()
    for epsilon in (0.05, 0.3, 1.0):
        assert network.scores(adversarial.pgd(network, picture, LABELS, epsilon)).argmax() == 1


def test_what_pgd_finds_is_the_best_of_its_steps() -> None:
    """Its last step may overshoot, and the picture between is the one to keep."""
    network = shipped("rnn")
    digits = reference_set().pictures()[::10].astype(np.float32)
    labels = network.scores(digits).argmax(1)
    few, more = (
        adversarial.margins(network.scores(adversarial.pgd(network, digits, labels, 0.05, starts=starts)), labels)
        for starts in (1, 12)
    )
    assert (few <= adversarial.margins(network.scores(digits), labels)).all()
    assert (more <= few).all() and (more < few).any()


def test_margin_is_below_nothing_where_another_label_is_read() -> None:
    scores = np.array([[1.0, 3.0, 2.0], [1.0, 3.0, 2.0]], np.float32)
    assert adversarial.margins(scores, np.array([1, 0])).tolist() == [1, -2]


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_a_static_int8_network_falls_to_pgd_as_its_float_network_does(name: str) -> None:
    """By the gradient of the staircase, which is 0, it seemed to resist: 98.5% were left instead of 0.5%."""
    digits = reference_set().pictures()[::5].astype(np.float32)
    models, left = digit_models.load(), []
    for model in (models.model_bytes(name), MODELS / f"{name}_int8_static" / "1" / "model.onnx"):
        network = Network(model)
        labels = network.scores(digits).argmax(1)
        left.append(int((network.scores(adversarial.pgd(network, digits, labels, 0.1)).argmax(1) == labels).sum()))
    assert max(left) <= 3, left


def test_square_needs_no_gradient() -> None:
    """It turns a label within the epsilon that the best picture of a linear network needs, twice over."""
    network = linear()
    label = int(network.scores(PICTURE)[0].argmax())
    least = abs(float((PICTURE[0] * SLOPE).sum())) / np.abs(SLOPE).sum()
    labels = np.array([label])
    assert network.scores(square(network, PICTURE, labels, 20 * least, queries=500)).argmax() != label
    assert network.scores(square(network, PICTURE, labels, 0.9 * least, queries=500)).argmax() == label


def test_square_goes_on_from_where_it_was_and_never_gets_worse() -> None:
    network, digits = shipped("mlp"), reference_set().pictures()[::10].astype(np.float32)
    labels, found, margins = network.scores(digits).argmax(1), digits, []
    for epsilon in (0.02, 0.05, 0.1):
        found = square(network, digits, labels, epsilon, queries=60, start=found)
        margins.append(adversarial.margins(network.scores(found), labels))
    assert (np.diff(margins, axis=0) <= 0).all() and (margins[-1] < margins[0]).any()


def test_squares_shrink_as_the_authors_schedule_says() -> None:
    """0.8 of the pixels at first, half of that after each of nine parts of the queries."""
    assert [side_at(part) for part in (0, 0.001, 0.002, 0.03, 0.3, 1)] == [25, 25, 18, 9, 3, 1]


def test_turning_point_of_a_linear_network() -> None:
    """It turns where epsilon times the sum of |w_0 - w_1| exceeds the difference of the scores."""
    network = linear()
    difference = float((PICTURE[0] * SLOPE).sum())
    least = abs(difference) / np.abs(SLOPE).sum()
    sizes = np.array([0.5 * least, 0.99 * least, 1.01 * least, 2 * least])
    assert adversarial.smallest_epsilon(network, PICTURE[0], "fgsm", sizes) == pytest.approx(1.01 * least)
    assert adversarial.smallest_epsilon(network, PICTURE[0], "fgsm", sizes[:2]) is None


@pytest.mark.parametrize("attack", adversarial.ATTACKS)
def test_cross_pushes_each_network_away_from_its_own_reading(attack: str) -> None:
    targets = {name: shipped(name) for name in digit_models.article()}
    digit = np.zeros((28, 28), np.float32)
    digit[4:24, 12:16] = digit[4:7, 8:16] = 1
    found = adversarial.attack_each(targets, digit, attack, 0.1)
    for name, one in found.items():
        before = adversarial.read(targets[name], digit)
        assert one.before == before and set(one.after) == set(targets)
        assert targets[name].probabilities(one.picture[None])[0, before.label] < before.probability


def test_inversion_of_a_linear_network_answers_its_label() -> None:
    """Scores 1 and 0 are within reach, so the squared error goes to nothing, step by step; and pixels stay ink."""
    made = inversion.invert(linear(), np.array([0, 1]))
    assert made.losses == pytest.approx([0, 0], abs=1e-4)
    assert made.pictures.min() >= 0 and made.pictures.max() <= 1
    scores = made.pictures.reshape(2, -1) @ W
    assert made.losses == pytest.approx(np.square(scores - np.eye(2)).mean(1), abs=1e-5)
    ways = [inversion.invert(linear(), np.array([0, 1]), steps).losses for steps in range(0, 30, 3)]
    assert (np.diff(ways, axis=0) <= 0).all() and (ways[-1] < ways[0]).all()


def test_smoothing_is_the_binomial_filter_and_stays_a_way_down() -> None:
    spot = np.zeros((1, 28, 28))
    spot[0, 10, 12] = 1
    weights = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256
    assert inversion.smooth(spot)[0, 8:13, 10:15] == pytest.approx(weights)
    for seed in range(5):
        slope = np.random.default_rng(seed).normal(size=(1, 28, 28))
        assert (slope * inversion.smooth(slope)).sum() > 0


def test_resemblance_is_pearsons() -> None:
    one, others = RNG.random((28, 28)), RNG.random((4, 28, 28))
    expected = [np.corrcoef(one.ravel(), other.ravel())[0, 1] for other in others]
    assert inversion.correlation(one, others) == pytest.approx(expected)
    assert inversion.correlation(one, np.stack([3 * one + 1, np.ones((28, 28))])) == pytest.approx([1, 0])


@pytest.mark.parametrize(("kind", "ink"), [(np.uint8, 255), (np.float32, 1)])
def test_the_patch_is_nine_pixels_of_ink_and_a_copy(kind: type, ink: int) -> None:
    blank = np.zeros((2, 28, 28), kind)
    found = poisoning.with_patch(blank)
    assert found.dtype == kind and blank.sum() == 0
    assert (found[:, 24:27, 24:27] == ink).all() and (found > 0).sum() == 18
