"""Train, export and measure a network that writes quatrains: the transformer, or the recurrent network beside it."""

from collections.abc import Callable
from dataclasses import asdict, replace

import keras
import numpy as np
import onnx

from export import poem_measures, quatrains, text_convert, transformer, transformer_card, transformer_convert
from export.quatrains import Encoded, Poem
from export.resumable import Recipe, Trainer
from export.run import Run
from export.train import Training
from export.transformer_card import Texts
from glassbox.text.quatrains import FRONT
from glassbox.text.tokens import Vocabulary
from glassbox.zoo.cards import Display, Teacher

CHECKED = 128
"""Poems on which every layer is compared with Keras'."""
QUICK_STEPS, QUICK_SAMPLED = 4, 3
TEACHER = {"context": quatrains.CONTEXT, "layers": 6, "heads": 5, "width": 320, "neurons": 1280, "dropout": 0.3}
LEARNED = Recipe(steps=16_000, batch_size=128, rate=2e-3, warmup=500, front=FRONT, watched=20)
"""A transformer that is too large to be served, and how it learns: both poets learn its probabilities beside the poems.
Its own loss on held-out poems shows how little a larger network gains on so few."""


def make(
    run: Run,
    build: Callable[[Vocabulary], keras.Model],
    recipe: Recipe,
    *,
    architecture: str,
    heads: int,
    display: Display,
) -> None:
    """Train what `build` returns for the vocabulary beside its teacher, and write its file and its card to run.out."""
    # Setup
    run.limit_threads()
    keras.utils.set_random_seed(run.seed)
    # Data
    read = quatrains.load(run.text)
    words, tones = read.vocabulary, read.tones
    train, validation, test = (quatrains.encoded(part, words, tones) for part in _parts(read, run.quick))
    # Build
    model = build(words)
    # Train
    teacher = transformer.build("quatrains_teacher", transformer.Shape(vocabulary=len(words), **TEACHER))
    taught = _train(run, run.trainer(teacher, _short(run, LEARNED), teaches=True), train, validation)
    training = _train(run, run.trainer(model, _short(run, recipe), teacher=teacher), train, validation)
    training = _both(training, taught, teacher)
    if not run.exports():
        return
    # Evaluate and export
    converted, differences = _converted(model, architecture, test.ids[:CHECKED, :-1])
    described = transformer_card.describe(
        model,
        converted,
        task="quatrains",
        architecture=architecture,
        heads=heads,
        texts=Texts(train.ids, test.ids, words.entries, FRONT, _DATASET),
        training=training,
        differences=differences,
        seed=run.seed,
        display=display,
    )
    session = transformer_card.run_by_onnx_runtime(converted)
    sampled = QUICK_SAMPLED if run.quick else poem_measures.SAMPLED
    run.write(converted, described | {"poems": asdict(poem_measures.measure(session, read, run.seed, sampled))})


def _short(run: Run, recipe: Recipe) -> Recipe:
    return replace(recipe, steps=QUICK_STEPS, watched=2) if run.quick else recipe


def _train(run: Run, trainer: Trainer, train: Encoded, validation: Encoded) -> Training:
    """Carry the training out, and count how often it read the training poems."""
    size = trainer.recipe.batch_size
    training = trainer.train(lambda step: train.batch(step, size, run.seed), validation.ids)
    return replace(training, epochs=max(1, round(trainer.recipe.steps * size / len(train.ids))))


def _both(training: Training, taught: Training, teacher: keras.Model) -> Training:
    """Return `training` with what its teacher's took, and with what the teacher is."""
    gpu = training.accelerator
    if gpu and taught.accelerator:
        gpu = replace(gpu, joules=gpu.joules + taught.accelerator.joules)
    return replace(
        training,
        seconds=training.seconds + taught.seconds,
        cpu_seconds=training.cpu_seconds + taught.cpu_seconds,
        accelerator=gpu,
        teacher=Teacher(
            parameters=teacher.count_params(),
            epochs=taught.epochs,
            seconds=round(taught.seconds, 1),
            nats=round(taught.history["val_loss"][-1], 4),
        ),
    )


_DATASET = {"name": quatrains.NAME, "licence": quatrains.LICENCE, "source": quatrains.SOURCE}


def _parts(read: quatrains.Quatrains, quick: bool) -> list[tuple[Poem, ...]]:
    """The splits, of which --quick takes a few poems each."""
    return [part[:: max(1, len(part) // 200)] if quick else part for part in (read.train, read.validation, read.test)]


def _converted(model: keras.Model, architecture: str, checked: np.ndarray) -> tuple[onnx.ModelProto, dict[str, float]]:
    """The model as ONNX, and how far each layer is from Keras' on the ids `checked`."""
    if architecture == "transformer":
        converted = transformer_convert.convert(model)
        return converted, transformer_convert.differences(model, converted, checked)
    converted = text_convert.language_model(model)
    return converted, text_convert.differences(model, converted, checked, (checked != 0).sum(1).astype(np.int32))
