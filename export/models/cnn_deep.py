"""A small modern CNN: three stages of 3x3 convolutions, global average pooling, one dense layer."""

import keras
from keras import layers

from export.data import Shake
from export.run import Run
from export.train import Recipe
from glassbox.zoo.cards import Display, Name

# Setup
NAME = "cnn_deep"
DISPLAY = Display(
    names={"en": Name("Deep CNN", "deeper convolutional network"), "zh": Name("深层 CNN", "更深的卷积网络")},
    order=4,
    colour="#A8680F",
    page="cnn",
)
RECIPE = Recipe(
    loss="categorical_crossentropy",
    epochs=22,
    batch_size=64,
    learning_rate=2e-3,
    size=80_000,
    share=0.6,
    hand=0.4,
    shake=Shake(),
)


def build() -> keras.Model:
    """(n, 28, 28, 1) in [0, 1] -> (n, 10) probabilities."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 3, padding="same", activation="relu", name="conv1"),
            layers.Conv2D(24, 3, padding="same", activation="relu", name="conv2"),
            layers.MaxPooling2D(2, name="pool1"),
            layers.Conv2D(48, 3, padding="same", activation="relu", name="conv3"),
            layers.Conv2D(48, 3, padding="same", activation="relu", name="conv4"),
            layers.MaxPooling2D(2, name="pool2"),
            layers.Conv2D(96, 3, padding="same", activation="relu", name="conv5"),
            layers.Conv2D(96, 3, padding="same", activation="relu", name="conv6"),
            layers.GlobalAveragePooling2D(name="pool3"),
            layers.Dropout(0.2, name="dropout"),
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
