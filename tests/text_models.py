"""Small models of text with random weights, each with its card, and their recurrence written out in float64."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from glassbox.text import memorisation
from glassbox.zoo.text_models import INDEX
from tests.models import weights
from tests.small_zoo import held_out

CHARACTERS = ("", "\N{REPLACEMENT CHARACTER}", "\n", *"今天电影真好看吃饭去 哪里,。abc")
_SENTENCE = "a the film is not very good bad it 's . , play some music please"
WORDS = ("", "\N{REPLACEMENT CHARACTER}", *_SENTENCE.split())
LABELS = {
    "text_zh": ("film", "music", "travel", "attraction", "restaurant", "hotel", "metro", "taxi"),
    "text_en": ("negative", "positive"),
    "text_en_intent": ("play", "alarm", "weather"),
}
EMBEDDING, UNITS = 5, 6
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
TEMPERATURE = 1.7


FAMILIES = {
    "text_zh": ("text_zh_rnn", "text_zh_gru", "text_zh_lstm"),
    "text_en": ("text_en_rnn", "text_en_gru", "text_en_lstm"),
    "text_en_intent": ("text_en_intent",),
}
CLASSIFIERS = tuple(name for names in FAMILIES.values() for name in names)
WRITERS = ("char_zh", "char_en")


def family(name: str) -> str:
    return next(family for family, names in FAMILIES.items() if name in names)


def vocabulary(name: str) -> tuple[str, ...]:
    return CHARACTERS if name in WRITERS or name.startswith("text_zh") else WORDS


def cell_of(name: str) -> str:
    return {"text_en_intent": "lstm", "char_zh": "gru", "char_en": "lstm"}.get(name, name.rpartition("_")[2])


def parameters(cell: str, entries: int, labels: int, directions: int = 1, seed: int = 0) -> dict[str, NDArray[Any]]:
    rng = np.random.default_rng(seed)
    gates = GATES[cell]
    return {
        "embedding": weights(rng, entries, EMBEDDING) * 2,
        "kernel": weights(rng, directions, gates * UNITS, EMBEDDING) * 3,
        "recurrent_kernel": weights(rng, directions, gates * UNITS, UNITS) * 3,
        "bias": weights(rng, directions, 2 * gates * UNITS) * 3,
        "head": weights(rng, directions * UNITS, labels) * 4,
        "head_bias": weights(rng, labels),
    }


def classifier(cell: str, entries: int, labels: int, bidirectional: bool = False, seed: int = 0) -> ModelProto:
    """As the contract of `glassbox.text.recurrent` has it: embedding, one recurrent node, a head with a softmax."""
    held = parameters(cell, entries, labels, 1 + bidirectional, seed)
    held["axis"] = np.array([-1 if bidirectional else 0])
    nodes = [
        *_recurrent(cell, "bidirectional" if bidirectional else "forward", ["", "lengths"]),
        *_joined(bidirectional, held),
        helper.make_node("Gemm", ["state", "head", "head_bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1),
    ]
    return _model(nodes, held, [("probabilities", ["N", labels])], [])


def writer(cell: str, entries: int, seed: int = 0) -> ModelProto:
    """Gives the logits of the character after each, and the state to go on from."""
    held = parameters(cell, entries, entries, 1, seed) | {"axis": np.array([0]), "axis_1": np.array([1])}
    starts = ["state", "cell"] if cell == "lstm" else ["state"]
    nodes = [helper.make_node("Unsqueeze", [name, "axis"], [f"first_{name}"]) for name in starts]
    nodes += _recurrent(cell, "forward", ["lengths", *(f"first_{name}" for name in starts)], cells=cell == "lstm")
    nodes += [
        helper.make_node("Squeeze", ["states", "axis_1"], ["steps_first"]),
        helper.make_node("Transpose", ["steps_first"], ["hidden"], perm=[1, 0, 2]),
        helper.make_node("MatMul", ["hidden", "head"], ["product"]),
        helper.make_node("Add", ["product", "head_bias"], ["logits"]),
        helper.make_node("Squeeze", ["last", "axis"], ["next_state"]),
    ]
    if cell == "lstm":
        nodes.append(helper.make_node("Squeeze", ["last_cell", "axis"], ["next_cell"]))
    shapes = [("logits", ["N", "T", entries]), *((f"next_{name}", ["N", UNITS]) for name in starts)]
    return _model(nodes, held, shapes, starts)


def _recurrent(cell: str, direction: str, inputs: list[str], cells: bool = False) -> list[NodeProto]:
    given: dict[str, Any] = {"hidden_size": UNITS, "direction": direction}
    given |= {"linear_before_reset": 1} if cell == "gru" else {}
    inputs = ["embedded_steps", "kernel", "recurrent_kernel", "bias", *inputs[inputs[0] == "" :]]
    return [
        helper.make_node("Gather", ["embedding", "ids"], ["embedded"], axis=0),
        helper.make_node("Transpose", ["embedded"], ["embedded_steps"], perm=[1, 0, 2]),
        helper.make_node(cell.upper(), inputs, ["states", "last", *(["last_cell"] * cells)], name=cell, **given),
    ]


def _joined(bidirectional: bool, held: dict[str, NDArray[Any]]) -> list[NodeProto]:
    if not bidirectional:
        return [helper.make_node("Squeeze", ["last", "axis"], ["state"])]
    held["joined"] = np.array([0, -1])
    del held["axis"]
    return [
        helper.make_node("Transpose", ["last"], ["sides"], perm=[1, 0, 2]),
        helper.make_node("Reshape", ["sides", "joined"], ["state"]),
    ]


def _model(
    nodes: Sequence[NodeProto], held: dict[str, NDArray[Any]], outputs: list[tuple[str, list[Any]]], starts: list[str]
) -> ModelProto:
    inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, ["N", "T"])]
    inputs.append(helper.make_tensor_value_info("lengths", TensorProto.INT32, ["N"]))
    inputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", UNITS]) for name in starts]
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs]
    constants = [numpy_helper.from_array(value, name) for name, value in held.items()]
    graph = helper.make_graph(list(nodes), "small", inputs, given, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    checker.check_model(model, full_check=True)
    return model


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-x))


def step(cell: str, held: dict[str, Any], direction: int, x: Any, h: Any, c: Any) -> tuple[Any, Any, dict[str, Any]]:
    """One step by the equations of the ONNX standard: the state, the cell state and the gates after it."""
    count = GATES[cell]
    w, r = (np.split(held[name][direction].astype(np.float64), count) for name in ("kernel", "recurrent_kernel"))
    b = np.split(held["bias"][direction].astype(np.float64), 2 * count)
    fed = [x @ w[k].T + b[k] for k in range(count)]
    if cell == "rnn":
        return np.tanh(fed[0] + h @ r[0].T + b[1]), c, {}
    own = [h @ r[k].T + b[count + k] for k in range(count)]
    if cell == "gru":
        z, reset = sigmoid(fed[0] + own[0]), sigmoid(fed[1] + own[1])
        new = np.tanh(fed[2] + reset * own[2])
        return (1 - z) * new + z * h, c, {"z": z, "r": reset, "h": new}
    i, o, f = (sigmoid(fed[k] + own[k]) for k in range(3))
    new = np.tanh(fed[3] + own[3])
    c = f * c + i * new
    return o * np.tanh(c), c, {"i": i, "o": o, "f": f, "c": new, "C": c}


def states(cell: str, held: dict[str, Any], ids: Sequence[int]) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """The states (T, D H) of one text, and each gate likewise, the forward direction first."""
    sides = []
    for direction in range(len(held["kernel"])):
        order = range(len(ids))[:: -1 if direction else 1]
        h, c = np.zeros(UNITS), np.zeros(UNITS)
        rows: dict[int, dict[str, Any]] = {}
        for t in order:
            h, c, gates = step(cell, held, direction, held["embedding"][ids[t]].astype(np.float64), h, c)
            rows[t] = {"state": h, **gates}
        sides.append({name: np.stack([rows[t][name] for t in range(len(ids))]) for name in rows[0]})
    joined = {name: np.concatenate([side[name] for side in sides], axis=1) for name in sides[0]}
    return joined.pop("state"), joined


def last(held: dict[str, Any], all_states: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the head reads: the forward direction's state at the end, the backward one's at the beginning."""
    sides = np.split(all_states, len(held["kernel"]), axis=1)
    return np.concatenate([side[-1 if direction == 0 else 0] for direction, side in enumerate(sides)])


