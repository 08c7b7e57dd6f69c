"""Train a language model for hours on a machine that may stop at any moment: AdamW, warm-up and a cosine to zero.

All that the next step depends on (weights, the optimizer's state, the state of random numbers, the step, by which
batches are chosen) lies in one checkpoint, written beside and then moved into place: training that goes on from it
computes what it would have computed without the stop.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from export.train import Training
from glassbox.text.tokens import PADDING

CHECKPOINT = "checkpoint.npz"
LOG = "log.txt"
UNDECAYED = ["tokens", "places", "embeddings"]
"""Weights that AdamW does not draw to zero: those of rare characters would be gone."""

Batch = Callable[[int], NDArray[np.int64]]
"""The ids (n, steps + 1) to learn from at a step of training, PADDING after their ends."""


@dataclass(frozen=True)
class Recipe:
    """How a language model learns. `front`: tokens that are read but not learned to write; `watched`: how many times
    the loss on held-out texts is taken."""

    steps: int
    batch_size: int
    rate: float
    warmup: int = 400
    decay: float = 0.1
    front: int = 1
    watched: int = 20


@dataclass
class Progress:
    """Where training stands; `history` as `Training` has it."""

    step: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    history: dict[str, list[float]] = field(
        default_factory=lambda: {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    )
    running: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])


class Trainer:
    """Trains `model` (ids (n, steps) to logits, the layer of that name the last) in `folder`.

    `every` is how many seconds pass at most between two checkpoints.
    """

    def __init__(self, model: keras.Model, recipe: Recipe, folder: Path, *, every: float = 120.0) -> None:
        self.model, self.recipe, self.folder, self.every = model, recipe, folder, every
        self.checkpoint = folder / CHECKPOINT
        self.progress = Progress()
        warmup = min(recipe.warmup, recipe.steps // 2)
        rate = keras.optimizers.schedules.CosineDecay(
            0.0, recipe.steps - warmup, warmup_target=recipe.rate, warmup_steps=warmup
        )
        self.optimizer = keras.optimizers.AdamW(
            rate, weight_decay=recipe.decay, beta_2=0.99, epsilon=1e-8, global_clipnorm=1.0
        )
        self.optimizer.exclude_from_weight_decay(var_names=UNDECAYED)
        self.optimizer.build(model.trainable_variables)
        logits = model.get_layer("logits")
        self.features = keras.Model(model.inputs, logits.input)
        self.logits = logits
        self._update = tf.function(self._step)
        self._evaluate = tf.function(self._measured)

    # --- Learning -----------------------------------------------------------------------------------------------------

    def train(self, batch: Batch, held_out: NDArray[np.int64], watch: Callable[[int], None] | None = None) -> Training:
        """Go on to the recipe's last step; `held_out` (n, steps + 1) is what the loss is watched on, and whenever it
        is, `watch` is called with the step."""
        recipe, progress = self.recipe, self.progress
        marks = {round(recipe.steps * (i + 1) / recipe.watched) for i in range(recipe.watched)}
        saved, wall, cpu = time.monotonic(), time.monotonic(), time.process_time()
        while progress.step < recipe.steps:
            sums = self._update(tf.constant(batch(progress.step)))
            progress.running = [a + float(b) for a, b in zip(progress.running, sums, strict=True)]
            progress.step += 1
            now, busy = time.monotonic(), time.process_time()
            progress.seconds, progress.cpu_seconds = progress.seconds + now - wall, progress.cpu_seconds + busy - cpu
            wall, cpu = now, busy
            marked = progress.step in marks
            if marked:
                self._watch(held_out)
                if watch:
                    watch(progress.step)
            if marked or now - saved > self.every:
                self.save()
                saved = time.monotonic()
                self._log()
        return Training(
            seconds=progress.seconds,
            cpu_seconds=progress.cpu_seconds,
            epochs=recipe.watched,
            batch_size=recipe.batch_size,
            optimizer="adamw",
            loss="sparse_categorical_crossentropy",
            history=progress.history,
        )

    def _step(self, ids: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            losses, right, inside = self._losses(ids, training=True)
            count = tf.reduce_sum(inside)
            loss = tf.reduce_sum(losses * inside) / count
        self.optimizer.apply(tape.gradient(loss, self.model.trainable_variables))
        return loss * count, tf.reduce_sum(right * inside), count

    def _measured(self, ids: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        losses, right, inside = self._losses(ids, training=False)
        return tf.reduce_sum(losses * inside), tf.reduce_sum(right * inside), tf.reduce_sum(inside)

    def _losses(self, ids: tf.Tensor, training: bool) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """The loss of each token behind the front, whether it was the likeliest, and whether it is one (1) or PADDING
        (0)."""
        front = self.recipe.front
        features = self.features(ids[:, :-1], training=training)[:, front - 1 :]
        targets = tf.reshape(ids[:, front:], [-1])
        logits = self.logits(features, training=training)
        logits = tf.reshape(logits, [targets.shape[0] or -1, self.model.output_shape[-1]])
        right = tf.cast(tf.argmax(logits, -1) == targets, tf.float32)
        return cross_entropy(logits, targets), right, tf.cast(targets != PADDING, tf.float32)

    def _watch(self, held_out: NDArray[np.int64]) -> None:
        progress = self.progress
        loss, accuracy = self.measure(held_out)
        seen = max(progress.running[2], 1.0)
        values = (progress.running[0] / seen, progress.running[1] / seen, loss, accuracy)
        for name, value in zip(progress.history, values, strict=True):
            progress.history[name].append(float(value))
        progress.running = [0.0, 0.0, 0.0]

    def measure(self, texts: NDArray[np.int64]) -> tuple[float, float]:
        """Return the mean loss (nats) and accuracy of the tokens of `texts` (n, steps + 1)."""
        parts = np.split(texts, range(self.recipe.batch_size, len(texts), self.recipe.batch_size))
        loss, right, count = np.sum([[float(x) for x in self._evaluate(tf.constant(part))] for part in parts], axis=0)
        return loss / count, right / count

    # --- Keeping ------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write the checkpoint: the old one stays whole until the new one is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        arrays = {f"v{i}": np.asarray(v) for i, v in enumerate(self._variables())}
        state = json.dumps({"recipe": asdict(self.recipe), "progress": asdict(self.progress)})
        new = self.folder / f"{CHECKPOINT}.new"
        with new.open("wb") as file:
            np.savez(file, state=np.array(state), **arrays)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.checkpoint)

    def resume(self) -> bool:
        """Go back to the checkpoint, if there is one. Raises ValueError if it is of another recipe or network."""
        path = self.checkpoint
        if not path.exists():
            return False
        with np.load(path) as kept:
            state = json.loads(str(kept["state"]))
            variables = self._variables()
            arrays = [kept[f"v{i}"] for i in range(len(kept.files) - 1)]
        if state["recipe"] != asdict(self.recipe):
            raise ValueError(f"{path} was trained by another recipe: {state['recipe']}")
        if [tuple(v.shape) for v in variables] != [a.shape for a in arrays]:
            raise ValueError(f"{path} is of another network")
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
        self.progress = Progress(**state["progress"])
        return True

    def _variables(self) -> list[keras.Variable]:
        return [*self.model.variables, *self.optimizer.variables]

    def _log(self) -> None:
        """One line: the step, the losses, and how much processor time is still to come."""
        progress, recipe = self.progress, self.recipe
        left = progress.cpu_seconds / progress.step * (recipe.steps - progress.step)
        share = progress.cpu_seconds / max(progress.seconds, 1e-9)
        seen = max(progress.running[2], 1.0)
        recent = f"loss {progress.running[0] / seen:.4f}" if progress.running[2] else ""
        history = progress.history
        held_out = f"train {history['loss'][-1]:.4f} held out {history['val_loss'][-1]:.4f}" if history["loss"] else ""
        line = (
            f"{time.strftime('%F %T')} step {progress.step}/{recipe.steps} {recent} {held_out} "
            f"{progress.cpu_seconds / 3600:.2f} processor hours, {left / 3600:.2f} to come "
            f"({left / 3600 / share:.1f} h at the share of the processor so far)"
        )
        print(line, flush=True)
        with (self.folder / LOG).open("a", encoding="utf-8") as log:
            log.write(line + "\n")


@tf.custom_gradient
def cross_entropy(
    logits: tf.Tensor, targets: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, None]]]:
    """Return -ln of the softmax of `logits` (n, tokens), float32 or bfloat16, at `targets` (n,): float32, nats.

    TensorFlow's own takes four times as long on a CPU, a quarter of a step with 4,000 tokens.
    """
    probabilities = tf.nn.softmax(logits)
    at = tf.cast(tf.gather(probabilities, targets, batch_dims=1), tf.float32)

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, None]:
        places = tf.stack([tf.range(tf.shape(targets, tf.int64)[0], dtype=tf.int64), targets], 1)
        by_token = probabilities * tf.cast(upstream, logits.dtype)[:, None]
        return tf.tensor_scatter_nd_sub(by_token, places, tf.cast(upstream, logits.dtype)), None

    return -tf.math.log(tf.maximum(at, 1e-30)), gradient
