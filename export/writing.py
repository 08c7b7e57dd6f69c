"""A small language model: reads a text character by character and says, at each, which is likely to come next."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import onnxruntime
from keras import layers
from numpy.typing import NDArray

from export.sentences import Texts
from export.text_convert import feeds
from export.text_train import CELLS, fit_batches, padded
from export.train import Training
from glassbox.text import tokens
from glassbox.text.tokens import Vocabulary

BOUNDARY = "\n"
"""The character before a sentence's first and after its last."""
Windows = NDArray[np.int64]


@dataclass(frozen=True)
class Recipe:
    """A language model and how it learns: windows of `window` characters, `dropout` of features and of states."""

    epochs: int
    cell: str = "gru"
    embedding: int = 64
    units: int = 192
    most: int | None = None
    rarest: int = 2
    window: int = 96
    batch_size: int = 64
    learning_rate: float = 6e-3
    dropout: float = 0.2


def encode(texts: Sequence[str], words: Vocabulary) -> list[NDArray[np.int64]]:
    """Each text's ids between two boundaries."""
    edge = words.id(BOUNDARY)
    return [np.array([edge, *(token.id for token in words.tokens(tokens.normalise(t))), edge], np.int64) for t in texts]


def build(name: str, words: Vocabulary, recipe: Recipe) -> keras.Model:
    """ids (n, steps) -> (n, steps, characters) logits of the next character, by the transposed embedding.

    Press and Wolf, "Using the Output Embedding to Improve Language Models", 2017, https://arxiv.org/abs/1608.05859
    """
    ids = keras.Input((None,), dtype="int64", name="ids")
    spread = keras.initializers.RandomNormal(stddev=recipe.embedding**-0.5)  # Keras' own is too small for logits
    embedding = layers.Embedding(len(words), recipe.embedding, spread, name="embedded")
    read = layers.SpatialDropout1D(recipe.dropout / 2, name="dropout1")(embedding(ids))
    states = CELLS[recipe.cell](recipe.units, return_sequences=True, name=recipe.cell)(read)
    states = layers.Dropout(recipe.dropout, name="dropout2")(states)
    projection = layers.Dense(recipe.embedding, name="projection")(states)
    return keras.Model(ids, TiedOutput(embedding, name="logits")(projection), name=name)


class TiedOutput(layers.Layer):
    """(n, steps, features) -> (n, steps, characters): the product with each character's embedding."""

    def __init__(self, embedding: layers.Embedding, name: str) -> None:
        super().__init__(name=name)
        self.embedding = embedding

    def call(self, features: keras.KerasTensor) -> keras.KerasTensor:
        return keras.ops.matmul(features, keras.ops.transpose(self.embedding.embeddings))

    def count_params(self) -> int:
        return 0  # all are the embedding's


class Batches(keras.utils.PyDataset):
    """Windows that begin at a sentence's start and hold as many sentences as fit, others each epoch."""

    def __init__(self, sentences: Sequence[NDArray[np.int64]], recipe: Recipe, seed: int) -> None:
        super().__init__()
        self.sentences, self.recipe = sentences, recipe
        self.rng = np.random.default_rng(seed)
        characters = sum(len(sentence) - 1 for sentence in sentences)
        self.count = max(1, characters // (recipe.window * recipe.batch_size))
        self.on_epoch_end()

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> tuple[Windows, Windows]:
        size = self.recipe.batch_size
        batch = self.windows[index * size : (index + 1) * size]
        return batch[:, :-1], batch[:, 1:]

    def on_epoch_end(self) -> None:
        width = self.recipe.window + 1
        windows = np.empty((self.count * self.recipe.batch_size, width), np.int64)
        order = iter(())
        for window in windows:
            filled = 0
            while filled < width:
                chosen = next(order, None)
                if chosen is None:
                    order = iter(self.rng.permutation(len(self.sentences)))
                    continue
                # The boundary that ends a sentence begins the next one.
                sentence = self.sentences[chosen][1 if filled else 0 :]
                part = sentence[: width - filled]
                window[filled : filled + len(part)] = part
                filled += len(part)
        self.windows = windows


def fit(model: keras.Model, texts: Texts, words: Vocabulary, recipe: Recipe, seed: int) -> Training:
    """Train `model` in place to predict the next character, as `recipe` says."""
    batches, held_out = (Batches(encode(part, words), recipe, seed) for part in (texts.train, texts.validation))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    rates = (recipe.learning_rate, 0.02 * recipe.learning_rate)
    return fit_batches(model, batches, held_out, loss, epochs=recipe.epochs, batch_size=recipe.batch_size, rates=rates)


def perplexity(session: onnxruntime.InferenceSession, sentences: Sequence[NDArray[np.int64]]) -> float:
    """exp of the mean negative log-likelihood of a character, each sentence read from its start, its end included."""
    total, count = 0.0, 0
    for start in range(0, len(sentences), 64):
        part = sentences[start : start + 64]
        ids = padded(part)
        lengths = np.array([len(sentence) - 1 for sentence in part], np.int32)
        logits = session.run(["logits"], feeds(session, ids[:, :-1], lengths))[0].astype(np.float64)
        logits -= logits.max(-1, keepdims=True)
        losses = np.log(np.exp(logits).sum(-1)) - np.take_along_axis(logits, ids[:, 1:, None], -1)[..., 0]
        inside = np.arange(losses.shape[1]) < lengths[:, None]
        total, count = total + float(losses[inside].sum()), count + int(inside.sum())
    return float(np.exp(total / count))


def unigram_perplexity(train: Sequence[NDArray[np.int64]], test: Sequence[NDArray[np.int64]], size: int) -> float:
    """The same for a model that knows but how often each of `size` characters occurs in `train`, plus one each."""
    counts = np.bincount(np.concatenate([sentence[1:] for sentence in train]), minlength=size) + 1.0
    losses = -np.log(counts / counts.sum())
    return float(np.exp(losses[np.concatenate([sentence[1:] for sentence in test])].mean()))
