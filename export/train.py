"""One way to train: fresh pictures each epoch, Adam with a cosine-decayed learning rate, the history kept."""

import time
from dataclasses import dataclass, field

import keras
import numpy as np

from export.data import Pool, Shake, Split
from glassbox.digits.tensors import rescaled
from glassbox.zoo.cards import Accelerator, Teacher


@dataclass(frozen=True)
class Recipe:
    """How one network learns: `share` of each epoch's `size` digits are prepared pictures, `hand` of those drawn."""

    loss: str
    epochs: int
    batch_size: int = 32
    learning_rate: float = 1e-3
    size: int = 60_000
    share: float = 0.5
    hand: float = 0.3
    shake: Shake = field(default_factory=Shake)
    compiled: bool = False  # by XLA: twice as fast for recurrent networks, half as fast for convolutions


@dataclass(frozen=True)
class Training:
    """What training took and how it went; `history` holds one number an epoch for each name, `accelerator` the GPU
    that computed it and `teacher` the network that it learned from, if any."""

    seconds: float
    cpu_seconds: float
    epochs: int
    batch_size: int
    optimizer: str
    loss: str
    history: dict[str, list[float]]
    accelerator: Accelerator | None = None
    teacher: Teacher | None = None


def fit(model: keras.Model, pool: Pool, validation: Split, recipe: Recipe, seed: int) -> Training:
    """Train `model` in place on one-hot labels as `recipe` says, validated on MNIST's held-out digits as they are."""
    rng = np.random.default_rng(seed)
    steps = -(-recipe.size // recipe.batch_size) * recipe.epochs
    rate = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, steps, alpha=0.01)
    model.compile(keras.optimizers.Adam(rate), loss=recipe.loss, metrics=["accuracy"], jit_compile=recipe.compiled)
    one_hot = np.eye(10, dtype=np.float32)
    shape = model.input_shape[1:]
    held_out = (rescaled(validation.digits).reshape(-1, *shape), one_hot[validation.labels])
    history: dict[str, list[float]] = {}
    wall, cpu = time.perf_counter(), time.process_time()
    for epoch in range(recipe.epochs):
        pictures, labels = pool.epoch(recipe.share, recipe.hand, recipe.size, recipe.shake, rng)
        logs = model.fit(
            pictures.reshape(-1, *shape),
            one_hot[labels],
            batch_size=recipe.batch_size,
            initial_epoch=epoch,
            epochs=epoch + 1,
            validation_data=held_out,
            verbose="auto",
        )
        for name, values in logs.history.items():
            history.setdefault(name, []).append(float(values[0]))
    return Training(
        seconds=time.perf_counter() - wall,
        cpu_seconds=time.process_time() - cpu,
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        optimizer="adam",
        loss=recipe.loss,
        history=history,
    )
