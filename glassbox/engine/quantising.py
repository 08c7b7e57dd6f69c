"""Fewer bits: ONNX Runtime's quantisers and its converter to half precision, in memory and without a file.

Their own functions go through temporary files, which the sandbox forbids; what they do between is done here.
https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from onnx import ModelProto, helper, shape_inference

from glassbox.graph.model import opset, read
from glassbox.graph.rewriting import upgraded

OLDEST_OPSET = 13
"""From here on a scale for each channel can be written."""


def half(model: ModelProto) -> ModelProto:
    """Return the model with its weights and sums in float16; its inputs and outputs stay as they are."""
    from onnxruntime.transformers.float16 import convert_float_to_float16  # takes a while, and few ask for it

    copy = ModelProto()
    copy.CopyFrom(model)
    with _quiet():
        return read(convert_float_to_float16(copy, keep_io_types=True))


def dynamic(model: ModelProto) -> ModelProto:
    """Return the model with weights in 8 bits, unsigned; the range of each tensor is found anew in each run."""
    from onnxruntime.quantization import onnx_quantizer
    from onnxruntime.quantization.quant_utils import QuantizationMode, QuantType
    from onnxruntime.quantization.registry import IntegerOpsRegistry

    # After it has written Gemm as MatMul the quantiser infers shapes anew, through a file.
    onnx_quantizer.save_and_reload_model_with_shape_infer = _inferred
    with _quiet():
        quantiser = onnx_quantizer.ONNXQuantizer(
            _prepared(model),
            False,  # per channel
            False,  # reduced range
            QuantizationMode.IntegerOps,
            False,  # static
            QuantType.QUInt8,
            QuantType.QUInt8,
            None,
            [],
            [],
            list(IntegerOpsRegistry),
            {"MatMulConstBOnly": True},
        )
        quantiser.quantize_model()
    return read(quantiser.model.model)


def static(model: ModelProto, ranges: Mapping[str, tuple[float, float]]) -> ModelProto:
    """Return the model with weights in 8 bits, a scale for each channel, and each tensor in 8 bits of its range:
    `ranges` gives the least and the largest number of the tensors of float32."""
    from onnxruntime.quantization.calibrate import CalibrationMethod, TensorsData
    from onnxruntime.quantization.qdq_quantizer import QDQQuantizer
    from onnxruntime.quantization.quant_utils import QuantType
    from onnxruntime.quantization.registry import QDQRegistry, QLinearOpsRegistry

    held = {name: (np.float32(low), np.float32(high)) for name, (low, high) in ranges.items()}
    arrays = {name: (np.array([low]), np.array([high])) for name, (low, high) in held.items()}
    with _quiet():
        quantiser = QDQQuantizer(
            _prepared(model),
            True,  # per channel
            False,
            QuantType.QInt8,
            QuantType.QUInt8,
            TensorsData(CalibrationMethod.MinMax, arrays),
            [],
            [],
            sorted({*QLinearOpsRegistry, *QDQRegistry}),
            {},
        )
        quantiser.quantize_model()
    return read(quantiser.model.model)


def _prepared(model: ModelProto) -> ModelProto:
    """Return a copy as the quantisers want it: of an opset that they know, with shapes."""
    return _inferred(upgraded(model) if opset(model) < OLDEST_OPSET else model)


def _inferred(model: ModelProto) -> ModelProto:
    """Return a copy with shapes, and marked as having them."""
    known: ModelProto = shape_inference.infer_shapes(model)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    helper.set_model_props(known, metadata | {"onnx.infer": "onnxruntime.quant"})
    return known


@contextmanager
def _quiet() -> Iterator[None]:
    """The quantisers give advice through the root logger."""
    log = logging.getLogger()
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
