"""The cards of the transformers, and of the recurrent networks trained beside them."""

from dataclasses import asdict, dataclass

import keras
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from export import card, poem_measures
from export.train import Training
from glassbox.zoo.cards import Display
from glassbox.zoo.transformer_models import ROLE, Loss


@dataclass(frozen=True)
class Texts:
    """What a network learned from and is measured on: ids (n, steps + 1), of which the first `front` are given.

    `dataset`: name, licence and source.
    """

    train: NDArray[np.int64]
    test: NDArray[np.int64]
    vocabulary: tuple[str, ...]
    front: int
    dataset: dict[str, str]


def describe(
    model: keras.Model,
    converted: onnx.ModelProto,
    *,
    task: str,
    architecture: str,
    heads: int,
    texts: Texts,
    training: Training,
    differences: dict[str, float],
    seed: int,
    display: Display,
) -> dict[str, object]:
    """The card, all but its sha256 and what is measured of its task alone."""
    session = run_by_onnx_runtime(converted)
    nats, accuracy, tokens = poem_measures.loss(session, texts.test, texts.front)
    unigram = poem_measures.unigram(texts.train, texts.test, len(texts.vocabulary), texts.front)
    ids, logits = converted.graph.input[0], converted.graph.output[0]
    return {
        **card.identity(model.name, ROLE, display),
        "task": task,
        "architecture": architecture,
        "vocabulary": list(texts.vocabulary),
        "context": texts.test.shape[1] - 1,
        "front": texts.front,
        "heads": heads,
        "input": {
            "name": ids.name,
            "shape": card.shape(ids),
            "dtype": "int64",
            "range": [0, len(texts.vocabulary) - 1],
        },
        "output": {"name": logits.name, "shape": card.shape(logits), "kind": "logits"},
        **card.made(model, converted, differences, seed),
        "dataset": texts.dataset | {"train": len(texts.train), "test": len(texts.test)},
        "training": card.trained(training),
        "held_out": asdict(Loss(nats, accuracy, tokens, unigram)),
    }


def run_by_onnx_runtime(converted: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """Return a session of `converted` on the CPU."""
    return onnxruntime.InferenceSession(converted.SerializeToString(), providers=["CPUExecutionProvider"])
