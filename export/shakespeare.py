"""Shakespeare's plays by character (tiny shakespeare), the last tenth held out, as nanoGPT holds it out.

https://github.com/karpathy/nanoGPT/blob/master/data/shakespeare_char/prepare.py
"""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ADDRESS = (
    "https://raw.githubusercontent.com/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e"
    "/data/tinyshakespeare/input.txt"
)
SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
CONTEXT = 128
HELD_OUT = 0.1
DATASET = {
    "name": "Shakespeare's plays, 40,000 lines (tiny shakespeare)",
    "licence": "public domain",
    "source": "https://github.com/karpathy/char-rnn",
}


@dataclass(frozen=True)
class Plays:
    """The text's ids, int64 (characters,), in two parts; `vocabulary`: padding, unknown, then the text's characters."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]
    vocabulary: tuple[str, ...]

    def batch(self, step: int, size: int, seed: int) -> NDArray[np.int64]:
        """Return the `size` windows that training reads at `step`, (size, CONTEXT + 1), from random places."""
        starts = np.random.default_rng((seed, step)).integers(0, len(self.train) - CONTEXT, size)
        return self.train[starts[:, None] + np.arange(CONTEXT + 1)]


def load(folder: Path | None) -> Plays:
    """Return the text of `folder`/en_shakespeare/input.txt.gz, or the same downloaded."""
    if folder is None:
        import keras  # here: a text from a file needs none

        path = keras.utils.get_file("tinyshakespeare.txt", ADDRESS, file_hash=SHA256, cache_subdir="datasets/glassbox")
        text = Path(path).read_text(encoding="utf-8")
    else:
        text = gzip.decompress((folder / "en_shakespeare" / "input.txt.gz").read_bytes()).decode("utf-8")
    characters = sorted(set(text))
    number = {character: place for place, character in enumerate(characters, 2)}
    ids = np.array([number[character] for character in text], np.int64)
    kept = round(len(ids) * (1 - HELD_OUT))
    return Plays(ids[:kept], ids[kept:], ("<padding>", "<unknown>", *characters))


def windows(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return `ids` cut into windows (n, CONTEXT + 1), each beginning with the last id of the one before."""
    count = (len(ids) - 1) // CONTEXT
    return ids[np.arange(count)[:, None] * CONTEXT + np.arange(CONTEXT + 1)]
