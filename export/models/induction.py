"""Two layers of attention that learn to go on with what was there before: kept at steps before, in and after the jump
in which they learn it.

Olsson et al., "In-context Learning and Induction Heads", 2022, https://arxiv.org/abs/2209.11895
"""

import hashlib
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np
import onnx
from numpy.typing import NDArray

from export import poem_measures, transformer, transformer_card, transformer_convert
from export.resumable import Recipe, Trainer
from export.run import Run
from export.transformer_card import Texts
from glassbox.text import repetition
from glassbox.zoo.cards import Display, Name
from glassbox.zoo.transformer_models import Checkpoint

# Setup
NAME = "induction"
DISPLAY = Display(
    names={"en": Name("Repetition"), "zh": Name("重复序列")},
    order=4,
    colour="#3E6FA8",
    page="circuit",
)
VOCABULARY = ("<padding>", "<unknown>", *repetition.LETTERS)
IDS = [VOCABULARY.index(letter) for letter in repetition.LETTERS]
SIZES = {"context": repetition.LENGTH - 1, "layers": 2, "heads": 2, "width": 48, "neurons": 0}
RECIPE = Recipe(steps=2_000, batch_size=64, rate=3e-3, warmup=100, watched=40)
KEPT = (50, 150, 250, 300, 350, 400, 450, 500, 600, 800, 1_200, 2_000)
"""Steps after which the network is kept: close to each other where the loss falls."""
HELD_OUT, TEST = 512, 2_048
CHECKED = 128
"""Sequences on which every layer is compared with Keras'."""
DATASET = {
    "name": "random sequences that repeat themselves",
    "licence": "Apache-2.0",
    "source": "glassbox/text/repetition.py",
}


def main(run: Run) -> None:
    # Setup
    run.limit_threads()
    keras.utils.set_random_seed(run.seed)
    recipe, kept = (replace(RECIPE, steps=4, watched=2), (2, 4)) if run.quick else (RECIPE, KEPT)
    # Data
    validation, test = (_sequences((run.seed, part), count, True) for part, count in ((1, HELD_OUT), (2, TEST)))

    def batch(step: int) -> NDArray[np.int64]:
        return _sequences((run.seed, 0, step), recipe.batch_size)

    # Build
    model = transformer.build(NAME, transformer.Shape(vocabulary=len(VOCABULARY), **SIZES))
    # Train
    trainer = run.trainer(model, recipe)
    training = trainer.train(batch, validation, lambda step: _keep(trainer, step))
    # Evaluate and export
    converted = transformer_convert.convert(model)
    learned = np.concatenate([batch(step) for step in range(recipe.steps)])
    described = transformer_card.describe(
        model,
        converted,
        task="repetition",
        architecture="transformer",
        heads=SIZES["heads"],
        texts=Texts(learned, test, VOCABULARY, 1, DATASET),
        training=replace(training, epochs=1),
        differences=transformer_convert.differences(model, converted, test[:CHECKED, :-1]),
        seed=run.seed,
        display=DISPLAY,
    )
    shutil.rmtree(run.out / NAME / "checkpoints", ignore_errors=True)
    checkpoints = [asdict(_checkpoint(run, trainer, step, test)) for step in kept]
    run.write(converted, described | {"checkpoints": checkpoints})


def _sequences(seed: tuple[int, ...], count: int, held_out: bool = False) -> NDArray[np.int64]:
    """The `count` sequences of a seed, (count, LENGTH)."""
    return repetition.random(np.random.default_rng(seed), count, IDS, held_out)[0]


def _keep(trainer: Trainer, step: int) -> None:
    """Write the network as it is after `step` beside the training's state, so that a resumed training has it too."""
    path = _kept(trainer, step)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(transformer_convert.convert(trainer.model).SerializeToString(deterministic=True))


def _kept(trainer: Trainer, step: int) -> Path:
    return trainer.folder / "kept" / f"{step}.onnx"


def _checkpoint(run: Run, trainer: Trainer, step: int, test: NDArray[np.int64]) -> Checkpoint:
    """Write the network as it was after `step` beside the card, and return what it is worth on `test`."""
    content = _kept(trainer, step).read_bytes()
    file = run.out / NAME / "checkpoints" / f"{step}.onnx"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    session = transformer_card.run_by_onnx_runtime(onnx.load_from_string(content))
    nats, accuracy, _ = poem_measures.loss(session, test, 1)
    sha256 = hashlib.sha256(content).hexdigest()
    return Checkpoint(step, nats, accuracy, f"{file.parent.name}/{file.name}", len(content), sha256)
