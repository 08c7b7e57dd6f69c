"""One run of `python -m export`: its options, the digits all models share, and the way each leaves its files.

Only training needs Keras: what measures the models that are there does without.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from export.data import Mnist, Pool, load, pool
from export.sentences import SPLITS, Corpus, Sentences, Texts
from glassbox.digits.tensors import rescaled
from glassbox.zoo.cards import Display

if TYPE_CHECKING:
    import keras
    import onnx

    from export import resumable, text_train, writing
    from export.train import Recipe, Training

CHECKED = 256
"""Test pictures on which every layer is compared with Keras'."""
QUICK_DIGITS = 1_920
"""Whole batches: XLA compiles a network anew for one that is smaller."""
QUICK_SENTENCES = 400
Data = TypeVar("Data", Corpus, Texts)
Some = TypeVar("Some", Sentences, tuple[str, ...])
Plan = TypeVar("Plan", "text_train.Recipe", "writing.Recipe")


@dataclass(frozen=True)
class Run:
    """`data`: folder of IDX files or None to download; `pictures`: folder of real pictures with a manifest.csv;
    `checkpoints`: where long trainings keep their state, from which `resume` goes on; `threads`: TensorFlow's."""

    data: Path | None
    out: Path
    seed: int = 2026
    epochs: int | None = None
    quick: bool = False
    pictures: Path | None = None
    unlike: Path | None = None
    text: Path | None = None
    epoch: Path | None = None
    checkpoints: Path | None = None
    resume: bool = False
    threads: int | None = None

    def digits(self) -> tuple[Mnist, Pool]:
        """MNIST and the training pool made from it."""
        return self._digits

    @cached_property
    def _digits(self) -> tuple[Mnist, Pool]:
        mnist = load(self.data)
        return mnist, pool(mnist, self.seed, QUICK_DIGITS if self.quick else None)

    def train(self, model: keras.Model, pool: Pool, mnist: Mnist, recipe: Recipe) -> Training:
        """`recipe` with this run's --epochs and --quick applied, carried out."""
        from export.train import fit

        if self.quick:
            recipe = replace(recipe, size=QUICK_DIGITS, epochs=1)
        if self.epochs is not None:
            recipe = replace(recipe, epochs=self.epochs)
        return fit(model, pool, mnist.validation, recipe, self.seed)

    def some(self, data: Data) -> Data:
        """`data`, or with --quick a few sentences of each split, evenly apart."""
        if not self.quick:
            return data
        return replace(data, **{name: _few(getattr(data, name)) for name in SPLITS})

    def plan(self, recipe: Plan) -> Plan:
        """`recipe` with this run's --epochs and --quick applied."""
        epochs = self.epochs or (1 if self.quick else recipe.epochs)
        return replace(recipe, epochs=epochs)

    def limit_threads(self) -> None:
        """Let TensorFlow use `threads` threads; to be called before it computes anything."""
        if self.threads:
            import tensorflow as tf

            tf.config.threading.set_intra_op_parallelism_threads(self.threads)
            tf.config.threading.set_inter_op_parallelism_threads(1)

    def trainer(
        self,
        model: keras.Model,
        recipe: resumable.Recipe,
        *,
        teacher: keras.Model | None = None,
        teaches: bool = False,
    ) -> resumable.Trainer:
        """Return what trains `model` by `recipe` and its `teacher`, at its checkpoint with --resume, or always where
        it `teaches` others.

        Raises ValueError if there is a checkpoint and no --resume.
        """
        from export.resumable import Trainer

        folder = (self.checkpoints or self.out) / ("quick" if self.quick else "") / model.name
        trainer = Trainer(model, recipe, folder, teacher=teacher)
        if self.resume or (teaches and not self.quick):
            trainer.resume()
        elif trainer.checkpoint.exists() and not self.quick:
            raise ValueError(f"{trainer.checkpoint} is there: go on from it with --resume, or delete it")
        return trainer

    def exports(self) -> bool:
        """Return whether Keras computes by TensorFlow, by which networks are converted; if not, say how to go on."""
        import keras

        if keras.backend.backend() == "tensorflow":
            return True
        print("Trained. The same command with --resume and without KERAS_BACKEND measures and exports it.", flush=True)
        return False

    def export(self, model: keras.Model, training: Training, mnist: Mnist, display: Display) -> None:
        """Convert, compare with Keras, measure, and write OUT/NAME/1/model.onnx and OUT/NAME/card.json."""
        from export import card, convert

        converted = convert.convert(model)
        checked = rescaled(mnist.test.digits[:CHECKED])
        differences = convert.differences(model, converted, checked)
        described = card.describe(model, converted, training, mnist, self.seed, differences, display)
        self.write(converted, described)

    def write(self, converted: onnx.ModelProto, described: dict[str, object]) -> None:
        """The model's file, its card, with the file's sha256, and the file that Triton reads."""
        from export import triton

        folder = self.out / str(described["name"])
        (folder / "1").mkdir(parents=True, exist_ok=True)
        content = converted.SerializeToString(deterministic=True)
        (folder / "1" / "model.onnx").write_bytes(content)
        configuration = triton.configuration(folder.name, converted)
        (folder / triton.FILE).write_text(configuration, encoding="utf-8")
        described = described | {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        self.write_card(folder / "card.json", described)

    def write_beside(self, name: str, file: str, content: bytes) -> dict[str, object]:
        """Write a file beside the card of the model `name`, and return what the card has to tell of it."""
        (self.out / name / file).write_bytes(content)
        return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    def tell(self, name: str, entry: str, value: object) -> None:
        """Set one entry of the card of the model `name`."""
        path = self.out / name / "card.json"
        print(name, value, flush=True)
        self.write_card(path, json.loads(path.read_text(encoding="utf-8")) | {entry: value})

    def write_card(self, path: Path, described: dict[str, object]) -> None:
        """`described` as JSON."""
        text = json.dumps(described, indent=1, ensure_ascii=False, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")


def _few(sentences: Some) -> Some:
    """Return up to QUICK_SENTENCES of `sentences`, evenly apart."""
    step = math.ceil(len(sentences) / QUICK_SENTENCES)
    return sentences[::step]
