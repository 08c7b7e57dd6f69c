"""The cards of the text models, and the yardsticks that stand in them."""

import math
from collections.abc import Sequence

import keras
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from export import card, measures, text_convert, writing
from export.models import gru, lstm, rnn
from export.sentences import Corpus, Texts
from export.text_train import Encoded, encode, padded
from export.train import Training
from glassbox.text import tokens
from glassbox.text.tokens import Vocabulary
from glassbox.zoo.cards import Display, Name

YARDSTICK = "TF-IDF + logistic regression"
STRENGTHS = (1.0, 3.0, 10.0, 30.0)
"""Inverse strengths of the yardstick's regularisation, of which the validation sentences choose one."""


def describe(
    model: keras.Model,
    converted: onnx.ModelProto,
    *,
    training: Training,
    corpus: Corpus,
    words: Vocabulary,
    task: str,
    cell: str,
    seed: int,
    baseline: dict[str, object],
    display: Display,
) -> dict[str, object]:
    """The card of a classifier, all but its sha256, from the corpus run through ONNX Runtime; compared with Keras."""
    session = _session(converted)
    validation, test = encode(corpus.validation, words), encode(corpus.test, words)
    given = outputs(session, test)
    (output,) = converted.graph.output
    return {
        **card.identity(model.name, "text", display),
        **_reads(converted, words, task, cell),
        "output": {"name": output.name, "shape": card.shape(output), "kind": "probabilities"},
        "labels": list(corpus.labels),
        **card.made(model, converted, _differences(model, converted, test.ids), seed),
        "dataset": _dataset(corpus),
        "training": card.trained(training),
        **measures.judged(outputs(session, validation), validation.labels, given, test.labels, "probabilities"),
        "macro_accuracy": macro_accuracy(given.argmax(1), test.labels),
        "baseline": baseline,
    }


def describe_writer(
    model: keras.Model,
    converted: onnx.ModelProto,
    *,
    training: Training,
    texts: Texts,
    words: Vocabulary,
    cell: str,
    window: int,
    seed: int,
    display: Display,
) -> dict[str, object]:
    """The card of a language model, all but its sha256; compared with Keras over the first `window` characters of
    sentences, as many as it learned from at a time."""
    train, test = (writing.encode(part, words) for part in (texts.train, texts.test))
    return {
        **card.identity(model.name, "writing", display),
        **_reads(converted, words, "writing", cell),
        "output": {"name": "logits", "shape": card.shape(converted.graph.output[0]), "kind": "logits"},
        **card.made(model, converted, _differences(model, converted, [s[:window] for s in test]), seed),
        "dataset": _dataset(texts),
        "training": card.trained(training),
        "training_characters": sum(len(s) - 1 for s in train),
        "perplexity_per_character": writing.perplexity(_session(converted), test),
        "baseline": {
            "name": "unigram",
            "perplexity_per_character": writing.unigram_perplexity(train, test, len(words)),
        },
    }


def display(cell: str, order: int, names: dict[str, str]) -> Display:
    """Return how a classifier of text is shown: in the colour of the network for digits that has the same `cell`.

    `names`: what it is called by language, {cell} standing for the cell's name.
    """
    of = {"rnn": rnn, "gru": gru, "lstm": lstm}[cell].DISPLAY
    named = {language: Name(name.format(cell=cell.upper()), of.name(language).long) for language, name in names.items()}
    return Display(names=named, order=order, colour=of.colour)


def yardstick(corpus: Corpus, unit: str) -> dict[str, object]:
    """What logistic regression on the TF-IDF of single tokens and pairs reaches on the same splits."""

    def cut(sentence: str) -> list[str]:
        return tokens.tokens(tokens.normalise(sentence), unit)

    vectorizer = TfidfVectorizer(
        tokenizer=cut, token_pattern=None, lowercase=False, ngram_range=(1, 2), sublinear_tf=True
    )
    train = vectorizer.fit_transform(corpus.train.texts)
    validation, test = (vectorizer.transform(part.texts) for part in (corpus.validation, corpus.test))
    fitted = [
        LogisticRegression(C=strength, max_iter=1000, class_weight="balanced").fit(train, corpus.train.labels)
        for strength in STRENGTHS
    ]
    best = max(fitted, key=lambda model: macro_accuracy(model.predict(validation), corpus.validation.labels))
    read = best.predict(test)
    return {
        "name": YARDSTICK,
        "accuracy": float((read == corpus.test.labels).mean()),
        "macro_accuracy": macro_accuracy(read, corpus.test.labels),
    }


def macro_accuracy(read: NDArray[np.int64], labels: NDArray[np.int64]) -> float:
    """The mean over the classes of the share of each that is read rightly."""
    return float(np.mean([(read[labels == kind] == kind).mean() for kind in np.unique(labels)]))


def outputs(session: onnxruntime.InferenceSession, data: Encoded) -> NDArray[np.float32]:
    """What the model gives for each sentence, whole, in batches of 256."""
    given = []
    for start in range(0, len(data.ids), 256):
        part = data.ids[start : start + 256]
        lengths = np.array([len(sentence) for sentence in part], np.int32)
        given.append(session.run(None, text_convert.feeds(session, padded(part), lengths))[0])
    return np.concatenate(given)


def _session(converted: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(converted.SerializeToString(), providers=["CPUExecutionProvider"])


def _differences(
    model: keras.Model, converted: onnx.ModelProto, sentences: Sequence[NDArray[np.int64]]
) -> dict[str, float]:
    """On up to 128 sentences of different lengths, padded to the longest."""
    step = math.ceil(len(sentences) / 128)
    checked = sentences[::step]
    lengths = np.array([len(sentence) for sentence in checked], np.int32)
    return text_convert.differences(model, converted, padded(checked), lengths)


def _reads(converted: onnx.ModelProto, words: Vocabulary, task: str, cell: str) -> dict[str, object]:
    ids = converted.graph.input[0]
    operator = next(node for node in converted.graph.node if node.op_type == cell.upper())
    return {
        "task": task,
        "unit": words.unit,
        "cell": cell,
        "bidirectional": any(a.s == b"bidirectional" for a in operator.attribute),
        "vocabulary": list(words.entries),
        "input": {"name": ids.name, "shape": card.shape(ids), "dtype": "int64", "range": [0, len(words) - 1]},
    }


def _dataset(corpus: Corpus | Texts) -> dict[str, object]:
    return {
        "name": corpus.name,
        "licence": corpus.licence,
        "source": corpus.source,
        "train": len(corpus.train),
        "test": len(corpus.test),
    }
