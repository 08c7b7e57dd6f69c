"""An LSTM of 32 units over the 28 rows -> Dense(10, softmax): what gates add to the article's RNN."""

import keras
from keras import layers

from export.data import Shake
from export.run import Run
from export.train import Recipe
from glassbox.zoo.cards import Display, Name

# Setup
NAME = "lstm"
DISPLAY = Display(
    names={"en": Name("LSTM", "long short-term memory"), "zh": Name("LSTM", "长短期记忆网络")},
    order=5,
    colour="#4E8F2E",
    page="rnn",
)
RECIPE = Recipe(
    loss="categorical_crossentropy",
    epochs=25,
    batch_size=64,
    learning_rate=3e-3,
    share=0.5,
    hand=0.35,
    compiled=True,
    shake=Shake(turn=0.08, shear=0.10, stretch=0.08, size=0.03, shift=0.4, pen=0.2),
)


def build() -> keras.Model:
    """(n, 28, 28), rows as steps, in [0, 1] -> (n, 10) probabilities."""
    return keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.LSTM(32, name="lstm"),
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
