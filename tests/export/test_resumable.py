"""Training that goes on from a checkpoint computes what it would have computed without the stop."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs export/requirements.txt")

import keras
import tensorflow as tf

from export import transformer
from export.resumable import Recipe, Trainer
from export.steps_tensorflow import cross_entropy
from glassbox.text.tokens import PADDING

pytestmark = pytest.mark.export
RECIPE = Recipe(steps=12, batch_size=8, rate=1e-2, warmup=3, front=2, watched=3)
SHAPE = transformer.Shape(vocabulary=11, context=7, layers=2, heads=2, width=8, neurons=16, dropout=0.2)


def batch(step: int) -> np.ndarray:
    return np.random.default_rng(step).integers(1, 11, (8, 8))


def trainer(folder: Path, recipe: Recipe = RECIPE, every: float = 1e9) -> Trainer:
    keras.utils.set_random_seed(4)
    return Trainer(transformer.build("small", SHAPE), recipe, folder, every=every)


def weights(trainer: Trainer) -> list[np.ndarray]:
    return weights_of(trainer.model)


def weights_of(model: keras.Model) -> list[np.ndarray]:
    return [np.asarray(variable) for variable in model.variables]


def test_a_resumed_training_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    whole = trainer(tmp_path / "whole")
    uninterrupted = whole.train(batch, batch(99))

    def stops(step: int) -> np.ndarray:
        if step == 7:
            raise KeyboardInterrupt
        return batch(step)

    first = trainer(tmp_path / "parts", every=-1)
    with pytest.raises(KeyboardInterrupt):
        first.train(stops, batch(99))
    second = trainer(tmp_path / "parts")
    assert second.resume() and second.progress.step == 7
    resumed = second.train(batch, batch(99))
    assert resumed.history == uninterrupted.history
    for one, other in zip(weights(second), weights(whole), strict=True):
        np.testing.assert_array_equal(one, other)


def test_dropout_goes_on_with_other_random_numbers(tmp_path: Path) -> None:
    """Were its state left out of the checkpoint, the test above could pass without dropout alone."""
    one = trainer(tmp_path)
    before = [np.asarray(v) for v in one.model.variables if "seed" in v.path]
    one.train(batch, batch(99))
    after = [np.asarray(v) for v in one.model.variables if "seed" in v.path]
    assert len(before) == 5 and all((a != b).any() for a, b in zip(before, after, strict=True))


def test_a_checkpoint_that_breaks_off_leaves_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = trainer(tmp_path)
    one.save()

    def breaks(file: object, **arrays: object) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez", breaks)
    with pytest.raises(OSError):
        one.save()
    monkeypatch.undo()
    assert trainer(tmp_path).resume()


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path) -> None:
    trainer(tmp_path).save()
    with pytest.raises(ValueError, match="another recipe"):
        trainer(tmp_path, Recipe(steps=13, batch_size=8, rate=1e-2)).resume()
    assert not trainer(tmp_path / "elsewhere").resume()


def test_the_loss_and_its_gradient_are_tensorflows_own() -> None:
    rng = np.random.default_rng(1)
    logits, targets = tf.constant(rng.normal(0, 3, (6, 9)), tf.float32), tf.constant(rng.integers(0, 9, 6))
    given = []
    for losses in (cross_entropy, lambda z, y: tf.nn.sparse_softmax_cross_entropy_with_logits(y, z)):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            total = tf.reduce_sum(losses(logits, targets) * tf.range(6.0))
        given.append((total.numpy(), tape.gradient(total, logits).numpy()))
    np.testing.assert_allclose(given[0][0], given[1][0], rtol=1e-5)
    np.testing.assert_allclose(given[0][1], given[1][1], atol=1e-6)


def test_neither_what_stands_in_front_nor_padding_counts(tmp_path: Path) -> None:
    one = trainer(tmp_path)
    texts = batch(3)
    texts[:, -2:] = PADDING
    logits = np.asarray(one.model(texts[:, :-1], training=False), np.float64)
    logits -= np.log(np.exp(logits).sum(-1, keepdims=True))
    losses = -np.take_along_axis(logits, texts[:, 1:, None], -1)[..., 0]
    assert one.measure(texts)[0] == pytest.approx(losses[:, 1:-2].mean(), rel=1e-5)


def test_a_teacher_is_learned_and_stays_as_it_is(tmp_path: Path) -> None:
    """All of the loss is to be like a teacher that expects 3 everywhere, whatever comes."""
    keras.utils.set_random_seed(4)
    teacher = transformer.build("teacher", replace(SHAPE, dropout=0.0))
    embedded = teacher.get_layer("embedded")
    embedded.tokens.assign(np.eye(11, 8) * 4)
    embedded.places.assign(np.eye(11, 8)[[3] * 7] * 100)
    before = weights_of(teacher)
    recipe = replace(RECIPE, steps=200, taught=1.0)
    one = Trainer(transformer.build("small", replace(SHAPE, dropout=0.0)), recipe, tmp_path, teacher=teacher)
    one.train(batch, batch(99))
    expected, learned = (np.asarray(model(batch(98)[:, :-1]))[:, 1:] for model in (teacher, one.model))
    assert (expected.argmax(-1) == 3).all() and (learned.argmax(-1) == 3).all()
    for was, stays in zip(before, weights_of(teacher), strict=True):
        np.testing.assert_array_equal(was, stays)


def test_jax_takes_the_steps_that_tensorflow_takes(tmp_path: Path) -> None:
    """From one checkpoint on, with a teacher: in another process, because Keras has one backend in each."""
    pytest.importorskip("jax", reason="needs JAX, by which Keras trains on a GPU")
    learned = {}
    for backend in ("tensorflow", "jax"):
        folder = tmp_path / backend
        command = [sys.executable, "-m", "tests.export.train_small", str(tmp_path / "start"), str(folder)]
        done = subprocess.run(command, env=os.environ | {"KERAS_BACKEND": backend}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        with np.load(folder / "checkpoint.npz") as kept:
            learned[backend] = (json.loads(str(kept["state"]))["progress"], {k: kept[k] for k in kept.files[1:]})
    (ours, weights), (theirs, others) = learned["jax"], learned["tensorflow"]
    assert ours["step"] == theirs["step"] == 12
    for name, values in theirs["history"].items():
        assert ours["history"][name] == pytest.approx(values, abs=0.02), name  # products of bfloat16 on both sides
    with np.load(tmp_path / "start" / "checkpoint.npz") as kept:
        start = flat({name: kept[name] for name in others})
    # Adam makes a step of each rounding where a slope is next to nothing, so not each number is alike.
    assert np.linalg.norm(flat(weights) - flat(others)) < 0.05 * np.linalg.norm(flat(others) - start)


def flat(arrays: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([arrays[name].ravel().astype(np.float64) for name in sorted(arrays)])
