"""The article's RNN (program 4.3): SimpleRNN(32, relu) over the 28 rows -> Dense(10, softmax)."""

import keras
from keras import layers

from export.data import Shake
from export.run import Run
from export.train import Recipe
from glassbox.zoo.cards import Display, Name

# Setup
NAME = "rnn"
DISPLAY = Display(
    names={"en": Name("RNN", "recurrent network"), "zh": Name("RNN", "循环神经网络")},
    order=3,
    colour="#118A66",
    page="rnn",
    article=True,
)
RECIPE = Recipe(
    loss="categorical_crossentropy",
    epochs=40,
    share=0.25,
    hand=0.35,
    compiled=True,
    shake=Shake(turn=0.04, shear=0.05, stretch=0.04, size=0.015, shift=0.2, pen=0.08, still=0.6),
)


def build() -> keras.Model:
    """(n, 28, 28), rows as steps, in [0, 1] -> (n, 10) probabilities."""
    return keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.SimpleRNN(32, activation="relu", name="rnn"),
            layers.Dense(10, activation="softmax", name="probabilities"),
        ],
        name=NAME,
    )


def main(run: Run) -> None:
    # Setup
    keras.utils.set_random_seed(run.seed)
    # Data
    mnist, pool = run.digits()
    # Build
    model = build()
    # Train
    training = run.train(model, pool, mnist, RECIPE)
    # Evaluate and export
    run.export(model, training, mnist, DISPLAY)
