"""What this machine and ONNX Runtime's Python binding take at least: no comparison can be better than these."""

from collections.abc import Iterator

import numpy as np
from onnx import TensorProto, helper

from benchmarks.comparisons import Calls, Setting
from benchmarks.tables import Table, duration
from glassbox.engine.session import Session

SIDE = 512
"""Of the matrices that are multiplied."""
COPIED = 64_000_000
"""Bytes that are copied: more than the caches of a core hold."""


def tables(setting: Setting) -> Iterator[Table]:
    session = Session(empty_model())
    feeds = {"x": np.zeros(1, np.float32)}
    bare = session._session
    bound = bare.io_binding()
    result = np.zeros(1, np.float32)
    bound.bind_input("x", "cpu", 0, np.float32, [1], feeds["x"].ctypes.data)
    bound.bind_output("y", "cpu", 0, np.float32, [1], result.ctypes.data)
    a, b = np.random.default_rng(0).random((2, SIDE, SIDE), np.float32)
    product, source = np.empty_like(a), np.zeros(COPIED, np.uint8)
    target = np.ones_like(source)
    product_name, copy_name = f"sgemm of {SIDE} x {SIDE} x {SIDE} in NumPy", f"copy of {COPIED / 1e6:.0f} MB in NumPy"
    calls: Calls = {
        "an empty model, Session.run": lambda: session.run(feeds),
        "the same, InferenceSession.run": lambda: bare.run(["y"], feeds),
        "the same, bound memory": lambda: bare.run_with_iobinding(bound),
        product_name: lambda: np.matmul(a, b, out=product),
        copy_name: lambda: np.copyto(target, source),
    }
    found = setting.measure(calls)
    rates = {
        product_name: f"{2 * SIDE**3 / found[product_name].seconds / 1e9:.3g} GFLOP/s",
        copy_name: f"{COPIED / found[copy_name].seconds / 1e9:.3g} GB/s",
    }
    rows = [[name, duration(one.seconds), rates.get(name, ""), f"{one.calls}"] for name, one in found.items()]
    yield Table("The machine's own limits, one thread", ("", "time", "rate", "calls"), rows)


def empty_model() -> bytes:
    """Return a model that gives back its only number."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "empty", [x], [y])
    return bytes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()
    )
