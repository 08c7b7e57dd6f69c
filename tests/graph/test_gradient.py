import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from glassbox.graph.gradient import differentiate
from tests.gradients import check, graph, run


def node(operator, inputs, outputs, **attributes):
    return helper.make_node(operator, inputs.split(), outputs.split(), **attributes)


X = np.array([[1, 2, 3], [-1, 0, 2]], np.float32)
ONES = np.ones((2, 3), np.float32)


def gradient(nodes, wrt="x", x=X, constants=None, dy=ONES, of="y", **options):
    model = graph(nodes, {"x": x}, constants, **options)
    return run(differentiate(model, of, wrt.split()), {"x": x, f"grad_{of}": dy})


def test_a_tensor_read_by_several_nodes_gets_the_sum():
    """y = x * x + x + 3 x: dy/dx = 2 x + 4."""
    nodes = [node("Mul", "x x", "a"), node("Add", "a x", "b"), node("Mul", "x three", "c"), node("Add", "b c", "y")]
    assert gradient(nodes, constants={"three": np.float32(3)})[0].tolist() == (2 * X + 4).tolist()


def test_inputs_initialisers_and_inner_tensors():
    """y = (w x)^2 at x = 2, w = 3: dy/da = 2 a = 12, dy/dx = 12 w = 36, dy/dw = 12 x = 24."""
    nodes = [node("Mul", "x w", "a"), node("Mul", "a a", "y")]
    x = np.array([2], np.float32)
    grads = gradient(nodes, "a x w", x, {"w": np.array([3], np.float32)}, np.ones(1, np.float32))
    assert [g.tolist() for g in grads] == [[12], [36], [24]]


def test_the_gradient_of_an_inner_tensor():
    assert gradient([node("Mul", "x x", "a"), node("Exp", "a", "y")], of="a")[0].tolist() == (2 * X).tolist()


def test_inputs_and_outputs_of_the_gradient_graph():
    nodes = [node("Gemm", "x w b", "h"), node("Relu", "h", "y")]
    weights = {"w": np.ones((3, 4), np.float32), "b": np.ones(4, np.float32)}
    derivative = differentiate(graph(nodes, {"x": X}, weights, {"y": 2}, "names"), "y", ["w", "x", "h"])
    onnx.checker.check_model(derivative, full_check=True)
    assert [x.name for x in derivative.graph.input] == ["x", "grad_y"]
    assert [x.name for x in derivative.graph.output] == ["grad_w", "grad_x", "grad_h"]
    shapes = [[d.dim_value or d.dim_param for d in x.type.tensor_type.shape.dim] for x in derivative.graph.output]
    assert shapes == [[3, 4], ["d2", "d3"], ["d2", 4]]


@pytest.mark.parametrize("batch", [0, 1, 5])
def test_any_batch(batch):
    nodes = [node("MatMul", "x w", "h"), node("Add", "h b", "z"), node("Softmax", "z", "y")]
    x = np.random.default_rng(0).normal(size=(batch, 3)).astype(np.float32)
    weights = {"w": np.ones((3, 4), np.float32), "b": np.ones(4, np.float32)}
    derivative = differentiate(graph(nodes, {"x": X}, weights, {"y": 2}, "names"), "y", ["x", "w", "b"])
    grads = run(derivative, {"x": x, "grad_y": np.ones((batch, 4), np.float32)})
    assert [g.shape for g in grads] == [(batch, 3), (3, 4), (4,)]


def test_only_what_the_gradient_needs_is_kept():
    nodes = [node("MatMul", "x w", "a"), node("MatMul", "a v", "y"), node("Exp", "y", "z")]
    weights = {"w": np.ones((3, 3), np.float32), "v": np.ones((3, 3), np.float32)}
    derivative = differentiate(graph(nodes, {"x": X}, weights, ["z"]), "y", ["x"])
    assert [n.op_type for n in derivative.graph.node] == ["Gemm", "Gemm", "Identity"]


def test_both_directions_in_one_run():
    nodes = [node("Mul", "x w", "a"), node("Exp", "a", "y")]
    model = graph(nodes, {"x": X}, {"w": 2 * ONES}, {"y": 2})
    derivative = differentiate(model, "y", ["x"], keep=["a", "y"])
    dx, a, y = run(derivative, {"x": X, "grad_y": ONES})
    assert a == pytest.approx(2 * X) and y == pytest.approx(np.exp(2 * X)) and dx == pytest.approx(2 * y)


def test_nodes_out_of_order():
    """y = (2 x)^2: dy/dx = 8 x; ONNX Runtime runs the nodes in any order."""
    nodes = [node("Mul", "a a", "y"), node("Mul", "x two", "a")]
    assert gradient(nodes, constants={"two": np.float32(2)})[0].tolist() == (8 * X).tolist()


def test_operators_off_the_path_need_no_rule():
    nodes = [node("Det", "m", "d"), node("Mul", "x d", "y"), node("Hardmax", "y", "z")]
    constants = {"m": np.eye(2, dtype=np.float32) * 2}
    assert gradient(nodes, constants=constants, outputs=["z"])[0].tolist() == (4 * ONES).tolist()


