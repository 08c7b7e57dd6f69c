"""Compressed versions of four networks, made and measured: fewer bits, small weights set to zero, fewer neurons.

Each version lies beside its network in models/NETWORK_KIND; what setting weights to zero costs is in
studies/quantisation.json.
"""

import importlib
import importlib.metadata
import platform
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.onnx_model import ONNXModel
from onnxruntime.transformers.float16 import convert_float_to_float16

from export import card, convert, measures
from export.data import Mnist, Split
from export.narrowing import narrow, restore
from export.run import Run
from export.train import Training
from glassbox.digits.tensors import rescaled
from glassbox.trust.cost import compression
from glassbox.trust.cost.compression import deflated, prune

CALIBRATED = 500
"""Held-out digits from which static quantisation takes the range of every tensor."""
SHARES = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
KEPT = 0.5
"""The share of every hidden layer's units that the narrow version keeps."""
EPOCHS = {"mlp": 6, "cnn": 6, "rnn": 24, "cnn_deep": 4}
"""Of training after the cut, DIGITS an epoch, with the network's own recipe at half its learning rate."""
DIGITS = 30_000
PACKAGES = ("tensorflow", "keras", "onnx", "onnxruntime", "numpy")


def main(run: Run) -> None:
    # Data
    mnist, pool = run.digits()
    digits, cuts = mnist.validation[:CALIBRATED], {}
    for name in EPOCHS:
        source = onnx.load(run.out / name / "1" / "model.onnx")
        whole = restore(importlib.import_module(f"export.models.{name}").build(), source)
        # Fewer bits
        for kind, version in (
            ("fp16", half(source)),
            ("int8_dynamic", dynamic(source)),
            ("int8_static", static(source, digits)),
        ):
            write(run, name, kind, version, source, mnist, whole.count_params())
        # Zeros
        cuts[name] = [cut(source, share, mnist.test) for share in SHARES]
    folder = run.out.parent / "studies"
    folder.mkdir(exist_ok=True)
    run.write_card(folder / compression.STUDY.name, {"seed": run.seed, "versions": versions(), "cuts": cuts})
    for name in EPOCHS:
        # Fewer neurons
        keras.utils.set_random_seed(run.seed)
        source = onnx.load(run.out / name / "1" / "model.onnx")
        module = importlib.import_module(f"export.models.{name}")
        narrowed = narrow(restore(module.build(), source), KEPT)
        recipe = replace(module.RECIPE, epochs=EPOCHS[name], size=DIGITS, learning_rate=module.RECIPE.learning_rate / 2)
        training = run.train(narrowed, pool, mnist, recipe)
        thin = convert.convert(narrowed)
        for kind, version in (("narrow", thin), ("narrow_int8", static(thin, digits))):
            write(run, name, kind, version, source, mnist, narrowed.count_params(), training)


def half(model: onnx.ModelProto) -> onnx.ModelProto:
    """All weights and sums in 16 bits; pictures and verdicts stay in 32."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    halved = ONNXModel(convert_float_to_float16(copy, keep_io_types=True))
    halved.topological_sort()
    return halved.model


def dynamic(model: onnx.ModelProto) -> onnx.ModelProto:
    """Weights in 8 bits; the range of every tensor is found anew in each run, over all pictures of its batch.

    Unsigned weights, for which ONNX Runtime's integer convolution has the fast kernel:
    https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
    """
    return quantised(model, lambda source, to: quantize_dynamic(source, to, weight_type=QuantType.QUInt8))


def static(model: onnx.ModelProto, digits: Split) -> onnx.ModelProto:
    """Weights in 8 bits, a scale for each channel; the range of every tensor is fixed beforehand from `digits`."""
    return quantised(
        model,
        lambda source, to: quantize_static(
            source,
            to,
            Pictures(model, digits),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        ),
    )


def quantised(model: onnx.ModelProto, quantise: Callable[[Path, Path], None]) -> onnx.ModelProto:
    """`model` through files, as a quantiser changes the model that it is given."""
    with tempfile.TemporaryDirectory() as folder:
        source, to = Path(folder) / "source.onnx", Path(folder) / "quantised.onnx"
        onnx.save(model, source)
        quantise(source, to)
        return recurrent_weights(onnx.load(to))


class Pictures(CalibrationDataReader):
    """The digits as `model` takes them, 25 at a time."""

    def __init__(self, model: onnx.ModelProto, digits: Split) -> None:
        entry = model.graph.input[0]
        shape = [d.dim_value for d in entry.type.tensor_type.shape.dim][1:]
        pictures = rescaled(digits.digits).reshape(-1, *shape)
        self.batches: Iterator[dict[str, np.ndarray]] = iter(
            [{entry.name: pictures[i : i + 25]} for i in range(0, len(pictures), 25)]
        )

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.batches, None)


def recurrent_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Keep the weights of RNN nodes in 8 bits, a scale a state: ONNX Runtime has no RNN that calculates with integers,
    so DequantizeLinear turns them into floats before it."""
    graph = model.graph
    weights = {name for node in graph.node if node.op_type == "RNN" for name in node.input[1:3]}
    for tensor in [tensor for tensor in graph.initializer if tensor.name in weights]:
        values = numpy_helper.to_array(tensor)
        scales = np.abs(values).max(axis=(0, 2)) / 127
        eighths = np.rint(values / scales[None, :, None]).astype(np.int8)
        names = [f"{tensor.name}_int8", f"{tensor.name}_scale"]
        graph.initializer.extend(
            numpy_helper.from_array(array, name) for array, name in zip((eighths, scales), names, strict=True)
        )
        graph.initializer.remove(tensor)
        graph.node.insert(
            0, helper.make_node("DequantizeLinear", names, [tensor.name], name=f"{tensor.name}_float", axis=1)
        )
    return model


