"""What a run gives, against ONNX's own reference evaluator and NumPy."""

import json

import msgspec
import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from glassbox.input_error import InputError
from glassbox.inspection import running
from glassbox.inspection.commands import COMMANDS, Answer
from glassbox.inspection.requests import AnyRequest, Explain, Make, Run, Terms, View
from glassbox.inspection.statistics import BINS, MOST_BINNED, histogram, statistics
from glassbox.paths import MODELS
from glassbox.zoo import tiny_models
from tests.models import graph

run = COMMANDS["run"]
CNN = MODELS / "cnn" / "1" / "model.onnx"


def row(answer: Answer, tensor: str) -> dict:
    return next(one for one in answer.facts["tensors"] if one["tensor"] == tensor)


def test_every_tensor_is_what_the_reference_computes() -> None:
    data = CNN.read_bytes()
    picture = np.random.default_rng(3).random((2, 1, 28, 28), np.float32)
    names = [one["tensor"] for one in run([data], Run(), {"picture": picture}).facts["tensors"]]
    views = tuple(View(tensor=name) for name in names)
    answer = run([data], Run(views=views), {"picture": picture})
    json.dumps(answer.facts, allow_nan=False)
    known = ReferenceEvaluator(str(CNN)).run(None, {"picture": picture}, intermediate=True)
    assert len(names) == 7
    for name in names:
        value = picture if name == "picture" else known[name]
        np.testing.assert_allclose(answer.arrays[f"values/{name}"], value, rtol=1e-4, atol=1e-5)
        facts = row(answer, name)
        assert facts["shape"] == list(value.shape)
        assert facts["mean"] == pytest.approx(value.mean(dtype=float), rel=1e-4, abs=1e-6)
        assert facts["std"] == pytest.approx(value.std(dtype=float), rel=1e-4, abs=1e-6)
        assert facts["largest"] == pytest.approx(value.max(), rel=1e-4)


def test_the_first_tensor_without_a_number_is_named() -> None:
    nodes = [
        helper.make_node("Relu", ["x"], ["positive"], name="rectify"),
        helper.make_node("Log", ["positive"], ["logs"], name="log"),
        helper.make_node("Sub", ["logs", "logs"], ["y"], name="less"),
    ]
    data = graph(nodes, {"x": [4]}, ["y"]).SerializeToString()
    answer = run([data], Run(), {"x": np.array([-1, 0, 1, 2], np.float32)})
    assert answer.facts["first_bad"] == "logs"
    assert (row(answer, "logs")["infinite"], row(answer, "logs")["nan"]) == (2, 0)
    assert (row(answer, "y")["infinite"], row(answer, "y")["nan"]) == (0, 2)
    assert row(answer, "logs")["largest"] == pytest.approx(np.log(2))
    json.dumps(answer.facts, allow_nan=False)


def test_dead_units_and_saturation_are_counted() -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["maps"]),
        helper.make_node("Relu", ["maps"], ["lit"]),
        helper.make_node("Sigmoid", ["maps"], ["y"]),
    ]
    weights = {"w": np.array([-50, 50, 0.01], np.float32).reshape(3, 1, 1, 1)}
    data = graph(nodes, {"x": [1, 1, 4, 4]}, ["lit", "y"], weights).SerializeToString()
    answer = run([data], Run(), {"x": np.ones((1, 1, 4, 4), np.float32)})
    assert (row(answer, "lit")["dead"], row(answer, "lit")["units"]) == (1, 3)
    assert row(answer, "y")["saturated"] == pytest.approx(2 / 3)


def test_a_view_shows_the_numbers_from_start_to_stop_in_steps() -> None:
    data = graph([helper.make_node("Identity", ["x"], ["y"])], {"x": [6, 100]}, ["y"]).SerializeToString()
    x = np.arange(600, dtype=np.float32).reshape(6, 100)
    view = View(tensor="y", start=(2,), stop=(4, 50), most=50)
    answer = run([data], Run(views=(view,)), {"x": x})
    (fact,) = answer.facts["values"]
    rows, columns = fact["step"]
    np.testing.assert_array_equal(answer.arrays["values/y"], x[2:4:rows, 0:50:columns])
    assert 25 <= answer.arrays["values/y"].size <= 50


