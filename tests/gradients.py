"""Check a gradient graph: run by ONNX Runtime in float32, against central differences in float64.

ONNX Runtime has no float64 kernels for many operators (Conv, MaxPool, Gelu...), so the differences are taken of
onnx's reference evaluator; that it computes the same as ONNX Runtime is checked first, for it has errors of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from hypothesis import HealthCheck, settings
from onnx import NodeProto, TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from glassbox.graph.gradient import differentiate

Arrays = Mapping[str, np.ndarray]
Forward = Callable[[Arrays], np.ndarray]

few = settings(derandomize=True, deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
more = settings(few, max_examples=40)
KNOWLEDGE = ("sizes", "names", "rank")
"""What the model says about the shapes of its inputs: their sizes, names for them, or their number alone."""


def graph(
    nodes: Sequence[NodeProto],
    inputs: Arrays,
    constants: Arrays | None = None,
    outputs: Mapping[str, int] | Sequence[str] = ("y",),
    knowledge: str = "sizes",
    opset: int = 18,
) -> onnx.ModelProto:
    """A model of `nodes` whose inputs fit `inputs`; equal sizes get equal names. `outputs` may tell their ranks."""
    declared = []
    for name, array in inputs.items():
        shape = {"sizes": array.shape, "names": [f"d{n}" for n in array.shape], "rank": [None] * array.ndim}[knowledge]
        declared.append(helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), shape))
    kind = next(
        (helper.np_dtype_to_tensor_dtype(a.dtype) for a in inputs.values() if a.dtype.kind == "f"), TensorProto.FLOAT
    )
    ranks = {name: [None] * outputs[name] for name in outputs} if isinstance(outputs, Mapping) else {}
    results = [helper.make_tensor_value_info(name, kind, ranks.get(name)) for name in outputs]
    weights = [numpy_helper.from_array(np.asarray(array), name) for name, array in (constants or {}).items()]
    made = helper.make_graph(list(nodes), "test", declared, results, weights)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def run(model: onnx.ModelProto, feeds: Arrays, outputs: Sequence[str] | None = None) -> list[Any]:
    """Run a model in ONNX Runtime."""
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(outputs, {name: np.asarray(array) for name, array in feeds.items()})


def check(
    nodes: Sequence[NodeProto],
    inputs: Arrays,
    constants: Arrays | None = None,
    wrt: Sequence[str] | None = None,
    of: str = "y",
    knowledge: str = "sizes",
    forward: Forward | None = None,
    opset: int = 18,
    tolerance: float = 2e-4,
) -> dict[str, np.ndarray]:
    """Assert that the gradient graph of `nodes` agrees with central differences along random directions.

    `forward` stands in for the reference evaluator where that can't run the operator. Returns the gradients.
    """
    rng = np.random.default_rng(7)
    single = {
        name: np.asarray(array).astype(np.float32) if array.dtype.kind == "f" else array
        for name, array in inputs.items()
    }
    double = {
        name: np.asarray(array).astype(np.float64) if array.dtype.kind == "f" else array
        for name, array in single.items()
    }
    wrt = list(wrt or [name for name, array in inputs.items() if array.dtype.kind == "f"])
    (y,) = run(graph(nodes, single, constants, [of], knowledge, opset), single)
    derivative = differentiate(graph(nodes, single, constants, {of: y.ndim}, knowledge, opset), of, wrt)
    onnx.checker.check_model(derivative, full_check=True)

    if forward is None:
        wide = {
            name: np.asarray(a).astype(np.float64) if np.asarray(a).dtype == np.float32 else a
            for name, a in (constants or {}).items()
        }
        evaluator = ReferenceEvaluator(graph(nodes, double, wide, [of], knowledge, opset))

        def forward(feeds: Arrays) -> np.ndarray:
            return evaluator.run(None, dict(feeds))[0]

    np.testing.assert_allclose(forward(double), y, rtol=1e-3, atol=1e-4, err_msg="the two evaluators disagree")
    cotangent = rng.normal(size=y.shape).astype(np.float32)
    grads = dict(zip(wrt, run(derivative, {**single, f"grad_{of}": cotangent}), strict=True))
    for name in wrt:
        assert grads[name].shape == inputs[name].shape
        for _ in range(4):
            direction = rng.normal(size=inputs[name].shape)
            step = 1e-6
            ends = [forward({**double, name: double[name] + sign * step * direction}) for sign in (1, -1)]
            expected = float((cotangent * (ends[0] - ends[1])).sum()) / (2 * step)
            found = float((grads[name].astype(np.float64) * direction).sum())
            scale = 1 + float(np.abs(grads[name] * direction).sum())
            assert abs(found - expected) <= tolerance * scale, f"gradient of {name}: {found} instead of {expected}"
    return grads
