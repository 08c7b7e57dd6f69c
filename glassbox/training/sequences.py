"""A tiny transformer that learns to write three letters in order, or again: its tasks, its graph, its first weights.

A sequence is the letters, a separator, and the answer without its last letter: "cab>ab". From the separator on, each
token has the next letter of the answer to tell. After the sorting demonstration of Karpathy's minGPT,
https://github.com/karpathy/minGPT
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from glassbox.graph.model import read
from glassbox.graph.transformer_writer import Weights, write_transformer

LETTERS = "abcdefgh"
LENGTH = 3
"""Letters of a question, and of its answer."""
SEPARATOR = ">"
TASKS = ("sort", "repeat")
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
HEADS = (1, 2)
SEEDS = 1_000
UNSEEN = 128
"""Questions, of the 512 there are, that are never trained on."""
WIDTH, NEURONS = 16, 16
ANSWER, ATTENTION, IDS = "answer", "attention0/attention", "ids"
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Setup:
    """What determines a training. `task`: one of TASKS; `heads`: one of HEADS; `positions`: whether the network is told
    at which place a token stands."""

    task: str = TASKS[0]
    rate: float = 0.003
    seed: int = 1
    heads: int = HEADS[0]
    positions: bool = True


def answers(task: str, questions: Ids) -> Ids:
    """Return the right answers to `questions`, int64 (N, LENGTH): places in LETTERS."""
    return np.sort(questions, axis=1) if task == "sort" else questions


def sequences(questions: Ids, written: Ids) -> Ids:
    """Return what the network reads, int64 (N, T): the questions, the separator, and what is `written` (N, 0 to 2)."""
    separator = np.full((len(questions), 1), len(LETTERS), np.int64)
    return np.concatenate([questions, separator, written], axis=1)


@cache
def questions() -> Ids:
    """Return all questions that there are, int64 (512, LENGTH), in the order of the alphabet."""
    return np.array(list(product(range(len(LETTERS)), repeat=LENGTH)), np.int64)


def build(setup: Setup) -> tuple[ModelProto, list[str]]:
    """Return the network and the names of the weights that learn: all, but the rows of positions where there are to be
    none (they stay 0). From ids, int64 (N, T), it gives the logits from the separator on, answer (N, T - LENGTH, 9).

    A layer of attention and a layer of NEURONS, without biases. Weights are drawn from normal distributions with the
    variance 1 / inputs, for the layer with ReLU twice that (He et al. 2015, https://arxiv.org/abs/1502.01852).
    """
    weights = _first_weights(setup)
    learning = [name for name in weights if setup.positions or name != "places"]
    model = read(write_transformer(weights, "sequences"))
    ends = {"answer_start": LENGTH, "answer_end": 2 * LENGTH, "answer_axis": 1}
    model.graph.initializer.extend(
        numpy_helper.from_array(np.array([value], np.int64), name) for name, value in ends.items()
    )
    model.graph.node.append(helper.make_node("Slice", ["logits", *ends], [ANSWER], name=ANSWER))
    del model.graph.output[:]
    output = helper.make_tensor_value_info(ANSWER, TensorProto.FLOAT, ["N", "A", len(LETTERS) + 1])
    model.graph.output.append(output)
    return model, learning


def _first_weights(setup: Setup) -> Weights:
    rng = np.random.default_rng(setup.seed)
    size = WIDTH // setup.heads

    def drawn(*shape: int, variance: float) -> NDArray[np.float32]:
        return rng.normal(0, variance**0.5, shape).astype(np.float32)

    places = drawn(2 * LENGTH, WIDTH, variance=1 / WIDTH)
    return {
        "embedding": drawn(len(LETTERS) + 1, WIDTH, variance=1 / WIDTH),
        "places": places if setup.positions else np.zeros_like(places),
        **{
            f"attention0/W_{part}": drawn(setup.heads, WIDTH, size, variance=1 / WIDTH)
            for part in ("query", "key", "value")
        },
        "attention0/W_write": drawn(setup.heads, size, WIDTH, variance=1 / WIDTH),
        "feedforward0/W_read": drawn(WIDTH, NEURONS, variance=2 / WIDTH),
        "feedforward0/W_write": drawn(NEURONS, WIDTH, variance=1 / NEURONS),
    }
