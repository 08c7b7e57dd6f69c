"""The privacy study: DP-SGD against a reference picture by picture, epsilon against closed forms, and a quick run."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

pytest.importorskip("tensorflow", reason="needs export/requirements.txt")
pytest.importorskip("dp_accounting", reason="needs export/requirements.txt")

import keras
from scipy import optimize, stats

from export import accountant, dense
from export.dense import Privacy
from export.models import mlp
from export.studies import membership
from glassbox.paths import MODELS
from glassbox.trust.attacks import robustness
from glassbox.trust.attacks import study as privacy
from glassbox.zoo import digit_models
from tests.export.command import export_models
from tests.export.digit_sets import write_set

pytestmark = pytest.mark.export
RNG = np.random.default_rng(0)
PICTURES = RNG.random((6, 784)).astype(np.float32)
TARGETS = np.eye(10, dtype=np.float32)[[3, 1, 4, 1, 5, 9]]


def of_keras(weights: dense.Weights) -> keras.Model:
    model = mlp.build()
    model.set_weights(list(weights.values()))
    return model


def keras_gradient(model: keras.Model, picture: np.ndarray, target: np.ndarray) -> list[np.ndarray]:
    """One picture's own gradient, by TensorFlow's tape."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = keras.losses.mean_squared_error(target[None], model(picture.reshape(1, 28, 28)))
    return [np.asarray(g) for g in tape.gradient(loss, model.trainable_weights)]


def test_forward_and_loss_are_keras() -> None:
    weights = dense.start(RNG)
    logits = np.asarray(of_keras(weights)(PICTURES.reshape(-1, 28, 28)))
    assert dense.forward(weights, PICTURES)[1] == pytest.approx(logits, abs=1e-5)
    assert dense.losses(weights, PICTURES, TARGETS) == pytest.approx(np.square(logits - TARGETS).mean(1), abs=1e-5)


@pytest.mark.parametrize("clip", [None, 0.05, 0.3, 100.0])
def test_the_sum_of_clipped_gradients_is_that_of_each_picture_clipped_by_itself(clip: float | None) -> None:
    weights = dense.start(RNG)
    model, total = of_keras(weights), [np.zeros(shape) for shape in dense.SHAPES.values()]
    lengths = []
    for picture, target in zip(PICTURES, TARGETS, strict=True):
        own = keras_gradient(model, picture, target)
        lengths.append(math.sqrt(sum(float(np.square(g).sum()) for g in own)))
        share = 1 if clip is None else min(1, clip / lengths[-1])
        total = [a + share * g for a, g in zip(total, own, strict=True)]
    found = dense.gradients(weights, PICTURES, TARGETS, clip)
    for name, expected in zip(dense.SHAPES, total, strict=True):
        assert found[name] == pytest.approx(expected, abs=1e-5)
    if clip == 0.05:
        assert min(lengths) > clip  # each was shortened, so this tells something


def test_no_picture_moves_the_sum_by_more_than_the_clip() -> None:
    weights, clip = dense.start(RNG), 0.2
    whole = dense.gradients(weights, PICTURES, TARGETS, clip)
    for left_out in range(len(PICTURES)):
        rest = np.arange(len(PICTURES)) != left_out
        without = dense.gradients(weights, PICTURES[rest], TARGETS[rest], clip)
        moved = sum(float(np.square(whole[name] - without[name]).sum()) for name in whole)
        assert math.sqrt(moved) <= clip * 1.0001


def test_noise_has_the_deviation_that_the_accountant_supposes() -> None:
    """A step on pictures that are never drawn is noise alone: rate / expected * noise * clip."""
    weights = dense.start(RNG)
    before = {name: w.copy() for name, w in weights.items()}
    guard = Privacy(clip=0.5, noise=3.0)
    dense.descend_privately(weights, PICTURES, TARGETS, share=1e-9, steps=1, rate=1e-9, privacy=guard, rng=RNG)
    moved = np.concatenate([(weights[name] - before[name]).ravel() for name in weights]) * len(PICTURES)
    assert moved.std() == pytest.approx(0.5 * 3.0, rel=0.01)
    assert stats.kstest(moved[:2000] / 1.5, "norm").pvalue > 0.01


def test_every_picture_is_drawn_with_the_chance_that_the_accountant_supposes() -> None:
    """Without noise and with all pictures alike, a step is as long as the number drawn: binomial."""
    count, share = 400, 0.1
    pictures, targets = np.repeat(PICTURES[:1], count, 0), np.repeat(TARGETS[:1], count, 0)
    start, drawn = dense.start(np.random.default_rng(1)), []
    one = dense.gradients(start, pictures[:1], targets[:1], 0.5)["logits/bias"]
    for seed in range(200):
        weights = {name: w.copy() for name, w in start.items()}
        guard, rng = Privacy(clip=0.5, noise=0.0), np.random.default_rng(seed)
        dense.descend_privately(weights, pictures, targets, share=share, steps=1, rate=1.0, privacy=guard, rng=rng)
        step = start["logits/bias"] - weights["logits/bias"]
        drawn.append(float((step / one).mean()) * share * count)
    assert np.mean(drawn) == pytest.approx(40, abs=1.3)
    assert np.var(drawn) == pytest.approx(36, rel=0.3)


