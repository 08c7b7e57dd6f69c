"""Twelve steps of a small transformer beside a teacher, from a checkpoint that the first run makes:
python -m tests.export.train_small START FOLDER."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from export import transformer
from export.resumable import Recipe, Trainer

RECIPE = Recipe(steps=12, batch_size=8, rate=1e-2, warmup=3, front=2, watched=3, taught=0.5)
SHAPE = transformer.Shape(vocabulary=11, context=7, layers=2, heads=2, width=8, neurons=16)


def batch(step: int) -> np.ndarray:
    return np.random.default_rng(step).integers(1, 11, (8, 8))


def main(start: Path, folder: Path) -> None:
    teacher = transformer.build("teacher", replace(SHAPE, width=12))
    rng = np.random.default_rng(1)
    for variable in teacher.variables:
        variable.assign(rng.normal(0, 0.3, variable.shape))
    trainer = Trainer(transformer.build("small", SHAPE), RECIPE, folder, teacher=teacher)
    if start.exists():
        folder.mkdir()
        shutil.copy(start / trainer.checkpoint.name, folder)
        trainer.resume()
    else:
        trainer.save()
        shutil.copytree(folder, start)
    trainer.train(batch, batch(99))


if __name__ == "__main__":
    keras.utils.set_random_seed(4)
    main(*map(Path, sys.argv[1:]))
