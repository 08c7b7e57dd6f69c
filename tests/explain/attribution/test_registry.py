"""Attributions compared: what the scores say, on a network whose answer is known."""

from pathlib import Path

import numpy as np
import pytest

from glassbox.digits.reference_set import reference_set
from glassbox.explain.attribution import registry
from glassbox.explain.attribution.faithfulness import BlankMap, PerturbationCurve, Scores
from glassbox.explain.attribution.methods import Network
from glassbox.explain.attribution.registry import ScoredMap
from glassbox.zoo import digit_models
from tests import small_zoo


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """Reads class k in the first pixel of row k."""
    small_zoo.write(tmp_path, "mlp")
    return Network(digit_models.load(tmp_path).model_bytes("mlp"))


@pytest.fixture
def picture() -> np.ndarray:
    """Evidence for class 3, and a stroke elsewhere that the network does not look at."""
    pixels = np.zeros((28, 28), np.float32)
    pixels[3, 0], pixels[10:20, 12:16] = 1, 1
    return pixels


@pytest.mark.parametrize("name", ["saliency", "gradient_times_input", "integrated_gradients", "occlusion"])
def test_method_that_finds_the_one_pixel_beats_both_baselines(network: Network, picture: np.ndarray, name: str) -> None:
    scored = registry.attribute(network, picture, 3, name)
    assert np.unravel_index(scored.map.argmax(), (28, 28))[0] in (2, 3, 4)
    assert registry.verdict(scored, registry.baselines(network, picture, 3)) == "better"


def test_integrated_gradients_of_a_linear_score_miss_nothing(network: Network, picture: np.ndarray) -> None:
    missed = registry.attribute(network, picture, 3, "integrated_gradients").missed
    assert missed is not None and missed < 1e-5


def test_label_without_evidence_leaves_nothing_to_measure(network: Network, picture: np.ndarray) -> None:
    scored = registry.attribute(network, picture, 8, "saliency")
    assert registry.verdict(scored, registry.baselines(network, picture, 8)) == "nothing"


def test_a_constant_map_has_no_score(network: Network) -> None:
    """On an empty sheet every pixel times its gradient is 0: a score would be that of the pixels' order in memory."""
    with pytest.raises(BlankMap, match="gradient_times_input gives all pixels the same"):
        registry.attribute(network, np.zeros((28, 28), np.float32), 3, "gradient_times_input")


def flat(level: float) -> PerturbationCurve:
    return PerturbationCurve(np.array([0.0, 1.0]), np.array([level, level]))


def scored(name: str, faithfulness: float) -> ScoredMap:
    rising = PerturbationCurve(
        np.array([0.0, 0.5, 1.0]), np.array([0.0, 2 * faithfulness, 1.0]) - np.array([0, 0.5, 0])
    )
    return ScoredMap(name, np.zeros((28, 28)), Scores(flat(0.0), rising))


@pytest.mark.parametrize(("value", "said"), [(0.7, "better"), (0.5, "edges"), (0.31, "chance"), (0.1, "chance")])
def test_verdict_names_the_baselines_that_are_beaten(value: float, said: str) -> None:
    baselines = {"edges": scored("edges", 0.6), "random": scored("random", 0.3)}
    assert scored("saliency", value).faithfulness == pytest.approx(value)
    assert registry.verdict(scored("saliency", value), baselines) == said


def test_only_networks_with_convolutions_have_grad_cam(network: Network) -> None:
    assert set(registry.METHODS) - set(registry.methods(network)) == {"grad_cam"}


def test_scales_show_zero_where_a_map_has_a_sign() -> None:
    values = np.array([[-2.0, 1.0]])
    assert registry.limits(values, "occlusion") == (-2, 2)
    assert registry.limits(np.array([[0.5, 1.0]]), "saliency") == (0, 1)
    assert registry.limits(np.array([[0.5, 1.0]]), "rise") == (0.5, 1)


def test_shuffling_every_weight_changes_the_map() -> None:
    network, digit = Network(digit_models.load().model_bytes("rnn")), reference_set().pictures()[0].astype(np.float32)
    last = registry.randomisation(network, digit, int(network.scores(digit[None]).argmax()), "saliency")[-1]
    assert last.weight == "rnn/kernel" and abs(last.similarity) < 0.5


def test_a_map_without_anything_on_the_ink_is_compared_with_none(network: Network, picture: np.ndarray) -> None:
    """Shuffled, the ten weights of 784 lie where the picture has no ink: 0.00 would say that something had changed."""
    (step,) = registry.randomisation(network, picture, 3, "saliency")
    assert step.weight == "weights" and np.isnan(step.similarity)
