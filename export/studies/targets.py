"""The networks that are trained to be attacked: how each is shown, measured, and left in models/ with its card."""

import importlib.metadata
import platform
from dataclasses import asdict, dataclass

import numpy as np
import onnx

from export import card, dense
from export.dense import Weights
from export.run import Run
from export.studies.membership import Digits
from glassbox.engine.session import Session
from glassbox.graph.training import with_weights
from glassbox.trust.attacks import membership
from glassbox.trust.attacks.study import Guarantee
from glassbox.zoo.cards import Accuracy, Display, Name

DISPLAYS = {
    "mlp_overfit": Display(
        names={"en": Name("overfitted MLP"), "zh": Name("过拟合的 MLP")},
        order=1,
        colour="#B0549A",
    ),
    "mlp_private": Display(
        names={"en": Name("MLP trained with differential privacy"), "zh": Name("差分隐私训练的 MLP")},
        order=2,
        colour="#7A7A1F",
    ),
    "mlp_poisoned": Display(
        names={"en": Name("poisoned MLP"), "zh": Name("被下毒的 MLP")},
        order=3,
        colour="#8B5FBF",
    ),
}
"""How the networks that are attacked are shown."""
PACKAGES = ("numpy", "onnx", "onnxruntime", "dp-accounting")


@dataclass(frozen=True)
class Target:
    """A network that was trained to be attacked: its weights, the digits that it learned, and how."""

    weights: Weights
    train: Digits
    epochs: float
    seconds: float
    optimizer: str = "adam"
    guarantee: Guarantee | None = None


def ship(run: Run, article: onnx.ModelProto, name: str, target: Target, test: Digits) -> onnx.ModelProto:
    """Return the MLP's graph with the target's weights, compared with NumPy's and written with its card."""
    model = with_weights(article, target.weights)
    model.graph.name = name
    onnx.checker.check_model(model)
    session, some = Session(model.SerializeToString()), test[:256].pictures
    read = session.run({"picture": some.reshape(-1, 28, 28)}).outputs["logits"]
    np.testing.assert_allclose(read, dense.forward(target.weights, some)[1], atol=1e-5)
    inputs, outputs = {"name": "picture", "shape": ["N", 28, 28], "dtype": "float32", "range": [0, 1]}, "logits"
    described = {
        **card.identity(name, "attacked", DISPLAYS[name]),
        "input": inputs,
        "output": {"name": outputs, "shape": ["N", 10], "kind": outputs},
        "accuracy": asdict(accuracy(target.weights, test)),
        "training_accuracy": accuracy(target.weights, target.train).value,
        "pictures": len(target.train),
        "epochs": target.epochs,
        "seconds": round(target.seconds, 1),
        "optimizer": target.optimizer,
        "loss": "mean_squared_error",
        "seed": run.seed,
        "versions": versions(),
        "guarantee": target.guarantee and asdict(target.guarantee),
    }
    print(f"{name}: {described['accuracy']['value']:.2%}", flush=True)
    run.write(model, described)
    return model


def accuracy(weights: Weights, test: Digits) -> Accuracy:
    read = dense.forward(weights, test.pictures)[1].argmax(1)
    return membership.proportion(int((read == test.labels()).sum()), len(test))


def versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in PACKAGES}
