"""A folder of models whose verdicts can be worked out by hand, each with its card."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

READERS = ("mlp", "cnn", "rnn", "cnn_deep", "lstm", "gru")
ALL = (*READERS, "familiarity")
CHANNEL = {"cnn", "cnn_deep"}
LOGITS = {"mlp"}
TEMPERATURES = {"mlp": 0.5, "cnn": 2.0, "rnn": 1.0}


def write(folder: Path, name: str, **changes: Any) -> dict[str, Any]:
    """Write the model `name` and its card, with `changes` to the card; gives the card."""
    model = familiarity_model() if name == "familiarity" else reader_model(name)
    (folder / name / "1").mkdir(parents=True)
    (folder / name / "1" / "model.onnx").write_bytes(model)
    card = (familiarity_card() if name == "familiarity" else reader_card(name)) | {
        "bytes": len(model),
        "sha256": hashlib.sha256(model).hexdigest(),
    }
    card |= changes
    (folder / name / "card.json").write_text(json.dumps(card))
    return card


def digit(**lit: int) -> NDArray[np.uint8]:
    """A dark digit with the first pixel of row k at `row_k`: what the small models read as evidence for class k."""
    pixels = np.zeros((28, 28), np.uint8)
    for row, value in lit.items():
        pixels[int(row.removeprefix("row_")), 0] = value
    return pixels


def reader_model(name: str) -> bytes:
    """Logit k is four times the first pixel of row k; all but the mlp end in softmax."""
    weights = np.zeros((784, 10), np.float32)
    weights[np.arange(10) * 28, np.arange(10)] = 4
    nodes = [
        helper.make_node("Flatten", ["picture"], ["pixels"]),
        helper.make_node("MatMul", ["pixels", "weights"], ["verdict" if name in LOGITS else "logits"]),
    ]
    if name not in LOGITS:
        nodes.append(helper.make_node("Softmax", ["logits"], ["verdict"]))
    shape = ["N", 1, 28, 28] if name in CHANNEL else ["N", 28, 28]
    return _model(nodes, shape, ("verdict", ["N", 10]), weights)


def familiarity_model() -> bytes:
    """Unfamiliarity is the mean brightness."""
    node = helper.make_node("ReduceMean", ["picture", "axes"], ["unfamiliarity"], keepdims=0)
    return _model([node], ["N", 28, 28], ("unfamiliarity", ["N"]), np.array([1, 2], np.int64), "axes")


def _model(
    nodes: list[Any], shape: list[Any], output: tuple[str, list[Any]], values: Any, name: str = "weights"
) -> bytes:
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, shape)
    verdict = helper.make_tensor_value_info(output[0], TensorProto.FLOAT, output[1])
    graph = helper.make_graph(nodes, "small", [picture], [verdict], [numpy_helper.from_array(values, name)])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10).SerializeToString()


def reader_card(name: str) -> dict[str, Any]:
    bins = [{"confidence": None, "accuracy": None, "count": 0}, {"confidence": 0.9, "accuracy": 0.8, "count": 100}]
    order = READERS.index(name) if name in READERS else len(READERS)
    return {
        "name": name,
        "role": "digits",
        "display": {"order": order, "article": order < 3, "names": {"en": {"short": name.upper()}}},
        "input": {
            "name": "picture",
            "shape": ["N", 1, 28, 28] if name in CHANNEL else ["N", 28, 28],
            "dtype": "float32",
            "range": [0, 1],
        },
        "output": {"name": "verdict", "shape": ["N", 10], "kind": "logits" if name in LOGITS else "probabilities"},
        "labels": list("0123456789"),
        "layers": [
            {
                "name": "verdict",
                "type": "Dense",
                "output": ["N", 10],
                "parameters": 7840,
                "multiply_adds": 7840,
                "keras_difference": 1e-7,
            }
        ],
        "parameters": 7840,
        "flops": 15680,
        "seed": 7,
        "versions": {"keras": "3.15.1"},
        "dataset": {"name": "MNIST", "licence": "CC BY-SA 3.0", "source": "LeCun", "train": 60000, "test": 10000},
        "training": {
            "seconds": 12.5,
            "cpu_seconds": 20.0,
            "epochs": 2,
            "batch_size": 32,
            "optimizer": "adam",
            "loss": "mse",
            "history": {"loss": [0.2, 0.1], "accuracy": [0.8, 0.9], "val_loss": [0.3, 0.2], "val_accuracy": [0.7, 0.8]},
        },
        "accuracy": {"value": 0.8, "low": 0.7, "high": 0.9, "correct": 80, "count": 100},
        "confusion": np.diag([8] * 10).tolist(),
        "calibration": {
            "temperature": TEMPERATURES.get(name, 1.5),
            "held_out": held_out(TEMPERATURES.get(name, 1.5)),
            "ece_before": 0.1,
            "ece_after": 0.01,
            "bins_before": bins,
            "bins_after": bins,
        },
    }


def held_out(temperature: float) -> dict[str, Any]:
    """The part of a card that says why `temperature` is used."""
    errors = {"ece_before": 0.1, "ece_after": 0.02}
    return {"count": 50, "fitted": temperature, "gain": 0.1, **errors, "helps": temperature != 1}


def familiarity_card() -> dict[str, Any]:
    return {"name": "familiarity", "role": "familiarity", "threshold": 0.25, "auroc": 0.99}
