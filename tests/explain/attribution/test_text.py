"""glassbox.explain.attribution.text: exact where the answer can be worked out, complete where an axiom says so."""

import math

import numpy as np
import pytest
from onnx import helper, numpy_helper

from glassbox.explain.attribution import text as a
from glassbox.explain.attribution.faithfulness import STEPS, Scores
from glassbox.graph.model import read
from glassbox.graph.submodel import submodel_from
from glassbox.text.recurrent import TextNetwork
from glassbox.text.tokens import UNKNOWN
from tests.text_models import CHARACTERS, classifier, parameters, states
from tests.text_models import last as last_state

IDS = [3, 8, 5, 1, 12, 6, 6, 9]
KINDS = [(cell, both) for cell in ("rnn", "gru", "lstm") for both in (False, True)]
NETWORKS = {kind: TextNetwork(classifier(kind[0], len(CHARACTERS), 3, kind[1])) for kind in KINDS}


def adding(values: dict[int, float]) -> TextNetwork:
    """A network that adds up: h = h + e, with one number a token, and the score of label 1 the last h, of 0 none."""
    model = read(classifier("rnn", len(CHARACTERS), 2))
    held = {
        "embedding": np.array([[values.get(i, 0.0), 0, 0, 0, 0] for i in range(len(CHARACTERS))]),
        "kernel": np.zeros((1, 6, 5)),
        "recurrent_kernel": np.eye(6)[None],
        "bias": np.zeros((1, 12)),
        "head": np.zeros((6, 2)),
        "head_bias": np.zeros(2),
    }
    held["kernel"][0, 0, 0] = held["head"][0, 1] = 1
    for tensor in model.graph.initializer:
        if tensor.name in held:
            tensor.CopyFrom(numpy_helper.from_array(held[tensor.name].astype(np.float32), tensor.name))
    (cell,) = [node for node in model.graph.node if node.op_type == "RNN"]
    cell.attribute.append(helper.make_attribute("activations", ["Affine"]))
    cell.attribute.append(helper.make_attribute("activation_alpha", [1.0]))
    cell.attribute.append(helper.make_attribute("activation_beta", [0.0]))
    return TextNetwork(model)


VALUES = {UNKNOWN: 0.5, 3: 2.0, 4: -1.0, 5: 0.5, 6: 4.0}


@pytest.mark.parametrize("ids", [[3, 4, 5, 6], [6], [4, 4, 3]])
def test_where_tokens_add_up_both_methods_tell_what_each_adds(ids: list[int]) -> None:
    network = adding(VALUES)
    expected = [VALUES[i] - VALUES[UNKNOWN] for i in ids]
    found = a.integrated_gradients(network, ids, 1, steps=3)
    np.testing.assert_allclose(found.map, expected, atol=1e-5)
    assert found.difference == pytest.approx(sum(expected), abs=1e-5)
    np.testing.assert_allclose(a.occlusion(network, ids, 1), expected, atol=1e-5)
    np.testing.assert_allclose(a.occlusion(network, ids, 0), 0, atol=1e-6)


@pytest.mark.parametrize(("cell", "both"), KINDS)
@pytest.mark.parametrize("label", [0, 2])
def test_integrated_gradients_are_complete(cell: str, both: bool, label: int) -> None:
    network, held = NETWORKS[cell, both], parameters(cell, len(CHARACTERS), 3, 1 + both)

    def score(ids: list[int]) -> float:
        return float((last_state(held, states(cell, held, ids)[0]) @ held["head"] + held["head_bias"])[label])

    found = a.integrated_gradients(network, IDS, label, steps=1500)
    assert found.map.shape == (len(IDS),)
    assert found.difference == pytest.approx(score(IDS) - score([UNKNOWN] * len(IDS)), abs=1e-4)
    assert abs(found.error) < 5e-3
    assert found.map[3] == 0  # it is an unknown token already


def test_the_integral_is_taken_at_the_middles_of_its_steps() -> None:
    network = NETWORKS["gru", False]
    hidden, text = network.embedding[[UNKNOWN] * len(IDS)], network.embedding[IDS]
    for steps, middles in ((1, [0.5]), (2, [0.25, 0.75])):
        slopes = [network.gradients((hidden + at * (text - hidden))[None], 2)[0] for at in middles]
        expected = ((text - hidden) * np.mean(slopes, axis=0)).sum(1)
        np.testing.assert_allclose(a.integrated_gradients(network, IDS, 2, steps).map, expected, atol=1e-5)