def probabilities(
    cell: str, held: dict[str, Any], ids: Sequence[int], temperature: float = TEMPERATURE
) -> NDArray[np.float64]:
    scores = last(held, states(cell, held, ids)[0]) @ held["head"] + held["head_bias"]
    odds = np.exp((scores - scores.max()) / temperature)
    return odds / odds.sum()


def write(folder: Path, name: str, bidirectional: bool = False, **changes: Any) -> dict[str, Any]:
    """Write the model `name` and its card, with `changes` to the card; gives the card."""
    entries, cell = vocabulary(name), cell_of(name)
    writes = name in WRITERS
    labels = () if writes else LABELS[family(name)]
    made = writer(cell, len(entries)) if writes else classifier(cell, len(entries), len(labels), bidirectional)
    model = made.SerializeToString()
    card = _card(name, cell, entries) | (_writes(entries) if writes else _reads(name, labels, bidirectional))
    card |= {"bytes": len(model), "sha256": hashlib.sha256(model).hexdigest(), **changes}
    (folder / name / "1").mkdir(parents=True)
    (folder / name / "1" / "model.onnx").write_bytes(model)
    (folder / name / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return card


def write_index(folder: Path, name: str, sentences: Sequence[str], length: int = 12) -> None:
    """Write the index of `sentences` beside the writer `name`, and tell of it in its card."""
    index = memorisation.index(sentences, length, bits=16)
    file = index.to_bytes()
    (folder / name / INDEX).write_bytes(file)
    path = folder / name / "card.json"
    told = {"bytes": len(file), "sha256": hashlib.sha256(file).hexdigest(), "length": length}
    told |= {"ngrams": len(index.hashes), "false_positive_rate": index.false_positive_rate}
    measured = {"texts": 100, "characters": 40_000, "share": 0.25, "low": 0.2, "high": 0.3, "longest": 33}
    memorised = {
        "index": told | {"absent": 30_000, "false_positives": 1},
        "held_out": measured,
        "sampled": [
            measured | {"temperature": temperature, "top_k": top_k, "seed": 7, "share": share}
            for temperature, top_k, share in ((0.2, 20, 0.3), (0.8, 20, 0.28), (1.0, None, 0.21))
        ],
    }
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"memorisation": memorised}), encoding="utf-8")


