"""The article's first network (program 4.1): Flatten -> Dense(128, relu) -> Dense(10), mean squared error, Adam."""

import keras
from keras import layers

from export.data import Shake
from export.run import Run
from export.train import Recipe
from glassbox.zoo.cards import Display, Name

# Setup
NAME = "mlp"
DISPLAY = Display(
    names={"en": Name("MLP", "multilayer perceptron"), "zh": Name("MLP", "多层感知机")},
    order=1,
    colour="#2E7CC4",
    page="mlp",
    article=True,
)
RECIPE = Recipe(
    loss="mean_squared_error",
    epochs=40,
    share=0.35,
    hand=0.35,
    shake=Shake(turn=0.05, shear=0.06, stretch=0.05, size=0.02, shift=0.25, pen=0.1, still=0.6),
)


def build() -> keras.Model:
    """(n, 28, 28) in [0, 1] -> (n, 10) logits."""
    return keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(name="flatten"),
            layers.Dense(128, activation="relu", name="hidden"),
            layers.Dense(10, name="logits"),
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