@pytest.mark.parametrize(
    ("request_", "arrays", "code"),
    [
        (Run(), {"x": np.zeros((1, 3), np.float32)}, "input_size"),
        (Run(), {"x": np.zeros(2, np.float32)}, "input_rank"),
        (Run(), {"x": np.array([["a", "b"]])}, "input_type"),
        (Run(views=(View(tensor="nowhere"),)), {}, "unknown_tensor"),
        (Run(views=(View(tensor="y", start=(0, 0, 0)),)), {}, "view_rank"),
        (Run(sizes={"N": 1_000_000}), {"x": np.zeros((5, 2), np.float32)}, "input_size"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_code(request_, arrays, code) -> None:
    data = graph([helper.make_node("Relu", ["x"], ["y"])], {"x": ["N", 2]}, ["y"]).SerializeToString()
    with pytest.raises(InputError) as caught:
        run([data], request_, arrays)
    assert caught.value.code == code


def test_a_file_that_is_no_model_is_refused() -> None:
    for command in ("read", "run"):
        with pytest.raises(InputError) as caught:
            COMMANDS[command]([b"no model"], msgspec.convert({"command": command}, AnyRequest), {})
        assert caught.value.code == "not_a_model"


@pytest.mark.parametrize(("sign", "taken"), [(1, "squares"), (-1, "cubes")])
def test_the_branch_that_a_run_takes_is_seen_explained_and_differentiated(sign: int, taken: str) -> None:
    """Its condition is a sum, which only the run tells, and its tensors have no single number of axes."""
    model = onnx.parser.parse_model("""
        <ir_version: 9, opset_import: ["" : 18]>
        told (float[m, n] x) => (float y) {
            zero = Constant <value = float {0.0}> ()
            s = ReduceSum <keepdims = 0> (x)
            c = Greater (s, zero)
            r = If (c) <
                then_branch = less () => (float[n] squares) {
                    axis = Constant <value = int64[1] {0}> () row = Squeeze (x, axis) squares = Mul (row, row)
                },
                else_branch = more () => (float[m, n] cubes) {
                    square = Mul (x, x) cubes = Mul (x, square)
                }>
            y = ReduceSum <keepdims = 0> (r)
        }""").SerializeToString()
    fed = {"x": sign * np.float32([[1, 2, 3]])}
    found = run([model], Run(), fed).facts
    assert taken not in found["unseen"] and {taken, "y"} <= {row["tensor"] for row in found["tensors"]}
    cell = (0,) if sign > 0 else (0, 0)
    told = COMMANDS["terms"]([model], Terms(tensor=taken, index=cell), fed).facts
    assert told["agrees"] and told["after"] == sign
    asked = Make(kind="derivative", tensors=("x",))
    assert COMMANDS["make"]([model], asked, fed).facts["checked"]["relative"] < 1e-3
    assert COMMANDS["explain"]([model], Explain(method="saliency"), fed).facts["method"] == "saliency"
    # With the last cell erased the sum of these changes its sign, and so the branch.
    turning = {"x": np.float32([[1, 2, -4]]) * sign}
    found = COMMANDS["explain"]([model], Explain(method="occlusion"), turning)
    whole, less = (-55 if sign > 0 else 21), (5 if sign > 0 else -9)
    assert found.arrays["map"][-1] == whole - less


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"walue": 3.0},
        {"value": 3},
        {"value": TensorProto(data_type=99, dims=[1], float_data=[1])},
        {"value": TensorProto(data_type=1, dims=[3], float_data=[1, 2])},
        {
            "sparse_value": helper.make_sparse_tensor(
                helper.make_tensor("v", 1, [1], [1.0]), helper.make_tensor("i", 7, [1], [9]), [1, 4]
            )
        },
    ],
    ids=["none", "unknown", "of another type", "of no kind", "too few numbers", "a place outside"],
)
def test_a_constant_that_holds_nothing_is_named(attributes: dict[str, object]) -> None:
    nodes = [helper.make_node("Constant", [], ["c"], name="three", value_float=3.0)]
    model = graph([*nodes, helper.make_node("Add", ["x", "c"], ["y"])], {"x": [1, 4]}, ["y"])
    model.graph.node[0].ClearField("attribute")
    model.graph.node[0].attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
    for command in ("read", "run"):
        with pytest.raises(InputError) as caught:
            COMMANDS[command]([model.SerializeToString()], msgspec.convert({"command": command}, AnyRequest), {})
        assert (caught.value.code, caught.value.details["node"]) == ("broken_constant", "three")


