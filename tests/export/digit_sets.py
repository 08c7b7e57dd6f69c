"""Small sets of digits in MNIST's own files, for the scripts of export to learn from and measure on."""

import gzip
from pathlib import Path

import numpy as np

from glassbox.digits import strokes


def write_idx(path: Path, values: np.ndarray) -> None:
    head = bytes([0, 0, 8, values.ndim]) + b"".join(size.to_bytes(4, "big") for size in values.shape)
    path.write_bytes(gzip.compress(head + values.tobytes(), 1))


def write_set(folder: Path, rng: np.random.Generator, digits: bool) -> None:
    """600 + 300 pictures in the four IDX files: drawn digits, or noise with random labels."""
    folder.mkdir()
    for prefix, count in (("train", 600), ("t10k", 300)):
        labels = rng.integers(0, 10, count, dtype=np.uint8)
        pictures = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        if digits:
            for i, label in enumerate(labels):
                forms = strokes.FORMS[str(label)]
                form = forms[rng.integers(len(forms))]
                drawing = tuple(strokes.curve(np.array(stroke) / 100 + rng.normal(0, 0.01, 2)) for stroke in form)
                pictures[i] = strokes.draw(drawing, 28, rng.uniform(2, 3.5))
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", pictures)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", labels)
