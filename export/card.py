"""A model's card: everything that the app says of a model, measured here and nowhere typed by hand."""

import importlib.metadata
import math
import platform
from dataclasses import asdict

import keras
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from scipy import optimize, stats

from export.data import Mnist, Split
from export.train import Training
from glassbox.calibration import calibrated
from glassbox.digits.tensors import rescaled
from glassbox.graph.structure import structure
from glassbox.intervals import wilson_interval
from glassbox.zoo.cards import Display

Labels = NDArray[np.integer]
BINS = 15
PACKAGES = ("tensorflow", "keras", "tf2onnx", "onnx", "onnxruntime", "numpy")
DATASET = {
    "name": "MNIST (LeCun, Cortes, Burges)",
    "licence": "CC BY-SA 3.0",
    "source": "http://yann.lecun.com/exdb/mnist/",
}


def describe(
    model: keras.Model,
    converted: onnx.ModelProto,
    training: Training,
    mnist: Mnist,
    seed: int,
    differences: dict[str, float],
    display: Display,
) -> dict[str, object]:
    """The card of `converted`, all but its sha256, from the held-out and test digits run through ONNX Runtime."""
    session = onnxruntime.InferenceSession(converted.SerializeToString(), providers=["CPUExecutionProvider"])
    kind = "logits" if converted.graph.output[0].name == "logits" else "probabilities"
    validation, test = (outputs(session, split.digits) for split in (mnist.validation, mnist.test))
    return {
        **identity(model.name, "digits", display),
        "input": {
            "name": converted.graph.input[0].name,
            "shape": shape(converted.graph.input[0]),
            "dtype": "float32",
            "range": [0, 1],
        },
        "output": {"name": converted.graph.output[0].name, "shape": shape(converted.graph.output[0]), "kind": kind},
        "labels": [str(i) for i in range(10)],
        **made(model, converted, differences, seed),
        "dataset": DATASET | {"train": len(mnist.train), "test": len(mnist.test)},
        "training": trained(training),
        **judged(validation, mnist.validation.labels, test, mnist.test.labels, kind),
    }


def identity(name: str, role: str, display: Display | None) -> dict[str, object]:
    """Return what a card begins with: the model's name, what it is for (one of cards.ROLES) and how it is shown."""
    return {"name": name, "role": role} | ({"display": asdict(display)} if display else {})


def made(model: keras.Model, converted: onnx.ModelProto, differences: dict[str, float], seed: int) -> dict[str, object]:
    """What the network is made of, and with which versions of what."""
    return {
        "layers": _layers(model, converted, differences),
        "parameters": model.count_params(),
        "flops": 2 * (structure(converted).multiply_adds or 0),
        "bytes": converted.ByteSize(),
        "seed": seed,
        "versions": {"python": platform.python_version()} | {p: importlib.metadata.version(p) for p in PACKAGES},
    }


def trained(training: Training) -> dict[str, object]:
    """What training took and how it went."""
    return {
        "seconds": round(training.seconds, 1),
        "cpu_seconds": round(training.cpu_seconds, 1),
        "epochs": training.epochs,
        "batch_size": training.batch_size,
        "optimizer": training.optimizer,
        "loss": training.loss,
        "history": {name: [round(v, 5) for v in values] for name, values in training.history.items()},
    }


def judged(
    validation: NDArray[np.float32], known: Labels, test: NDArray[np.float32], labels: Labels, kind: str
) -> dict[str, object]:
    """Accuracy, confusion and calibration of the outputs for `test` (n, classes), with the temperature that suits the
    outputs for `validation`, whose labels are `known`."""
    temperature = fit_temperature(validation, kind, known)
    before, after = (calibrated(test, kind, t) for t in (1.0, temperature))
    confusion = np.zeros((test.shape[1],) * 2, int)
    np.add.at(confusion, (labels, after.argmax(1)), 1)
    return {
        "accuracy": accuracy(after.argmax(1), labels),
        "confusion": confusion.tolist(),
        "calibration": {
            "temperature": temperature,
            "ece_before": calibration_error(before, labels),
            "ece_after": calibration_error(after, labels),
            "bins_before": reliability(before, labels),
            "bins_after": reliability(after, labels),
        },
    }