@pytest.mark.parametrize(("cell", "both"), KINDS)
def test_occlusion_is_the_loss_without_each_token(cell: str, both: bool) -> None:
    network, held = NETWORKS[cell, both], parameters(cell, len(CHARACTERS), 3, 1 + both)
    found = a.occlusion(network, IDS, 1)
    for place in range(len(IDS)):
        without = [UNKNOWN if i == place else token for i, token in enumerate(IDS)]
        ends = [last_state(held, states(cell, held, ids)[0]) @ held["head"] for ids in (IDS, without)]
        assert found[place] == pytest.approx(float((ends[0] - ends[1])[1]), abs=1e-4)
    assert found[3] == 0


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_tokens_are_hidden_and_shown_from_the_highest_attribution_on() -> None:
    network, ids = adding(VALUES), [4, 6, 3]
    attribution = a.occlusion(network, ids, 1)  # -1.5, 3.5, 1.5
    total = [5.0, 5.0 - 3.5, 5.0 - 3.5 - 1.5, 1.5]
    found = a.scores(network, ids, 1, attribution)
    np.testing.assert_allclose(found.deletion.shares, [0, 1 / 3, 2 / 3, 1])
    np.testing.assert_allclose(found.deletion.probabilities, [sigmoid(x) for x in total], atol=1e-5)
    total = [1.5, 1.5 + 3.5, 1.5 + 3.5 + 1.5, 5.0]
    np.testing.assert_allclose(found.insertion.probabilities, [sigmoid(x) for x in total], atol=1e-5)
    assert found.sensitivity is None


def test_an_attribution_that_knows_the_network_beats_chance_and_its_own_reverse() -> None:
    network = adding(VALUES | {7: 3.0, 8: -2.0})
    ids = [6, 5, 4, 7, 8, 3, 5, 5, 4, 8]
    best = a.occlusion(network, ids, 1)
    areas = {
        name: (found.deletion.area, found.insertion.area)
        for name, found in {
            "map": a.scores(network, ids, 1, best),
            "reverse": a.scores(network, ids, 1, -best),
            "chance": a.baseline(network, ids, 1),
        }.items()
    }
    assert areas["map"][0] < areas["chance"][0] < areas["reverse"][0]
    assert areas["map"][1] > areas["chance"][1] > areas["reverse"][1]


def test_the_rival_is_the_median_of_several_random_maps() -> None:
    network, ids = NETWORKS["gru", False], IDS
    one = [a.scores(network, ids, 0, np.random.default_rng(seed).random(len(ids))) for seed in range(5)]
    found = a.baseline(network, ids, 0)
    assert isinstance(found, Scores)
    assert found.deletion.area == sorted(scores.deletion.area for scores in one)[2]


def test_a_long_text_is_scored_in_a_bounded_number_of_steps() -> None:
    ids = [3 + i % 9 for i in range(200)]
    network = NETWORKS["gru", False]
    found = a.scores(network, ids, 0, np.arange(200.0))
    assert found.deletion.shares.shape == found.insertion.shares.shape == (STEPS + 1,)
    assert found.deletion.probabilities[0] == pytest.approx(found.insertion.probabilities[-1], abs=1e-6)
    assert found.deletion.probabilities[-1] == pytest.approx(found.insertion.probabilities[0], abs=1e-6)


def test_methods_give_one_number_a_token() -> None:
    assert list(a.METHODS) == ["integrated_gradients", "occlusion"]
    for method in a.METHODS.values():
        for ids in ([5], IDS):
            assert method(NETWORKS["lstm", True], ids, 0).shape == (len(ids),)


def test_a_part_may_keep_inputs_beside_the_tensor() -> None:
    model = classifier("gru", len(CHARACTERS), 3)
    part = submodel_from(model, "embedded", beside=["lengths"])
    assert [value.name for value in part.graph.input] == ["embedded", "lengths"]
    with pytest.raises(ValueError, match="'lengths' reaches them past it"):
        submodel_from(model, "embedded")