def write(
    run: Run,
    of: str,
    kind: str,
    model: onnx.ModelProto,
    source: onnx.ModelProto,
    mnist: Mnist,
    parameters: int,
    training: Training | None = None,
) -> None:
    """Measure a version on the test digits and leave it with its card."""
    model.graph.name = f"{of}_{kind}"
    onnx.checker.check_model(model)
    inputs, outputs = model.graph.input[0], model.graph.output[0]
    operators = Counter(node.op_type for node in model.graph.node)
    described = {
        **card.identity(model.graph.name, "compressed", None),
        "of": of,
        "kind": kind,
        "input": {"name": inputs.name, "shape": card.shape(inputs), "dtype": "float32", "range": [0, 1]},
        "output": {
            "name": outputs.name,
            "shape": card.shape(outputs),
            "kind": "logits" if outputs.name == "logits" else "probabilities",
        },
        "parameters": parameters,
        "deflated": deflated(model.SerializeToString(deterministic=True)),
        "operators": dict(sorted(operators.items())),
        "in_float": in_float(kind, operators),
        **measured(model, source, mnist.test, kind),
        "seed": run.seed,
        "versions": versions(),
        "tuning": training
        and {
            "seconds": round(training.seconds, 1),
            "cpu_seconds": round(training.cpu_seconds, 1),
            "epochs": training.epochs,
        },
    }
    print(f"{model.graph.name}: {described['accuracy']['value']:.2%}, {model.ByteSize():,} bytes", flush=True)
    run.write(model, described)


def measured(model: onnx.ModelProto, source: onnx.ModelProto, test: Split, kind: str) -> dict[str, object]:
    """Return how often a version is right on the test digits, and how often it reads what its network reads.

    With dynamic quantisation one picture is a run, as in the dashboard: the pictures of a batch share their ranges.
    """
    batch = 1 if kind == "int8_dynamic" else 1_000
    read = measures.outputs(session(model), test.digits, batch).argmax(1)
    original = measures.outputs(session(source), test.digits).argmax(1)
    return {
        "accuracy": measures.accuracy(read, test.labels),
        "agreement": {"same": int((read == original).sum()), "count": len(test.labels)},
    }


def session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def in_float(kind: str, operators: Counter[str]) -> list[str]:
    """Operators with weights that still calculate with 32 bits on the CPU: RNN has no other kernel, and half-precision
    floats have none at all, so that ONNX Runtime widens them before each."""
    heavy = ("Conv", "Gemm", "RNN") if kind == "fp16" else ("RNN",) if "int8" in kind else ()
    return [name for name in heavy if operators[name]]


def cut(model: onnx.ModelProto, share: float, test: Split) -> dict[str, object]:
    """What is left of the accuracy with this share of the weights at zero, nothing trained afterwards."""
    pruned = prune(model, share)
    return {
        "share": share,
        "deflated": deflated(pruned.SerializeToString(deterministic=True)),
        "accuracy": measures.accuracy(measures.outputs(session(pruned), test.digits).argmax(1), test.labels),
    }


def versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in PACKAGES}