def test_an_operator_without_a_rule_is_named_with_its_node():
    with pytest.raises(ValueError, match=r"MaxRoiPool \(node 'regions'\) has no gradient rule"):
        gradient([node("MaxRoiPool", "x x", "y", name="regions", pooled_shape=[1, 1])])
    with pytest.raises(ValueError, match=r"MaxRoiPool \(node 'y'\)"):  # a node without a name: by its output
        gradient([node("MaxRoiPool", "x x", "y", pooled_shape=[1, 1])])


def test_an_operator_of_another_domain_is_named():
    custom = helper.make_node("Relu", ["x"], ["y"], domain="com.example", name="mine")
    model = graph([custom], {"x": X})
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    with pytest.raises(ValueError, match=r"com\.example\.Relu \(node 'mine'\)"):
        differentiate(model, "y", ["x"])


@pytest.mark.parametrize(
    ("domain", "operator"), [("ai.onnx.ml", "SVMRegressor"), ("com.example", "Magic")], ids=["ai.onnx.ml", "unknown"]
)
@pytest.mark.parametrize(("reader", "wrt"), [("MatMul", "w"), ("MatMul", "x"), ("Softmax", "x")])
def test_the_node_is_named_after_which_nothing_is_known(domain, operator, reader, wrt):
    """Not the standard operator that would need to know the number of axes or the type."""
    nodes = [
        node(operator, "x", "a", domain=domain, name="opaque"),
        node(reader, "a w" if reader == "MatMul" else "a", "h", name="plain"),
        node("Relu", "h", "y"),
    ]
    model = graph(nodes, {"x": X}, {"w": np.ones((3, 2), np.float32)})
    model.opset_import.append(helper.make_opsetid(domain, 1))
    reason = (
        rf"^{domain}\.{operator} \(node 'opaque'\) makes 'a' of a type or number of axes .* {reader} \(node 'plain'\)"
    )
    with pytest.raises(ValueError, match=reason):
        differentiate(model, "y", [wrt])


def test_a_loop_on_the_path_is_named_though_it_reads_the_tensor_from_inside_its_body():
    y = helper.make_tensor_value_info("inner", TensorProto.FLOAT, None)
    body = helper.make_graph([node("Mul", "x x", "inner")], "body", [], [y])
    branch = node("If", "c", "y", then_branch=body, else_branch=body, name="either")
    assert gradient([branch], constants={"c": np.bool_(True)})[0].tolist() == (2 * X).tolist()
    x, total = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 3]) for name in ("state", "next"))
    step = helper.make_tensor_value_info("step", TensorProto.INT64, [])
    flags = [helper.make_tensor_value_info(name, TensorProto.BOOL, []) for name in ("goes_on", "still")]
    nodes = [node("Mul", "state x", "next"), node("Identity", "goes_on", "still")]
    body = helper.make_graph(nodes, "body", [step, flags[0], x], [flags[1], total])
    loop = helper.make_node("Loop", ["count", "", "x"], ["y"], body=body, name="again")
    model = graph([loop], {"x": X, "count": np.array(3)})
    with pytest.raises(ValueError, match=r"Loop \(node 'again'\)"):
        differentiate(model, "y", ["x"])
    power = gradient([loop], constants={"count": np.array(3)})[0]
    np.testing.assert_allclose(power, 4 * X**3, rtol=1e-6)


def test_whole_numbers_and_booleans_end_the_path():
    """Shape, Equal and ArgMax depend on x, but not smoothly: they need no rule, and y = x * rows counts x once."""
    nodes = [
        node("Shape", "x", "s"),
        node("Gather", "s zero", "n"),
        node("Cast", "n", "f", to=1),
        node("Mul", "x f", "y"),
    ]
    assert gradient(nodes, constants={"zero": np.int64(0)})[0].tolist() == (2 * ONES).tolist()


def test_a_staircase_has_gradient_zero():
    assert gradient([node("Floor", "x", "f"), node("Mul", "f f", "y")])[0].tolist() == (0 * ONES).tolist()


def test_tensors_that_do_not_exist_or_do_not_count_are_named():
    nodes = [node("Exp", "x", "y"), node("Exp", "x", "z")]
    with pytest.raises(ValueError, match="no tensor named 'w'; it has x"):
        gradient(nodes, "w")
    with pytest.raises(ValueError, match="no tensor named 'v'"):
        gradient(nodes, of="v")
    with pytest.raises(ValueError, match="y does not depend on 'z'"):
        gradient(nodes, "x z")
    with pytest.raises(ValueError, match="'y' with respect to itself"):
        gradient(nodes, "y")


def test_whole_numbers_have_no_gradient():
    nodes = [node("Gather", "table i", "y")]
    model = graph(nodes, {"i": np.array([0, 1])}, {"table": X}, {"y": 2})
    with pytest.raises(ValueError, match="'i' does not hold floating-point numbers"):
        differentiate(model, "y", ["i"])


