"""Train, export and measure a network that writes quatrains: the transformer, or the recurrent network beside it."""

from collections.abc import Callable
from dataclasses import asdict, replace

import keras
import numpy as np
import onnx

from export import poem_measures, quatrains, text_convert, transformer_card, transformer_convert
from export.quatrains import Poem
from export.resumable import Recipe
from export.run import Run
from export.transformer_card import Texts
from glassbox.text.quatrains import FRONT
from glassbox.text.tokens import Vocabulary
from glassbox.zoo.cards import Display

CHECKED = 128
"""Poems on which every layer is compared with Keras'."""
QUICK_STEPS, QUICK_SAMPLED = 4, 3


def make(
    run: Run,
    build: Callable[[Vocabulary], keras.Model],
    recipe: Recipe,
    *,
    architecture: str,
    heads: int,
    display: Display,
) -> None:
    """Train what `build` returns for the vocabulary, and write its file and its card to run.out."""
    # Setup
    run.limit_threads()
    keras.utils.set_random_seed(run.seed)
    if run.quick:
        recipe = replace(recipe, steps=QUICK_STEPS, watched=2)
    # Data
    read = quatrains.load(run.text)
    words, tones = read.vocabulary, read.tones
    train, validation, test = (quatrains.encoded(part, words, tones) for part in _parts(read, run.quick))
    # Build
    model = build(words)
    # Train
    trainer = run.trainer(model, recipe)
    training = trainer.train(lambda step: train.batch(step, recipe.batch_size, run.seed), validation.ids)
    training = replace(training, epochs=max(1, round(recipe.steps * recipe.batch_size / len(train.ids))))
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
