"""Models with more than can be counted, and those of which little makes much."""

import numpy as np
from onnx import ModelProto, TensorProto, helper

from tests.hostile.model_files.building import (
    FLOAT,
    branch,
    call,
    constant,
    function,
    hostile,
    loop,
    model,
    node,
    value,
    within,
)


# More than can be counted.
@hostile("5,001 nodes", "too_many_nodes")
def _nodes() -> ModelProto:
    return model([node("Relu", f"x{place}" if place else "x", f"x{place + 1}") for place in range(5_001)])


@hostile("nodes hidden in branches", "too_many_nodes")
def _hidden_nodes() -> ModelProto:
    inner = branch([node("Relu", "x", "b")] * 600)
    return model([node("If", "c", f"y{place}", then_branch=inner, else_branch=inner) for place in range(5)])


@hostile("65 functions", "too_many_functions")
def _functions() -> ModelProto:
    return model([call()], functions=[function([node("Relu")], f"F{place}") for place in range(65)])


@hostile("a function that calls itself", "endless_functions")
def _itself() -> ModelProto:
    return model([call()], functions=[function([call()])])


@hostile("functions that call each other", "endless_functions")
def _each_other() -> ModelProto:
    return model([call()], functions=[function([call("G")]), function([call("F")], "G")])


@hostile("a function that calls itself in a branch", "endless_functions")
def _itself_in_branch() -> ModelProto:
    inner = branch([call("F", "x", "b")])
    return model([call()], functions=[function([node("If", "x", then_branch=inner, else_branch=inner)])])


@hostile("functions that double sixty times", "too_many_calls")
def _doubling() -> ModelProto:
    bodies = [
        function([call(f"F{place + 1}", "x", "z"), call(f"F{place + 1}", "z")], f"F{place}") for place in range(60)
    ]
    return model([call("F0")], functions=[*bodies, function([node("Relu")], "F60")])


@hostile("thirty branches deep")
def _deep() -> ModelProto:
    inner = branch([node("Relu", "x", "b")])
    for _ in range(29):
        inner = branch([node("If", "c", "b", then_branch=inner, else_branch=branch([node("Relu", "x", "b")]))])
    return model([node("If", "c", then_branch=inner, else_branch=inner)], [constant("c", True)])


@hostile("deeper than the format allows", "not_onnx")
def _too_deep() -> bytes:
    graph = branch([node("Relu", "x", "b")]).SerializeToString()
    for _ in range(5_000):  # graph.node.attribute.g
        graph = within(1, within(5, within(6, graph)))
    return b"\x08\x0a" + within(7, graph)


hostile("20,000 inputs")(lambda: model([node("Sum", " ".join(["x"] * 20_000))]))
hostile("20,000 outputs")(lambda: model([node("Split", "x", " ".join(f"y{place}" for place in range(20_000)), axis=0)]))
hostile("a name of a megabyte")(lambda: model([node("Relu", outputs="y" * 1_000_000)]))
hostile("a name that controls the screen")(
    lambda: model([node("Relu", outputs="\x1b[2J\u202e<script>`![x](http://a)")])
)


# Little that makes much.
SHAPE = constant("n", np.array([2_000_000_000]))
hostile("8 GB of zeros", "out_of_memory")(lambda: model([node("ConstantOfShape", "n")], [SHAPE]))
hostile("8 GB of one number", "out_of_memory")(lambda: model([node("Expand", "x n")], [SHAPE]))
hostile("8 GB of copies")(lambda: model([node("Tile", "x n")], [SHAPE]))
hostile("8 GB at the edge", "out_of_memory")(
    lambda: model([node("Pad", "x n")], [constant("n", np.array([0, 2_000_000_000]))])
)
hostile("8 GB of random numbers", "out_of_memory")(lambda: model([node("RandomNormal", "", shape=[2_000_000_000])]))
hostile("a range of a trillion", "out_of_memory")(
    lambda: model(
        [node("Range", "a b c")], [constant(name, end) for name, end in zip("abc", (0, 10**12, 1), strict=True)]
    )
)
hostile("a picture scaled up", "out_of_memory")(
    lambda: model(
        [node("Resize", "x r s")],
        [constant("r", np.zeros(0, np.float32)), constant("s", np.array([1, 1, 1e5, 1e5], np.float32))],
        [value("x", (1, 1, 2, 2))],
    )
)
hostile("a depth of a billion")(
    lambda: model([node("OneHot", "x d v")], [constant("d", 10**9), constant("v", np.array([0.0, 1.0]))])
)
hostile("a convolution with wide edges", "out_of_memory")(
    lambda: model(
        [node("Conv", "x w", pads=[2**20] * 4)],
        [constant("w", np.ones((1, 1, 1, 1), np.float32))],
        [value("x", (1, 1, 1, 1))],
    )
)


@hostile("doubled until there is no memory")
def _doubled() -> ModelProto:
    return model([node("Concat", f"x{n} x{n}" if n else "x x", f"x{n + 1}", axis=0) for n in range(40)])


@hostile("sizes doubled until there is no memory")
def _doubled_sizes() -> ModelProto:
    doubled = [node("Concat", f"s{n} s{n}", f"s{n + 1}", axis=0) for n in range(40)]
    return model([node("Shape", "x", "s0"), *doubled])


@hostile("words doubled until there is no memory")
def _words() -> ModelProto:
    nodes = [node("StringConcat", f"x{n} x{n}" if n else "x x", f"x{n + 1}") for n in range(40)]
    return model(nodes, inputs=[value("x", (1,), TensorProto.STRING)])


hostile("a loop without an end", "model_too_slow")(lambda: loop(None, [node("Identity", "s", "t")]))
hostile("a loop of 2**62", "model_too_slow")(lambda: loop(2**62, [node("Identity", "s", "t")]))
hostile("a loop of -1")(lambda: loop(-1, [node("Identity", "s", "t")]))
hostile("a loop that doubles")(lambda: loop(100, [node("Concat", "s s", "t", axis=0)]))


@hostile("products at the start that take minutes")
def _folded() -> ModelProto:
    nodes = [node("ConstantOfShape", "n", "w0", value=helper.make_tensor("", FLOAT, [1], [1.0]))]
    nodes += [node("MatMul", f"w{n} w{n}", f"w{n + 1}") for n in range(30)]
    nodes += [node("ReduceSum", "w30", "r", keepdims=0), node("Add", "x r")]
    return model(nodes, [constant("n", np.array([2000, 2000]))])