def test_a_name_that_is_taken_is_named():
    with pytest.raises(ValueError, match="already has a tensor named 'grad_x'"):
        gradient([node("Exp", "x", "grad_x"), node("Exp", "grad_x", "y")])
    with pytest.raises(ValueError, match="already has a tensor named 'grad_y'"):
        gradient([node("Exp", "x", "grad_y"), node("Exp", "grad_y", "y")])


def test_old_models_are_brought_to_opset_18():
    """In opset 11 the axes of Squeeze and ReduceSum are attributes."""
    nodes = [
        node("Unsqueeze", "x", "u", axes=[0]),
        node("ReduceSum", "u", "r", axes=[0], keepdims=0),
        node("Mul", "r r", "y"),
    ]
    model = graph(nodes, {"x": X}, outputs={"y": 2}, opset=11)
    derivative = differentiate(model, "y", ["x"])
    assert derivative.opset_import[0].version == 18
    assert run(derivative, {"x": X, "grad_y": ONES})[0].tolist() == (2 * X).tolist()


def test_a_pool_that_rounds_up_past_its_padding():
    """Before opset 22 onnx infers two windows here, where there is one."""
    pool = node("MaxPool", "x", "y", kernel_shape=[1], strides=[2], ceil_mode=1)
    x = np.array([[[3, 4]]], np.float32)
    derivative = differentiate(graph([pool], {"x": x}, outputs={"y": 3}), "y", ["x"])
    assert run(derivative, {"x": x, "grad_y": np.array([[[5]]], np.float32)})[0].tolist() == [[[5, 0]]]


@pytest.mark.parametrize("opset", [18, 20, 21, 22, 24])
def test_newer_opsets(opset):
    rng = np.random.default_rng(0)
    nodes = [
        node("Conv", "x w b", "c", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("MaxPool", "c", "p", kernel_shape=[2, 2], strides=[2, 2]),
        node("AveragePool", "p", "a", kernel_shape=[2, 2], pads=[0, 0, 1, 1]),
        node("ReduceMean", "a axes", "y", keepdims=0),
    ]
    inputs = {"x": rng.normal(size=(2, 1, 6, 6)), "w": rng.normal(size=(2, 1, 3, 3)), "b": rng.normal(size=2)}
    if opset < 22:  # onnx's evaluator has its AveragePool wrong from 22 on; the rules are tested above on their own
        check(nodes, inputs, {"axes": np.array([2, 3])}, knowledge="names", opset=opset)
    single = {name: array.astype(np.float32) for name, array in inputs.items()}
    grads = []
    for version in (18, opset):
        model = graph(nodes, single, {"axes": np.array([2, 3])}, {"y": 2}, opset=version)
        derivative = differentiate(model, "y", ["x", "w", "b"])
        onnx.checker.check_model(derivative, full_check=True)
        grads.append(run(derivative, {**single, "grad_y": np.ones((2, 2), np.float32)}))
    for old, new in zip(*grads, strict=True):
        assert old == pytest.approx(new, rel=1e-5)


def test_functions_of_the_model_are_written_out():
    imports = [helper.make_opsetid("", 18)]
    square = helper.make_function("mine", "Square", ["a"], ["b"], [node("Mul", "a a", "b")], imports)
    call = helper.make_node("Square", ["x"], ["y"], domain="mine")
    model = graph([call], {"x": X}, outputs={"y": 2})
    model.functions.append(square)
    model.opset_import.append(helper.make_opsetid("mine", 1))
    assert run(differentiate(model, "y", ["x"]), {"x": X, "grad_y": ONES})[0].tolist() == (2 * X).tolist()


def test_initialisers_listed_as_inputs():
    model = graph([node("Mul", "x w", "y")], {"x": X}, {"w": ONES * 2}, {"y": 2})
    model.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, [2, 3]))
    assert (run(differentiate(model, "y", ["x"]), {"x": X, "grad_y": ONES})[0] == 2).all()


def test_constants_in_nodes():
    value = numpy_helper.from_array(np.array([1], np.int64))
    nodes = [node("Constant", "", "axes", value=value), node("ReduceSum", "x axes", "r"), node("Mul", "x r", "y")]
    check(nodes, {"x": X})


def test_the_given_model_is_left_as_it_was():
    model = graph([node("MaxPool", "x", "y", kernel_shape=[2])], {"x": X[None]}, outputs={"y": 3})
    before = model.SerializeToString()
    differentiate(model, "y", ["x"])
    assert model.SerializeToString() == before


def test_a_second_derivative():
    """y = x^3: dy/dx = 3 x^2 v; its gradient with respect to x is 6 x v u."""
    first = differentiate(
        graph([node("Pow", "x three", "y")], {"x": X}, {"three": np.float32(3)}, {"y": 2}), "y", ["x"]
    )
    first.graph.output[0].name = first.graph.node[-1].output[0] = "slope"
    second = differentiate(first, "slope", ["x"])
    assert run(second, {"x": X, "grad_y": ONES, "grad_slope": ONES})[0].tolist() == (6 * X).tolist()
