"""OpenVINO, which reads the ONNX model itself: on one thread, with one stream, in float32.

Left to itself it computes in bfloat16 on some processors, and then its probabilities are off by a thousandth.
"""

from collections.abc import Callable

import numpy as np
import openvino
from numpy.typing import NDArray

SETTINGS = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
SETTINGS |= {"INFERENCE_PRECISION_HINT": "f32"}


def run(model: bytes, x: NDArray[np.float32]) -> Callable[[], NDArray[np.float32]]:
    """Return a model of one input and one output as OpenVINO runs it, compiled for the shape of `x`."""
    core = openvino.Core()
    network = core.read_model(model)
    network.reshape(list(x.shape))
    request = core.compile_model(network, "CPU", SETTINGS).create_infer_request()
    return lambda: request.infer({0: x}, share_inputs=True)[0]
