import numpy as np
import pytest
from onnx import helper
from scipy.stats import spearmanr

from glassbox.explain.attribution.faithfulness import (
    BlankMap,
    agreement,
    baselines,
    blank,
    deletion,
    edge_map,
    in_order,
    insertion,
    random_map,
    rank_correlation,
    scores,
    sensitivity,
    shuffled,
    weight_randomisation,
)
from glassbox.explain.attribution.methods import Network, gradient_times_input, saliency
from glassbox.graph.model import array
from tests.gradients import graph
from tests.models import network

PICTURE = np.zeros((28, 28), np.float32)
PICTURE[4:24, 12:16] = 1


def reads_the_stroke():
    """Label 1 scores 0.5 for each inked pixel of the upper half of the stroke; label 0 scores 10 always."""
    weights = np.zeros((28, 28, 2), np.float32)
    weights[4:14, 12:16, 1] = 0.5
    nodes = [helper.make_node("Flatten", ["picture"], ["f"]), helper.make_node("Gemm", ["f", "W", "b"], ["scores"])]
    held = {"W": weights.reshape(784, 2), "b": np.array([10, 0], np.float32)}
    model = graph(nodes, {"picture": PICTURE[None]}, held, {"scores": 2})
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"
    return Network(model), weights[..., 1].astype(np.float64)


def probability(pixels):
    return 1 / (1 + np.exp(10 - 0.5 * pixels))


def test_deletion_and_insertion_by_hand():
    """784 pixels in 196 steps of 4: of the 40 that count, 4 less (or more) each step."""
    net, truth = reads_the_stroke()
    gone, there = deletion(net, PICTURE, 1, truth, 196), insertion(net, PICTURE, 1, truth, 196)
    assert gone.probabilities[:12] == pytest.approx([probability(max(40 - 4 * i, 0)) for i in range(12)])
    assert there.probabilities[:12] == pytest.approx([probability(min(4 * i, 40)) for i in range(12)])
    assert gone.shares[0] == 0 and gone.shares[-1] == 1
    trapezoids = (gone.probabilities[1:] + gone.probabilities[:-1]) / 2
    assert gone.area == pytest.approx(trapezoids.mean())


def test_the_true_map_beats_the_baselines_and_its_opposite_loses_to_them():
    net, truth = reads_the_stroke()
    right, wrong = scores(net, PICTURE, 1, truth), scores(net, PICTURE, 1, -truth)
    for other in baselines(net, PICTURE, 1).values():
        assert right.deletion.area < other.deletion.area < wrong.deletion.area
        assert right.insertion.area > other.insertion.area > wrong.insertion.area
    assert right.sensitivity is None


def test_edges():
    """A vertical edge between 0 and 1: Sobel gives 4 on both sides of it."""
    picture = np.zeros((28, 28), np.float32)
    picture[:, 14:] = 1
    found = edge_map(picture)
    assert found[:, 13:15] == pytest.approx(4) and found[:, :13].max() == 0 and found[:, 15:].max() == 0
    assert edge_map(picture.T) == pytest.approx(found.T)


def test_random_maps_are_the_same_each_time():
    assert (random_map(1) == random_map(1)).all() and (random_map(1) != random_map(2)).any()


def test_sensitivity():
    net, _ = reads_the_stroke()
    assert sensitivity(net, PICTURE, 1, saliency) == 0  # the slope of a linear network is the same everywhere
    for level in (0, 0.5):  # no steadiness: it says nothing that could change
        with pytest.raises(BlankMap, match="all alike"):
            sensitivity(net, PICTURE, 1, lambda *_, level=level: np.full((28, 28), level))
    radius = 0.1  # the map changes by 0.5 times what the pixels change by, at most 0.1 each
    found = sensitivity(net, PICTURE, 1, gradient_times_input, radius)
    assert 0 < found <= radius
    assert scores(net, PICTURE, 1, saliency(net, PICTURE, 1), saliency).sensitivity == 0