def test_statistics_are_numpys_on_any_numbers() -> None:
    rng = np.random.default_rng(0)
    for values in (
        rng.normal(1e6, 1e-2, 100_000),
        rng.normal(0, 1, (300, 301)).astype(np.float16),
        rng.integers(-128, 127, 70_000, np.int8),
        rng.random(1000) < 0.3,
        (rng.normal(0, 1e30, 100_000)).astype(np.float32),
        np.zeros((0, 3), np.float32),
    ):
        found, exact = statistics(values), values.astype(np.float64)
        assert (found["cells"], found["zeros"]) == (values.size, int((values == 0).sum()))
        if values.size:
            assert found["mean"] == pytest.approx(exact.mean(), rel=1e-9, abs=1e-7 * exact.std())
            assert found["std"] == pytest.approx(exact.std(), rel=1e-6)
            assert (found["least"], found["largest"]) == (exact.min(), exact.max())
            if values.size <= MOST_BINNED:
                counts = np.histogram(exact, BINS, (exact.min(), exact.max()))[0]
                ours = histogram(values, found["least"], found["largest"])
                assert abs(ours - counts).sum() <= 4 and ours.sum() == values.size  # rounding at the bins' edges
        else:
            assert found["mean"] is None


def test_what_does_not_fit_into_memory_at_once_is_run_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    data, picture = CNN.read_bytes(), np.random.default_rng(3).random((2, 1, 28, 28), np.float32)
    asked = Run(views=(View(tensor="conv/sum"), View(tensor="logits")), times=True)
    whole = run([data], asked, {"picture": picture})
    monkeypatch.setattr(running, "PIECE_BYTES", 100_000)
    calls: list[list[str]] = []
    once = running.Tapped.run
    monkeypatch.setattr(running.Tapped, "run", lambda self, fed, names: calls.append(names) or once(self, fed, names))
    parts = run([data], asked, {"picture": picture})
    assert len(calls) >= 3 and len({name for names in calls for name in names}) == 6
    assert parts.facts["tensors"] == whole.facts["tensors"]
    for name, value in whole.arrays.items():
        np.testing.assert_array_equal(parts.arrays[name], value)
    assert parts.facts["times"].keys() == whole.facts["times"].keys()


def test_weights_in_other_files_are_refused() -> None:
    model = onnx.load(CNN)
    onnx.external_data_helper.set_external_data(model.graph.initializer[0], "weights.bin")
    with pytest.raises(InputError) as caught:
        run([model.SerializeToString()], Run(), {})
    assert caught.value.code == "external_data"


@pytest.mark.parametrize("times", [3, -1])
def test_the_tensors_of_the_branch_taken_are_seen_and_those_of_the_other_are_not(times: int) -> None:
    data = tiny_models.loops()
    fed = {"x": np.array([2, -3], np.float32), "times": np.array(times)}
    answer = COMMANDS["run"]([data], Run(times=True, views=(View(tensor="y"),)), fed)
    facts = answer.facts
    json.dumps(facts, allow_nan=False)
    np.testing.assert_array_equal(answer.arrays["values/y"], fed["x"] ** 4 if times == 3 else -fed["x"])
    branch = "then_branch" if times == 3 else "else_branch"
    inner = {row["tensor"]: row for row in facts["tensors"] if row.get("path")}
    assert facts["taken"] == [[f"y:{branch}"]]
    assert ("power" in inner, "negative" in inner) == (times == 3, times == -1)
    assert all(row["path"] == [f"y:{branch}"] for row in inner.values())
    assert {"after"} <= {*facts["unseen"]}  # in the Loop it is another one each turn
    assert ("negative" in facts["unseen"]) == (times == 3)
    (given,) = [row for row in facts["tensors"] if row["tensor"] == "y"]
    assert (given["operator"], given["node"]) == ("If", "y")
    assert facts["times"]["y"] == pytest.approx(sum(seconds for _, _, seconds in facts["inner_times"]), abs=1e-4)


def test_small_inputs_and_outputs_are_given_unasked_with_the_place_of_the_largest() -> None:
    x = np.array([[0.5, np.nan, 2, 1]], np.float32)
    answer = COMMANDS["run"]([tiny_models.no_number()], Run(ends=8), {"x": np.zeros((1, 8), np.float32)})
    assert {"values/x", "values/y"} <= answer.arrays.keys()
    data = graph([helper.make_node("Identity", ["x"], ["y"])], {"x": ["N", 4]}, ["y"]).SerializeToString()
    answer = COMMANDS["run"]([data], Run(ends=3), {"x": x})
    assert answer.facts["largest_at"] == {"y": [0, 2]} and "values/y" not in answer.arrays
    np.testing.assert_array_equal(answer.arrays["values/x"], x[:, ::2])  # of an input as many as are asked for
