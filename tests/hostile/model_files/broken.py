"""Models whose sizes are not true, whose graphs are none, and that compute no number."""

import platform
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper

from tests.hostile.model_files.building import FLOAT, INT, branch, constant, hostile, model, node, value


# Sizes that are not true.
def sized(*dims: int, kind: int = FLOAT, data: bytes = b"1234") -> ModelProto:
    return model([node("Identity", "w")], [TensorProto(name="w", data_type=kind, dims=dims, raw_data=data)])


hostile("weights of a terabyte", "needs_memory")(lambda: sized(2**40))
hostile("weights of 2**124 numbers", "needs_memory")(lambda: sized(2**62, 2**62))
hostile("weights of fewer numbers than none", "broken_tensor")(lambda: sized(-1))
hostile("a size that wraps to one", "broken_tensor")(lambda: sized(-(2**63), 2))
hostile("weights without their numbers", "broken_tensor")(lambda: sized(1000))
hostile("numbers of no kind", "broken_tensor")(lambda: sized(1, kind=99))
hostile("numbers of kind 0", "broken_tensor")(lambda: sized(1, kind=0))
hostile("texts that are bytes", "broken_tensor")(lambda: sized(1, kind=TensorProto.STRING))
hostile("a hundred axes", "broken_tensor")(lambda: sized(*[1] * 100))
hostile("a constant that holds none", "broken_constant")(lambda: model([node("Constant", "", "c"), node("Relu")]))
hostile("an input of a terabyte", "needs_memory")(lambda: model([node("Relu")], inputs=[value("x", (2**40,))]))
hostile("an input of half a gigabyte")(lambda: model([node("Relu")], inputs=[value("x", (1 << 26, 1))], outputs=[]))
hostile("an input of minus one, which stands for any size")(lambda: model([node("Relu")], inputs=[value("x", (-1,))]))
hostile("an input of fewer than none", "broken_tensor")(lambda: model([node("Relu")], inputs=[value("x", (-5,))]))


# What computes no number.
def integers(operator: str, a: Any, b: Any, **attributes: Any) -> ModelProto:
    return model([node(operator, "a b", **attributes)], [constant("a", a), constant("b", b)])


for _kind in (np.int32, np.int64):
    for _operator in ("Div", "Mod"):
        hostile(f"{_operator} by zero, {_kind.__name__}")(
            lambda operator=_operator, kind=_kind: integers(operator, kind(1), kind(0))
        )
        # The quotient fits no register, which ends a process there; ONNX Runtime 1.32 looks for zeros only.
        _traps = _operator == "Div" and platform.machine() in ("x86_64", "AMD64")
        hostile(f"{_operator} of the least number by -1, {_kind.__name__}", "model_crashed" if _traps else None)(
            lambda operator=_operator, kind=_kind: integers(operator, kind(np.iinfo(kind).min), kind(-1))
        )


@hostile("zero made of the input, and divided by")
def _computed_zero() -> ModelProto:
    return model([node("Sub", "x x", "z"), node("Div", "x z")], [], [value("x", (), INT)])


hostile("a place far away")(
    lambda: model([node("Gather", "x i")], [constant("i", np.array([2**40]))], [value("x", (3,))])
)
hostile("the ten billion largest")(lambda: model([node("TopK", "x k", "y i")], [constant("k", np.array([10**10]))]))
hostile("steps of zero")(
    lambda: model(
        [node("Slice", "x a b c d")],
        [constant(name, np.array([number])) for name, number in zip("abcd", (0, 9, 0, 0), strict=True)],
    )
)
hostile("a window of nothing")(
    lambda: model([node("MaxPool", kernel_shape=[0, 0], strides=[0, 0])], inputs=[value("x", (1, 1, 4, 4))])
)
hostile("a split into none")(lambda: model([node("Split", "x", "y", num_outputs=0)]))
hostile("a tree that leads back", None)(
    lambda: model(
        [
            helper.make_node(
                "TreeEnsembleRegressor",
                ["x"],
                ["y"],
                domain="ai.onnx.ml",
                n_targets=1,
                nodes_treeids=[0, 0],
                nodes_nodeids=[0, 1],
                nodes_featureids=[0, 0],
                nodes_values=[0.0, 0.0],
                nodes_modes=["BRANCH_LEQ", "BRANCH_LEQ"],
                nodes_truenodeids=[1, 0],
                nodes_falsenodeids=[1, 0],
                target_treeids=[0],
                target_nodeids=[0],
                target_ids=[0],
                target_weights=[1.0],
            )
        ],
        inputs=[value("x", (1, 1))],
    )
)


# Graphs that are none.
hostile("a circle")(lambda: model([node("Add", "x b", "a"), node("Relu", "a", "b")]))
hostile("a node that reads itself")(lambda: model([node("Add", "x y", "y")]))
hostile("two makers of one tensor")(lambda: model([node("Relu"), node("Abs")]))
hostile("an input from nowhere")(lambda: model([node("Add", "x nowhere")]))
hostile("an output from nowhere")(lambda: model([node("Relu")], outputs=[value("nowhere")]))
hostile("a branch from nowhere")(
    lambda: model([node("If", "c", then_branch=branch([]), else_branch=branch([]))], [constant("c", True)])
)
hostile("attributes of other kinds")(lambda: model([node("Conv", "x x", pads="secret", strides=1.5, group=["a"])]))
