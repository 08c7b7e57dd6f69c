"""Three models of a few hundred bytes that show what larger ones have: bodies, numbers that go wrong, repetition."""

from collections.abc import Callable, Mapping

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper, parser

_OPSET = '<ir_version: 10, opset_import: ["": 18]>'
_CHANNELS, _BLOCKS, _SIDE = 4, 16, 12


def loops() -> bytes:
    """Return a model with a Loop in an If: x multiplied by itself as often as `times` says, or its negative."""
    return _written(
        f"""{_OPSET}
        powers (float[N] x, int64 times) => (float[N] y) {{
            none = Constant <value_int = 0> ()
            positive = Greater (times, none)
            y = If (positive) <
                then_branch = multiply () => (float[N] power) {{
                    always = Constant <value_int = 1> ()
                    go = Cast <to = 9> (always)
                    power = Loop (times, go, x) <
                        body = turn (int64 i, bool on, float[N] before) => (bool on_out, float[N] after) {{
                            on_out = Identity (on)
                            after = Mul (before, x)
                        }}>
                }},
                else_branch = negate () => (float[N] negative) {{ negative = Neg (x) }}>
        }}"""
    )


def no_number() -> bytes:
    """Return a model whose numbers go wrong: the logarithm of what may be negative, and all that follows from it."""
    return _written(
        f"""{_OPSET}
        goes_wrong (float[N, 8] x) => (float[N, 8] y) {{
            centre = ReduceMean <keepdims = 1> (x)
            moved = Sub (x, centre)
            squares = Mul (moved, moved)
            logarithm = Log (moved)
            weighted = Mul (logarithm, squares)
            y = Softmax <axis = -1> (weighted)
        }}"""
    )


def residual() -> bytes:
    """Return a network of residual blocks, all alike and without names that say so; its weights are random."""
    rng = np.random.default_rng(0)
    shape = (_CHANNELS, _CHANNELS, 3, 3)
    weights, nodes, before = [], [], "stem"
    weights.append(numpy_helper.from_array(rng.normal(0, 0.4, (_CHANNELS, 1, 3, 3)).astype(np.float32), "w"))
    nodes.append(helper.make_node("Conv", ["x", "w"], ["stem"], pads=[1] * 4))
    for block in range(_BLOCKS):
        name = f"w{block}"
        weights.append(numpy_helper.from_array(rng.normal(0, 0.1, shape).astype(np.float32), name))
        steps = [f"{kind}{block}" for kind in ("filtered", "kept", "sum", "y")]
        nodes += [
            helper.make_node("Conv", [before, name], [steps[0]], pads=[1] * 4),
            helper.make_node("Relu", [steps[0]], [steps[1]]),
            helper.make_node("Add", [before, steps[1]], [steps[2]]),
            helper.make_node("LeakyRelu", [steps[2]], [steps[3]]),
        ]
        before = steps[3]
    nodes += [
        helper.make_node("GlobalAveragePool", [before], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["y"]),
    ]
    sizes: list[str | int | None] = ["N", 1, _SIDE, _SIDE]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, sizes)]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", _CHANNELS])]
    graph = helper.make_graph(nodes, "residual", inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return bytes(model.SerializeToString())


TINY: Mapping[str, Callable[[], bytes]] = {"loops": loops, "no_number": no_number, "residual": residual}
"""By name; made when asked for."""


def _written(text: str) -> bytes:
    model: ModelProto = parser.parse_model(text)
    return bytes(model.SerializeToString())
