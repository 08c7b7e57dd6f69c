"""Cost against size: a forward run of dense layers with Relu, by batch, by width and by depth."""

from collections.abc import Iterator

import numpy as np
from onnx import numpy_helper

from benchmarks.comparisons import Calls, Setting, check
from benchmarks.comparisons.training import dense
from benchmarks.peers import numpy_peer
from benchmarks.tables import OURS, Table, duration
from glassbox.engine.session import Session

INPUTS, WIDTH, CLASSES = 784, 128, 10
SERIES = {
    "batch": [(batch, WIDTH, 1) for batch in (1, 8, 64, 512)],
    "width": [(1, width, 1) for width in (32, 128, 512, 2048)],
    "depth": [(1, WIDTH, depth) for depth in (1, 4, 16, 64)],
}
"""(pictures, units of a hidden layer, hidden layers)."""


def tables(setting: Setting) -> Iterator[Table]:
    for what, points in SERIES.items():
        found = [setting.measure(runs(*point)) for point in points]
        at = [point[("batch", "width", "depth").index(what)] for point in points]
        curves = {name: [one[name].seconds for one in found] for name in found[0]}
        rows = [[name, *map(duration, seconds)] for name, seconds in curves.items()]
        others = {"batch": "one hidden layer of 128", "width": "one picture, one hidden layer", "depth": "one picture"}
        note = f"784 inputs, 10 outputs, {others[what]}{', hidden layers of 128' if what == 'depth' else ''}."
        yield Table(f"Time of a run by {what}", (what, *map(str, at)), rows, note=note, curves=curves)


def runs(batch: int, width: int, depth: int) -> Calls:
    """Return each runtime's call."""
    from benchmarks.peers import openvino_peer, tensorflow_peer, torch_peer

    sizes = (INPUTS, *[width] * depth, CLASSES)
    model = dense(sizes, "Relu")
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    weights = [(arrays[f"W{i}"], arrays[f"b{i}"]) for i in range(1, len(sizes))]
    x = np.random.default_rng(0).random((batch, INPUTS), np.float32)
    session, feeds = Session(model.SerializeToString()), {"x": x}
    keras = tensorflow_peer.dense(sizes, "relu", [array for layer in weights for array in layer])
    calls: Calls = {
        OURS: lambda: session.run(feeds).outputs["y"],
        "LiteRT": tensorflow_peer.litert(keras, x),
        "OpenVINO": openvino_peer.run(model.SerializeToString(), x),
        "PyTorch": torch_peer.run(torch_peer.dense(weights, torch_peer.nn.ReLU), x, compiled=False),
        "NumPy": numpy_peer.dense(weights, x),
    }
    check(calls, tolerance=1e-4)
    return calls
