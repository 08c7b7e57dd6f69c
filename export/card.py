"""A model's card: everything that the app says of a model, measured here and nowhere typed by hand."""

import importlib.metadata
import platform
from dataclasses import asdict

import keras
import onnx
import onnxruntime

from export.data import Mnist
from export.measures import judged, outputs
from export.train import Training
from glassbox.graph.structure import structure
from glassbox.zoo.cards import Display

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
    gpu = training.accelerator
    return {
        **({"accelerator": {"name": gpu.name, "joules": round(gpu.joules)}} if gpu else {}),
        **({"teacher": asdict(training.teacher)} if training.teacher else {}),
        "seconds": round(training.seconds, 1),
        "cpu_seconds": round(training.cpu_seconds, 1),
        "epochs": training.epochs,
        "batch_size": training.batch_size,
        "optimizer": training.optimizer,
        "loss": training.loss,
        "history": {name: [round(v, 5) for v in values] for name, values in training.history.items()},
    }


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
