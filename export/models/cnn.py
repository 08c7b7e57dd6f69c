"""The article's CNN (program 4.2): Conv2D(32, 3x3, relu) -> MaxPooling -> Flatten -> Dense(10, softmax)."""

import keras
from keras import layers

from export.data import Shake
from export.run import Run
from export.train import Recipe
from glassbox.zoo.cards import Display, Name

# Setup
NAME = "cnn"
DISPLAY = Display(
    names={"en": Name("CNN", "convolutional network"), "zh": Name("CNN", "卷积神经网络")},
    order=2,
    colour="#D0591B",
    page="cnn",
    article=True,
)
RECIPE = Recipe(
    loss="categorical_crossentropy",
    epochs=30,
    share=0.4,
    hand=0.35,
    shake=Shake(turn=0.06, shear=0.08, stretch=0.06, size=0.025, shift=0.3, pen=0.15, still=0.4),
)


def build() -> keras.Model:
    """(n, 28, 28, 1) in [0, 1] -> (n, 10) probabilities."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Flatten(name="flatten"),
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
