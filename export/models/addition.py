"""One layer of attention and one of neurons that learn to add two numbers of three digits, from right to left."""

from dataclasses import replace

import keras
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from export import poem_measures, transformer, transformer_card, transformer_convert
from export.measures import accuracy
from export.resumable import Recipe
from export.run import Run
from export.transformer_card import Texts
from glassbox.text import sums
from glassbox.zoo.cards import Display, Name

# Setup
NAME = "addition"
DISPLAY = Display(names={"en": Name("Sums"), "zh": Name("加法")}, order=5, colour="#2F7F5F", page="circuit")
VOCABULARY = ("<padding>", "<unknown>", *sums.SYMBOLS)
IDS = [VOCABULARY.index(symbol) for symbol in sums.SYMBOLS]
SIZES = {"context": sums.LENGTH - 1, "layers": 1, "heads": 4, "width": 64, "neurons": 128}
RECIPE = Recipe(steps=2_500, batch_size=256, rate=4e-3, warmup=100, front=sums.ASKED, watched=15)
WATCHED, CHECKED = 2_048, 128
"""Held-out sums by which the training is watched, and on which every layer is compared with Keras'."""
PARTS = 100
"""Batches in which all held-out sums are written."""
DATASET = {
    "name": "sums of two numbers from 0 to 999",
    "licence": "Apache-2.0",
    "source": "glassbox/text/sums.py",
}


def main(run: Run) -> None:
    # Setup
    run.limit_threads()
    keras.utils.set_random_seed(run.seed)
    recipe = replace(RECIPE, steps=4, watched=2) if run.quick else RECIPE
    # Data
    test, train = (sums.encoded(*part.T, IDS) for part in sums.split(run.seed))
    test = test[: WATCHED if run.quick else None]

    def batch(step: int) -> NDArray[np.int64]:
        return train[np.arange(step * recipe.batch_size, (step + 1) * recipe.batch_size) % len(train)]

    # Build
    model = transformer.build(NAME, transformer.Shape(vocabulary=len(VOCABULARY), **SIZES))
    # Train
    training = run.trainer(model, recipe).train(batch, test[:WATCHED])
    # Evaluate and export
    converted = transformer_convert.convert(model)
    described = transformer_card.describe(
        model,
        converted,
        task="sums",
        architecture="transformer",
        heads=SIZES["heads"],
        texts=Texts(train, test, VOCABULARY, sums.ASKED, DATASET),
        training=replace(training, epochs=max(1, round(recipe.steps * recipe.batch_size / len(train)))),
        differences=transformer_convert.differences(model, converted, test[:CHECKED, :-1]),
        seed=run.seed,
        display=DISPLAY,
    )
    session = transformer_card.run_by_onnx_runtime(converted)
    right = (_written(session, test) == test[:, sums.ASKED :]).all(axis=1)
    run.write(converted, described | {"sums": accuracy(right, np.ones_like(right))})


def _written(session: onnxruntime.InferenceSession, asked: NDArray[np.int64]) -> NDArray[np.int64]:
    """The sums that the network writes by itself, symbol by symbol, for those `asked`, (n, DIGITS + 1)."""
    ids = asked[:, : sums.ASKED]
    for _ in range(sums.DIGITS + 1):
        following = np.concatenate([poem_measures.logits(session, part)[:, -1] for part in np.array_split(ids, PARTS)])
        ids = np.concatenate([ids, following.argmax(axis=1)[:, None]], axis=1)
    return ids[:, sums.ASKED :]