def test_weights_are_shuffled_from_the_last_layer_to_the_first():
    net = Network(network("cnn_deep"))
    order = in_order(net)
    assert len(order) == 7
    results = weight_randomisation(net, PICTURE, 3, saliency)
    assert [step.weight for step in results] == order[::-1]
    assert abs(results[-1].similarity) < 0.6


def test_a_map_that_ignores_the_network_is_found_out():
    results = weight_randomisation(Network(network("mlp")), PICTURE, 3, lambda net, picture, label: edge_map(picture))
    assert [step.similarity for step in results] == pytest.approx([1, 1])


def test_empty_paper_does_not_make_shuffled_maps_alike():
    """Of gradient x input over the whole picture nine tenths are ties at 0; over the ink they must not count."""
    net = Network(network("mlp"))
    (last, *_) = weight_randomisation(net, PICTURE, 3, gradient_times_input)
    _, other = next(shuffled(net))
    there, here = (gradient_times_input(one, PICTURE, 3) for one in (net, other))
    assert last.similarity == pytest.approx(rank_correlation(here[PICTURE > 0], there[PICTURE > 0]))
    assert abs(last.similarity) < 0.5 < rank_correlation(here, there)


def test_rank_correlation():
    a = np.arange(784.0).reshape(28, 28)
    assert rank_correlation(a, a**3) == pytest.approx(1)
    assert rank_correlation(a, 1000 - a) == pytest.approx(-1)
    assert rank_correlation(a, -a) == pytest.approx(1)  # by size, not by sign
    assert np.isnan(rank_correlation(a, np.ones_like(a)))  # as spearmanr's
    ties = np.array([1.0, 2.0, 2.0, 3.0])
    assert rank_correlation(ties, np.array([1.0, 3.0, 2.0, 4.0])) == pytest.approx(0.9486833)


def test_agreement_is_spearmans():
    maps = np.random.default_rng(0).normal(0, 1, (4, 28, 28)).round(1)  # rounded: many ties
    expected = spearmanr(np.abs(maps).reshape(4, -1), axis=1).statistic
    assert agreement(maps) == pytest.approx(expected)
    assert rank_correlation(maps[0], maps[1]) == pytest.approx(expected[0, 1])


def test_agreement_of_a_constant_map_is_no_number():
    maps = np.stack([np.ones((28, 28)), edge_map(PICTURE)])
    assert agreement(maps) == pytest.approx(np.array([[np.nan, np.nan], [np.nan, 1]]), nan_ok=True)


@pytest.mark.parametrize(
    ("values", "said"),
    [(np.zeros(784), True), (np.full(784, 0.3) + 1e-17, True), (np.eye(28), False), (-np.eye(28), False)],
)
def test_a_map_is_blank_if_all_its_pixels_are_alike(values: np.ndarray, said: bool):
    assert blank(values.reshape(28, 28)) is said


def test_a_map_that_shuffling_leaves_blank_is_not_compared():
    """Its rank correlation was 0.00, as if it had nothing left of what the network learned."""
    first = iter([edge_map(PICTURE)])
    results = weight_randomisation(Network(network("mlp")), PICTURE, 3, lambda *_: next(first, np.zeros((28, 28))))
    assert all(np.isnan(step.similarity) for step in results)


def test_shuffling_goes_from_the_last_layer_back_and_keeps_every_number():
    net = Network(network("mlp"))
    before = {tensor.name: array(tensor) for tensor in net.model.graph.initializer}
    names, changed = in_order(net)[::-1], []
    for name, other in shuffled(net):
        changed.append(name)
        for tensor in other.model.graph.initializer:
            now = array(tensor)
            assert np.array_equal(np.sort(now, None), np.sort(before[tensor.name], None))
            assert np.array_equal(now, before[tensor.name]) == (tensor.name not in changed)
    assert changed == names