def _card(name: str, cell: str, entries: Sequence[str]) -> dict[str, Any]:
    history = {"loss": [0.2], "accuracy": [0.8], "val_loss": [0.3], "val_accuracy": [0.7]}
    layer = {"name": cell, "type": cell.upper(), "output": ["N", UNITS], "parameters": 9, "multiply_adds": 9}
    return {
        "name": name,
        "role": "writing" if name in WRITERS else "text",
        "display": {
            "order": (*CLASSIFIERS, *WRITERS).index(name),
            "names": {"en": {"short": name, "long": f"long {name}"}},
        },
        "unit": "word" if entries is WORDS else "character",
        "cell": cell,
        "vocabulary": list(entries),
        "input": {"name": "ids", "shape": ["N", "T"], "dtype": "int64", "range": [0, len(entries) - 1]},
        "layers": [layer | {"keras_difference": 1e-7}],
        "parameters": 9,
        "flops": 18,
        "seed": 7,
        "versions": {"keras": "3.15.1"},
        "dataset": {"name": "sentences", "licence": "CC BY 4.0", "source": "made up", "train": 80, "test": 20},
        "training": {"seconds": 1.5, "cpu_seconds": 2.0, "epochs": 1, "batch_size": 8, "optimizer": "adam"}
        | {"loss": "crossentropy", "history": history},
    }


def _reads(name: str, labels: Sequence[str], bidirectional: bool) -> dict[str, Any]:
    bins = [{"confidence": 0.9, "accuracy": 0.8, "count": 100}]
    # Of the three cells the GRU is said to be the best.
    macro = {"rnn": 0.7, "gru": 0.9, "lstm": 0.8}[cell_of(name)]
    return {
        "task": {"text_zh": "topic", "text_en": "sentiment", "text_en_intent": "scenario"}[family(name)],
        "bidirectional": bidirectional,
        "output": {"name": "probabilities", "shape": ["N", len(labels)], "kind": "probabilities"},
        "labels": list(labels),
        "accuracy": {"value": 0.8, "low": 0.7, "high": 0.9, "correct": 80, "count": 100},
        "macro_accuracy": macro,
        "baseline": {"name": "TF-IDF + logistic regression", "accuracy": 0.77, "macro_accuracy": 0.76},
        "confusion": np.diag([8] * len(labels)).tolist(),
        "calibration": {"temperature": TEMPERATURE, "held_out": held_out(TEMPERATURE)}
        | {"ece_before": 0.1, "ece_after": 0.01, "bins_before": bins, "bins_after": bins},
    }


def _writes(entries: Sequence[str]) -> dict[str, Any]:
    return {
        "task": "writing",
        "output": {"name": "logits", "shape": ["N", "T", len(entries)], "kind": "logits"},
        "training_characters": 1000,
        "perplexity_per_character": 12.5,
        "baseline": {"name": "unigram", "perplexity_per_character": 80.0},
    }
