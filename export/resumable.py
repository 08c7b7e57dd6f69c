"""Train a language model for hours on a machine that may stop at any moment: AdamW, warm-up and a cosine to zero.

All that the next step depends on (weights, the optimizer's state, the state of random numbers, the step, by which
batches are chosen) lies in one checkpoint, written beside and then moved into place: training that goes on from it
computes what it would have computed without the stop.
"""

import importlib
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from export import accelerator
from export.train import Training
from glassbox.text.tokens import PADDING
from glassbox.zoo.cards import Accelerator

CHECKPOINT = "checkpoint.npz"
LOG = "log.txt"
PENDING = 50
"""Steps whose losses may still be on their way from an accelerator."""
UNDECAYED = ["tokens", "places", "embeddings"]
"""Weights that AdamW does not draw to zero: those of rare characters would be gone."""

Batch = Callable[[int], NDArray[np.int64]]
"""The ids (n, steps + 1) to learn from at a step of training, PADDING after their ends."""


@dataclass(frozen=True)
class Recipe:
    """How a language model learns. `front`: tokens that are read but not learned to write; `watched`: how many times
    the loss on held-out texts is taken; `taught`: how much of the loss is the cross-entropy to the teacher's
    probabilities, where there is one, and not to the token that came."""

    steps: int
    batch_size: int
    rate: float
    warmup: int = 400
    decay: float = 0.1
    front: int = 1
    watched: int = 20
    taught: float = 0.0


@dataclass
class Progress:
    """Where training stands; `history` as `Training` has it, `joules` what the `accelerator` took, if any."""

    step: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    accelerator: str = ""
    joules: float = 0.0
    history: dict[str, list[float]] = field(
        default_factory=lambda: {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    )
    running: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])


class Steps(Protocol):
    """What Keras' backend does of a training: one step, and a measurement, of ids (n, steps + 1). Both return the sum
    of the losses, how many of the likeliest tokens were right, and how many were read."""

    def update(self, ids: NDArray[np.int64]) -> Sequence[float]: ...

    def evaluate(self, ids: NDArray[np.int64]) -> Sequence[float]: ...

    def write_back(self) -> None:
        """Leave in Keras' variables what the steps so far have made of them."""
        ...


class Trainer:
    """Trains `model` (ids (n, steps) to logits, the layer of that name the last) in `folder`, by TensorFlow or, with
    KERAS_BACKEND=jax, by JAX.

    `teacher`: a trained network of the same tokens, whose probabilities it learns too, as `recipe.taught` says (Hinton,
    Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015, https://arxiv.org/abs/1503.02531).
    `every` is how many seconds pass at most between two checkpoints.
    """

    def __init__(
        self,
        model: keras.Model,
        recipe: Recipe,
        folder: Path,
        *,
        teacher: keras.Model | None = None,
        every: float = 120.0,
    ) -> None:
        self.model, self.recipe, self.folder, self.teacher, self.every = model, recipe, folder, teacher, every
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
        self._logits = _behind(model, recipe.front)
        self._taught = _behind(teacher, recipe.front) if teacher else None
        backend = importlib.import_module(f"export.steps_{keras.backend.backend()}")
        self.steps: Steps = backend.Compiled(self)

    # --- Learning -----------------------------------------------------------------------------------------------------

    def train(self, batch: Batch, held_out: NDArray[np.int64], watch: Callable[[int], None] | None = None) -> Training:
        """Go on to the recipe's last step; `held_out` (n, steps + 1) is what the loss is watched on, and whenever it
        is, `watch` is called with the step."""
        recipe, progress = self.recipe, self.progress
        marks = {round(recipe.steps * (i + 1) / recipe.watched) for i in range(recipe.watched)}
        saved = wall = time.monotonic()
        cpu, joules = time.process_time(), accelerator.joules()
        progress.accelerator = progress.accelerator or accelerator.name()
        pending: list[Sequence[float]] = []
        while progress.step < recipe.steps:
            pending.append(self.steps.update(batch(progress.step)))
            progress.step += 1
            marked = progress.step in marks
            if not marked and len(pending) < PENDING and time.monotonic() - saved < self.every:
                continue
            progress.running = [float(sum(map(float, sums))) for sums in zip(progress.running, *pending, strict=True)]
            pending.clear()
            now, busy, used = time.monotonic(), time.process_time(), accelerator.joules()
            progress.seconds, progress.cpu_seconds = progress.seconds + now - wall, progress.cpu_seconds + busy - cpu
            progress.joules += used - joules
            wall, cpu, joules = now, busy, used
            if marked:
                self._watch(held_out)
                if watch:
                    self.steps.write_back()
                    watch(progress.step)
            if marked or now - saved >= self.every:
                self.save()
                saved = time.monotonic()
                self._log()
        self.steps.write_back()
        return Training(
            seconds=progress.seconds,
            cpu_seconds=progress.cpu_seconds,
            epochs=recipe.watched,
            batch_size=recipe.batch_size,
            optimizer="adamw",
            loss="sparse_categorical_crossentropy",
            history=progress.history,
            accelerator=Accelerator(progress.accelerator, progress.joules) if progress.accelerator else None,
        )

    def read(self, ids: keras.KerasTensor, training: bool) -> tuple[keras.KerasTensor, ...]:
        """Return the logits (n, tokens) at each token behind the front, that token (n,), whether it was the likeliest,
        and whether it is one (1) or PADDING (0)."""
        targets = ops.reshape(ids[:, self.recipe.front :], [-1])
        logits = self._logits(ids, training)
        right = ops.cast(ops.equal(ops.cast(ops.argmax(logits, -1), targets.dtype), targets), "float32")
        return logits, targets, right, ops.cast(ops.not_equal(targets, PADDING), "float32")

    def taught(self, ids: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor | None:
        """Return the cross-entropy (n,), nats, of the softmax of `logits` to what the teacher expects at each token
        behind the front; None without one."""
        if self._taught is None:
            return None
        expected = ops.softmax(self._taught(ids, training=False))
        return -ops.sum(expected * ops.log_softmax(ops.cast(logits, "float32")), -1)

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
        loss, right, count = np.sum([[float(x) for x in self.steps.evaluate(part)] for part in parts], axis=0)
        return loss / count, right / count

    # --- Keeping ------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write the checkpoint: the old one stays whole until the new one is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.steps.write_back()
        arrays = {f"v{i}": np.asarray(v) for i, v in enumerate(self.variables())}
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
            variables = self.variables()
            arrays = [kept[f"v{i}"] for i in range(len(kept.files) - 1)]
        if state["recipe"] != asdict(self.recipe):
            raise ValueError(f"{path} was trained by another recipe: {state['recipe']}")
        if [tuple(v.shape) for v in variables] != [a.shape for a in arrays]:
            raise ValueError(f"{path} is of another network")
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
        self.progress = Progress(**state["progress"])
        return True

    def variables(self) -> list[keras.Variable]:
        """Return all that a checkpoint holds of the network and the optimizer, in the order of any backend."""
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


def _behind(model: keras.Model, front: int) -> Callable[[keras.KerasTensor, bool], keras.KerasTensor]:
    """Return what gives the logits (n * tokens, vocabulary) of `model` at each token of ids (n, steps + 1) behind the
    front, and computes no others."""
    last = model.get_layer("logits")
    features = keras.Model(model.inputs, last.input)

    def logits(ids: keras.KerasTensor, training: bool) -> keras.KerasTensor:
        read = features(ids[:, :-1], training=training)[:, front - 1 :]
        return ops.reshape(last(read, training=training), [-1, model.output_shape[-1]])

    return logits