def outputs(session: onnxruntime.InferenceSession, digits: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8 (n, 28, 28) -> what the model gives for each, in batches of 1,000."""
    entry = session.get_inputs()[0]
    shape = [d for d in entry.shape[1:]]
    pictures = rescaled(digits).reshape(-1, *shape)
    return np.concatenate(
        [session.run(None, {entry.name: pictures[i : i + 1000]})[0] for i in range(0, len(pictures), 1000)]
    )


def accuracy(read: NDArray[np.int64], labels: Labels) -> dict[str, float | int]:
    """Return the share of right labels with its 95 % interval."""
    count, correct = len(labels), int((read == labels).sum())
    low, high = wilson_interval(correct, count)
    return {"value": correct / count, "low": low, "high": high, "correct": correct, "count": count}


def fit_temperature(output: NDArray[np.float32], kind: str, labels: Labels) -> float:
    """The temperature with the least negative log-likelihood (Guo et al. 2017, arXiv:1706.04599)."""

    def loss(log_temperature: float) -> float:
        chances = calibrated(output, kind, math.exp(log_temperature))
        return float(-np.log(np.maximum(chances[np.arange(len(labels)), labels], 1e-12)).mean())

    return math.exp(optimize.minimize_scalar(loss, bounds=(-4, 3), method="bounded").x)


def reliability(chances: NDArray[np.float64], labels: Labels) -> list[dict[str, float | int | None]]:
    """Mean confidence and accuracy of BINS equal bins of confidence."""
    confidence, right = chances.max(1), chances.argmax(1) == labels
    index = np.minimum((confidence * BINS).astype(int), BINS - 1)
    rows: list[dict[str, float | int | None]] = []
    for i in range(BINS):
        inside = index == i
        filled = bool(inside.any())
        rows.append(
            {
                "confidence": float(confidence[inside].mean()) if filled else None,
                "accuracy": float(right[inside].mean()) if filled else None,
                "count": int(inside.sum()),
            }
        )
    return rows


def calibration_error(chances: NDArray[np.float64], labels: Labels) -> float:
    """Expected calibration error: the mean gap between confidence and accuracy, weighted by the bins' counts."""
    rows = reliability(chances, labels)
    return sum(abs(r["confidence"] - r["accuracy"]) * r["count"] for r in rows if r["count"]) / len(labels)


def auroc(inside: NDArray[np.float32], outside: NDArray[np.float32]) -> float:
    """Return the chance that a value of `outside` lies above one of `inside` (Mann and Whitney, 1947)."""
    pairs_above = stats.mannwhitneyu(outside, inside).statistic
    return float(pairs_above / (len(inside) * len(outside)))


def on_pictures(session: onnxruntime.InferenceSession, pictures: Split) -> dict[str, float | int]:
    """Accuracy on prepared real pictures."""
    read = outputs(session, pictures.digits).argmax(1)
    correct = int((read == pictures.labels).sum())
    return {"correct": correct, "count": len(pictures), "accuracy": correct / len(pictures)}


def shape(value: onnx.ValueInfoProto) -> list[int | str]:
    """Sizes, and names where they are free."""
    return [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]


def _layers(model: keras.Model, converted: onnx.ModelProto, differences: dict[str, float]) -> list[dict[str, object]]:
    """Keras' layers, each with the cost of the ONNX nodes up to its output."""
    costs: dict[str, int] = {}
    waiting = 0
    for layer in structure(converted).layers:
        waiting += layer.multiply_adds or 0
        for name in differences.keys() & set(layer.outputs):
            costs[name], waiting = waiting, 0
    return [
        {
            "name": layer.name,
            "type": type(layer).__name__,
            "output": _sizes(layer),
            "parameters": layer.count_params(),
            "multiply_adds": costs[layer.name],
            "keras_difference": differences[layer.name],
        }
        for layer in model.layers
        if layer.name in differences
    ]


def _sizes(layer: keras.Layer) -> list[int | str]:
    """A layer's output, with a name for the number of pictures or sentences, and of steps."""
    return ["N", *(size or "T" for size in layer.output.shape[1:])]
