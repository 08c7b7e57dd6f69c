"""Train a network on sentences: vocabulary, batches, Adam with a cosine-decayed rate."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from export.sentences import Corpus, Sentences
from export.train import Training
from glassbox.text import tokens
from glassbox.text.tokens import PADDING, UNKNOWN, Vocabulary

CELLS = {"rnn": layers.SimpleRNN, "gru": layers.GRU, "lstm": layers.LSTM}


@dataclass(frozen=True)
class Recipe:
    """A classifier and how it learns. `embedding` and `units` are widths; `longest` cuts sentences in training alone;
    `forgetting` is the share of tokens that each epoch reads as unknown, `cropping` that of sentences of which it reads
    a part, `dropout` that of embedded features and of the last state that it sets to zero; `balance` weighs a class by
    its count to the power -balance."""

    unit: str
    epochs: int
    embedding: int = 48
    units: int = 96
    rarest: int = 2
    longest: int = 64
    batch_size: int = 64
    learning_rate: float = 2e-3
    dropout: float = 0.3
    forgetting: float = 0.05
    cropping: float = 0.0
    smoothing: float = 0.05
    balance: float = 0.5
    bidirectional: bool = False


@dataclass(frozen=True)
class Encoded:
    """Sentences as ids: `ids[i]` is int64 (length,), never empty; `labels` int64 (n,)."""

    ids: tuple[NDArray[np.int64], ...]
    labels: NDArray[np.int64]


def vocabulary(
    texts: Iterable[str], unit: str, rarest: int, first: Sequence[str] = (), most: int | None = None
) -> Vocabulary:
    """All tokens that stand at least `rarest` times in `texts`, the commonest `most`, after the two that every
    vocabulary begins with and `first`."""
    counts = Counter(token for sentence in texts for token in tokens.tokens(tokens.normalise(sentence), unit))
    for token in first:
        counts.pop(token, None)
    kept = sorted((t for t, count in counts.items() if count >= rarest), key=lambda t: (-counts[t], t))
    return Vocabulary(unit, ("<padding>", "<unknown>", *first, *kept[:most]))


def encode(sentences: Sentences, words: Vocabulary) -> Encoded:
    """Each sentence's ids as the app finds them."""
    ids = tuple(np.array([token.id for token in words.tokens(tokens.normalise(s))], np.int64) for s in sentences.texts)
    return Encoded(ids, sentences.labels)


def build(name: str, cell: str, words: Vocabulary, classes: int, recipe: Recipe) -> keras.Model:
    """ids (n, steps), PADDING after each sentence's end -> (n, classes) probabilities, from the state at that end."""
    recurrence = CELLS[cell](recipe.units, name=cell)
    if recipe.bidirectional:
        recurrence = layers.Bidirectional(recurrence, name=cell)
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int64", name="ids"),
            layers.Embedding(len(words), recipe.embedding, mask_zero=True, name="embedded"),
            layers.SpatialDropout1D(recipe.dropout, name="dropout1"),
            recurrence,
            layers.Dropout(recipe.dropout, name="dropout2"),
            layers.Dense(classes, activation="softmax", name="probabilities"),
        ],
        name=name,
    )


def padded(ids: Sequence[NDArray[np.int64]], width: int | None = None) -> NDArray[np.int64]:
    """Sentences side by side, (n, width or that of the longest), PADDING after their ends."""
    batch = np.full((len(ids), width or max(map(len, ids))), PADDING, np.int64)
    for row, sentence in zip(batch, ids, strict=True):
        row[: len(sentence)] = sentence
    return batch


class Batches(keras.utils.PyDataset):
    """Batches of sentences in a random order, another one each epoch: as they are, or `altered`, with tokens forgotten
    and sentences cropped. All are of one shape: the last few sentences of an epoch are left out."""

    def __init__(self, data: Encoded, classes: int, recipe: Recipe, *, altered: bool, seed: int) -> None:
        super().__init__()
        self.ids = padded([sentence[: recipe.longest] for sentence in data.ids], recipe.longest)
        self.labels = data.labels
        self.targets = np.eye(classes, dtype=np.float32)
        weights = np.maximum(np.bincount(data.labels, minlength=classes), 1) ** -recipe.balance
        self.weights = (weights / weights[data.labels].mean()).astype(np.float32)
        self.size = min(recipe.batch_size, len(self.ids))
        self.forgetting, self.cropping = (recipe.forgetting, recipe.cropping) if altered else (0.0, 0.0)
        self.rng = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self) -> int:
        return len(self.ids) // self.size

    def __getitem__(self, index: int) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
        chosen = self.order[index * self.size : (index + 1) * self.size]
        ids, labels = self.ids[chosen], self.labels[chosen]
        for row in np.flatnonzero(self.rng.random(len(ids)) < self.cropping):
            ids[row] = self._part(ids[row])
        forgotten = (self.rng.random(ids.shape) < self.forgetting) & (ids != PADDING)
        return np.where(forgotten, UNKNOWN, ids), self.targets[labels], self.weights[labels]

    def _part(self, sentence: NDArray[np.int64]) -> NDArray[np.int64]:
        """A third of a sentence or more of it, from a random place on, PADDING after it."""
        length = int((sentence != PADDING).sum())
        kept = int(self.rng.integers(-(-length // 3), length + 1))
        start = int(self.rng.integers(0, length - kept + 1))
        return padded([sentence[start : start + kept]], len(sentence))[0]

    def on_epoch_end(self) -> None:
        self.order = self.rng.permutation(len(self.ids))


def fit(model: keras.Model, corpus: Corpus, words: Vocabulary, recipe: Recipe, seed: int) -> Training:
    """Train `model` in place as `recipe` says, the corpus' validation sentences watched."""
    classes = len(corpus.labels)
    batches = Batches(encode(corpus.train, words), classes, recipe, altered=True, seed=seed)
    held_out = Batches(encode(corpus.validation, words), classes, recipe, altered=False, seed=seed)
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.smoothing)
    rates = (recipe.learning_rate, 0.01 * recipe.learning_rate)
    return fit_batches(model, batches, held_out, loss, epochs=recipe.epochs, batch_size=recipe.batch_size, rates=rates)


def fit_batches(
    model: keras.Model,
    batches: keras.utils.PyDataset,
    held_out: keras.utils.PyDataset,
    loss: keras.losses.Loss,
    *,
    epochs: int,
    batch_size: int,
    rates: tuple[float, float],
) -> Training:
    """Train `model` in place by Adam; its learning rate falls along a cosine from the first of `rates` to the last."""
    first, last = rates
    rate = keras.optimizers.schedules.CosineDecay(first, len(batches) * epochs, alpha=last / first)
    # Compiled by XLA it takes longer on a CPU.
    model.compile(keras.optimizers.Adam(rate, clipnorm=1.0), loss=loss, metrics=["accuracy"], jit_compile=False)
    wall, cpu = time.perf_counter(), time.process_time()
    logs = model.fit(batches, epochs=epochs, validation_data=held_out, verbose=2)
    return Training(
        seconds=time.perf_counter() - wall,
        cpu_seconds=time.process_time() - cpu,
        epochs=epochs,
        batch_size=batch_size,
        optimizer="adam",
        loss=loss.name,
        history={name: list(map(float, values)) for name, values in logs.history.items()},
    )