def test_adam_is_keras() -> None:
    weights = dense.start(RNG)
    model = of_keras(weights)
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 12, alpha=0.01)
    model.compile(keras.optimizers.Adam(schedule), loss="mean_squared_error")
    dense.descend(weights, ((PICTURES, TARGETS) for _ in range(12)), 12)
    for _ in range(12):
        model.train_on_batch(PICTURES.reshape(-1, 28, 28), TARGETS)
    for mine, theirs in zip(weights.values(), model.get_weights(), strict=True):
        assert mine == pytest.approx(theirs, abs=2e-5)


@pytest.mark.parametrize("noise", [0.7, 1.5, 4.0])
def test_epsilon_of_one_step_on_all_pictures_is_that_of_the_gaussian_mechanism(noise: float) -> None:
    """Balle and Wang, 2018, theorem 5, https://arxiv.org/abs/1805.06530; k steps are one with noise / sqrt k."""

    def excess(epsilon: float, deviation: float) -> float:
        below = stats.norm.cdf(-0.5 / deviation - epsilon * deviation)
        return float(stats.norm.cdf(0.5 / deviation - epsilon * deviation) - math.exp(epsilon) * below) - 1e-5

    for steps in (1, 9):
        exact = optimize.brentq(excess, 1e-6, 200, args=(noise / math.sqrt(steps),))
        assert accountant.epsilon(noise, 1.0, steps, 1e-5) == pytest.approx(exact, rel=2e-3, abs=2e-3)


def test_epsilon_is_the_accountants_own_and_the_noise_is_enough_for_it() -> None:
    from dp_accounting import GaussianDpEvent, PoissonSampledDpEvent, pld

    noise = accountant.noise_for(2.0, 0.05, 60, 1e-5)
    own = pld.PLDAccountant().compose(PoissonSampledDpEvent(0.05, GaussianDpEvent(noise)), 60).get_epsilon(1e-5)
    assert accountant.epsilon(noise, 0.05, 60, 1e-5) == pytest.approx(own) and own <= 2.0
    assert accountant.epsilon(noise - 0.01, 0.05, 60, 1e-5) > 2.0


def test_the_recorded_epsilons_are_the_accountants() -> None:
    record = privacy.privacy_study()
    assert record is not None
    for one in [private.guarantee for private in record.private if private.guarantee]:
        assert accountant.epsilon(one.noise, one.share, one.steps, one.delta) == pytest.approx(one.epsilon, abs=1e-3)


def test_every_picture_is_known_to_as_many_shadows() -> None:
    inside = membership.splits(31, 3, 4, RNG)
    assert inside.shape == (12, 31)
    assert (inside.sum(0) == 4).all() and set(inside.sum(1)) <= {10, 11}
    assert len({one.tobytes() for one in inside}) == 12


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("privacy")
    write_set(folder / "digits", np.random.default_rng(0), digits=True)
    for name in digit_models.article():
        shutil.copytree(MODELS / name, folder / "models" / name)
    studies = ("--study", "privacy", "robustness")
    export_models(*studies, "--quick", "--data", folder / "digits", "--out", folder / "models")
    return folder


def test_the_app_accepts_what_a_quick_study_leaves(studied: Path) -> None:
    record, found = (
        privacy.privacy_study(studied / "studies" / "privacy.json"),
        privacy.target_models(studied / "models"),
    )
    assert record is not None and found.refused == {}
    assert [len(game.losses_members) for game in record.games.values()] == [60, 80, 80]
    assert all(np.isfinite(game.scores("lira")[0]).all() for game in record.games.values())
    assert found.cards["mlp_overfit"].training_accuracy == 1.0
    promises = [one.guarantee.epsilon for one in record.private if one.guarantee]
    assert promises == sorted(promises) and promises == pytest.approx([0.5, 1, 2, 4, 8], abs=0.02)
    assert record.poisoned[1].success.value > record.poisoned[0].success.value


def test_the_app_accepts_what_a_quick_study_of_robustness_leaves(studied: Path) -> None:
    record = robustness.robustness_study(studied / "studies" / "robustness.json")
    assert record is not None and set(record.networks) == {*digit_models.article()}
    for index, (name, one) in enumerate(record.networks.items()):
        assert {rows.count for rows in one.worst} == {record.pictures}
        assert one.worst[-1].correct < one.worst[0].correct
        assert record.transfer.accuracy[index][index] == one.pgd[record.epsilons.index(record.transfer.epsilon)], name


def test_a_twin_is_the_shipped_graph_with_other_weights(studied: Path) -> None:
    article = onnx.load(MODELS / "mlp" / "1" / "model.onnx")
    for name in privacy.TARGETS:
        twin = onnx.load(studied / "models" / name / "1" / "model.onnx")
        onnx.checker.check_model(twin, full_check=True)
        assert [node.op_type for node in twin.graph.node] == [node.op_type for node in article.graph.node]
        kernels = [onnx.numpy_helper.to_array(model.graph.initializer[0]) for model in (twin, article)]
        assert kernels[0].shape == kernels[1].shape and not np.array_equal(*kernels)


def test_no_picture_is_in_the_record(studied: Path) -> None:
    """No list in it is as long as a picture has pixels, but for the scores, which are in nobody's order of pixels."""
    record = json.loads((studied / "studies" / "privacy.json").read_text(encoding="utf-8"))
    for game in record["games"].values():
        for name in ("losses_members", "losses_nonmembers", "ratios_members", "ratios_nonmembers"):
            assert all(isinstance(value, float) for value in game.pop(name))

    def longest(value: object) -> int:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return max([len(value) if isinstance(value, list) else 0, *map(longest, inner)])

    assert longest(record) <= 10
