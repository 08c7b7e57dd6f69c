"""Terms of the zoo's networks: with random weights, and as shipped. The operators one by one: test_terms_operators.py
and its neighbours."""

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, parser

from glassbox.explain.terms import explain
from glassbox.explain.terms.explain import Inside, Tapped, UnknownOperator, terms
from glassbox.paths import MODELS
from glassbox.zoo import digit_models
from tests.models import ARCHITECTURES, graph, network
from tests.reconcile import reconcile, sampled


def picture(name: str, seed: int = 0) -> NDArray[np.float32]:
    """A blurred stroke on black, as a network of the zoo takes it."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:28, :28]
    centres = rng.uniform(7, 21, (5, 2))
    ink = sum(np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 6) for row, column in centres)
    digit = (np.clip(ink, 0, 1) * 255).astype(np.uint8).astype(np.float32) / 255
    return digit.reshape((1, 1, 28, 28) if name.startswith("cnn") else (1, 28, 28))


def inside(name: str) -> Inside:
    return Tapped(network(name)).run({"picture": picture(name)})


def reconcile_all(inside: Inside, most: int) -> None:
    rng = np.random.default_rng(1)
    for tensor, array in inside.tensors.items():
        if array.dtype.kind == "f":
            for index in sampled(inside, tensor, rng, most):
                reconcile(inside, tensor, index)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_tensor_reconciles(name: str) -> None:
    reconcile_all(inside(name), most=100)


@pytest.mark.parametrize("name", digit_models.names())
def test_every_tensor_of_the_shipped_networks_reconciles(name: str) -> None:
    model = Tapped(MODELS / name / "1" / "model.onnx")
    for seed in range(2):
        reconcile_all(model.run({"picture": picture(name, seed)}), most=200)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_walk_from_the_verdict_ends_at_a_pixel(name: str) -> None:
    seen = inside(name)
    tensor = {"mlp": "dense_1", "cnn": "probabilities", "cnn_deep": "probabilities"}.get(name, "dense")
    index: tuple[int, ...] = (0, 3)
    for _ in range(100):
        found = reconcile(seen, tensor, index)
        if found.kind == "given":
            break
        sums = [found, *found.gates.values()]
        # Through the gates first: from a state they lead to the row that it reads, the blend only to earlier states.
        (heaviest,) = sums[-1].terms.largest(1)
        tensor, index = heaviest.source, heaviest.source_index
    assert tensor == "picture"
    assert found.after == float(picture(name)[index])


def test_tensors_come_in_the_order_of_the_graph() -> None:
    names = [name for name in inside("mlp").tensors if "/kernel" not in name and "/bias" not in name]
    assert names == ["picture", "flatten", "dense/product", "dense/sum", "dense", "dense_1"]


def test_a_dense_cell_names_its_pixels_and_weights() -> None:
    seen = inside("mlp")
    found = seen.terms("dense", (0, 7))
    assert found.operators == ("MatMul", "Add", "Relu")
    assert found.kind == "sum" and len(found.terms) == 784
    term = found.terms[28 * 5 + 3]
    assert (term.source, term.source_index) == ("picture", (0, 5, 3))
    assert (term.weight_source, term.weight_index) == ("dense/kernel", (143, 7))
    assert term.weight == float(seen.tensors["dense/kernel"][143, 7])
    assert found.bias == float(seen.tensors["dense/bias"][7])
    assert found.after == max(found.before, 0)


def test_a_deep_convolution_sums_over_all_channels() -> None:
    found = inside("cnn_deep").terms("conv3", (0, 5, 7, 7))
    assert len(found.terms) == 24 * 9
    assert {term.source for term in found.terms} == {"pool2"}
    assert {term.source_index[1] for term in found.terms} == set(range(24))


def test_largest_terms_come_first() -> None:
    found = inside("mlp").terms("dense_1", (0, 3))
    largest = [abs(term.product) for term in found.terms.largest(5)]
    assert largest == sorted((abs(product) for product in found.terms.products), reverse=True)[:5]
    assert found.terms[-1] == list(found.terms)[127]
    assert found.terms[2:4] == list(found.terms)[2:4]
    with pytest.raises(IndexError):
        found.terms[128]


@pytest.mark.parametrize(("name", "gates"), [("lstm", "iofcC"), ("gru", "zrh"), ("rnn", "")])
def test_gates_through_time(name: str, gates: str) -> None:
    seen = inside(name)
    for tensor in ("layer.Y", "last", "state"):  # the last two are copies of states
        assert list(seen.gates(tensor)) == list(gates)
    assert all(array.shape == (28, 1, 1, 32) for array in seen.gates("layer.Y").values())
    assert seen.gates("dense") == {}
    found = seen.terms("layer.Y", (9, 0, 0, 4))
    assert set(found.gates) == set(gates) - {"C"}
    for gate, explained in found.gates.items():
        assert explained.after == pytest.approx(seen.gates("state")[gate][9, 0, 0, 4], abs=1e-12)
        assert {(term.source, term.source_index[0]) for term in explained.terms} == {("rows", 9), ("layer.Y", 8)} or {
            term.source for term in explained.terms
        } == {"picture", "layer.Y"}


def test_the_last_state_is_the_state_after_the_last_row() -> None:
    seen = inside("rnn")
    assert seen.origin("state", (0, 5)) == ("layer.Y", (27, 0, 0, 5))
    found = seen.terms("dense/sum", (0, 1))
    assert [term.source for term in found.terms] == ["layer.Y"] * 32
    step = seen.terms("layer.Y", (27, 0, 0, 5))
    assert [term.source_index for term in step.terms[:2]] == [(0, 27, 0), (0, 27, 1)]
    assert step.terms[-1].source_index == (26, 0, 0, 31)
    assert step.after == max(step.before, 0)


def test_the_function_asks_on_without_running_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model, feeds = network("mlp").SerializeToString(), {"picture": picture("mlp")}
    first = terms(model, feeds, "dense", (0, 7))
    monkeypatch.setattr(Tapped, "run", None)
    assert terms(model, {"picture": picture("mlp")}, "dense", (0, 7)).after == first.after
    monkeypatch.undo()
    other = terms(model, {"picture": picture("mlp", 1)}, "dense", (0, 7))
    assert other.before != first.before
    assert explain._inside.cache_info().maxsize == explain.KEPT_RUNS


def test_a_model_may_be_bytes_a_path_or_parsed(tmp_path: object) -> None:
    model, feeds = network("mlp"), {"picture": picture("mlp")}
    path = tmp_path / "model.onnx"  # type: ignore[operator]
    path.write_bytes(model.SerializeToString())
    found = {terms(kind, feeds, "dense_1", (0, 7)).after for kind in (model, path, str(path), path.read_bytes())}
    assert len(found) == 1


@pytest.mark.parametrize("index", [(0, 10), (0,), (0, -1), (1, 0), ()], ids=str)
def test_a_cell_that_does_not_exist_is_named(index: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"'dense_1' has no cell \(.*\); its shape is \(1, 10\)"):
        inside("mlp").terms("dense_1", index)


@pytest.mark.parametrize("index", [(0.5, 1), "ab", 3, None], ids=str)
def test_what_is_no_index_is_refused(index: object) -> None:
    with pytest.raises(ValueError, match="an index is a sequence of whole numbers"):
        inside("mlp").terms("dense_1", index)  # type: ignore[arg-type]


def test_what_does_not_exist_is_named() -> None:
    seen = inside("mlp")
    with pytest.raises(ValueError, match=r"no tensor is named 'hidden'; there are .*picture.*dense_1"):
        seen.terms("hidden", (0, 1))
    with pytest.raises(ValueError, match="no tensor is named ''"):
        seen.origin("", ())
    with pytest.raises(ValueError, match="no tensor is named 'x'"):
        seen.gates("x")


@pytest.mark.parametrize(
    "feeds",
    [
        {"picture": np.zeros((1, 28, 27), np.float32)},
        {"picture": np.zeros((1, 28, 28))},
        {"image": np.zeros((1, 28, 28), np.float32)},
        {},
    ],
)
def test_feeds_that_do_not_fit_are_named(feeds: dict[str, NDArray[np.float32]]) -> None:
    with pytest.raises(ValueError, match=r"picture.*(28|float32)"):
        terms(network("mlp"), feeds, "dense", (0, 0))


def test_an_operator_without_a_rule_says_so_by_name() -> None:
    node = helper.make_node("Det", ["x"], ["y"], name="volume")
    seen = Tapped(graph([node], {"x": [7, 7]}, ["y"])).run({"x": np.eye(7, dtype=np.float32)})
    with pytest.raises(UnknownOperator, match="operator Det of node 'volume'") as error:
        seen.terms("y", ())
    assert (error.value.operator, error.value.node) == ("Det", "volume")


def test_an_operator_of_an_older_version_with_other_inputs_says_so_by_name() -> None:
    """TopK took its count as an attribute before opset 10."""
    made = helper.make_node("TopK", ["x"], ["values", "places"], k=2, name="best")
    model = graph([made], {"x": [1, 4]}, ["values"], opset=9)
    run = Tapped(model).run({"x": np.float32([[1, 4, 2, 3]])})
    with pytest.raises(UnknownOperator, match="operator TopK of node 'best'"):
        run.terms("values", (0, 0))


def test_an_operator_of_another_domain_is_not_taken_for_the_standard_one() -> None:
    node = helper.make_node("Unique", ["x"], ["y", "first", "counts"], domain="com.microsoft")
    model = graph([helper.make_node("Identity", ["x"], ["y"])], {"x": [3]}, ["y"])
    model.graph.node[0].CopyFrom(node)
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    seen = Tapped(model).run({"x": np.float32([1, 2, 3])})
    with pytest.raises(UnknownOperator, match=r"com\.microsoft\.Unique of node 'y'"):
        seen.terms("y", (0,))


def test_inputs_and_constants_are_where_a_walk_ends() -> None:
    seen = inside("mlp")
    for tensor, index in (("picture", (0, 14, 14)), ("dense/bias", (3,))):
        found = reconcile(seen, tensor, index)
        assert (found.kind, len(found.terms), found.operators) == ("given", 0, ())
        assert found.after == found.bias == float(seen.tensors[tensor][index])


def test_a_default_that_is_fed_is_no_constant() -> None:
    node = helper.make_node("Add", ["x", "c"], ["y"])
    model = graph([node], {"x": [2], "c": [2]}, ["y"], {"c": np.ones(2, np.float32)})
    x = np.array([1, 2], np.float32)
    plain = Tapped(model).run({"x": x}).terms("y", (1,))
    assert (plain.bias, [term.source for term in plain.terms]) == (1, ["x"])
    fed = Tapped(model).run({"x": x, "c": 5 * x}).terms("y", (1,))
    assert (fed.bias, [term.value for term in fed.terms]) == (0, [2, 10])


def test_text_has_no_terms() -> None:
    model = text_model()
    feeds = {"x": np.array(["a", "b"], object)}
    with pytest.raises(ValueError, match="'x' holds object, no numbers"):
        terms(model, feeds, "x", (0,))


def text_model() -> ModelProto:
    given = helper.make_tensor_value_info("x", TensorProto.STRING, [2])
    made = helper.make_tensor_value_info("y", TensorProto.STRING, [2])
    nodes = [helper.make_node("Identity", ["x"], ["y"])]
    made_graph = helper.make_graph(nodes, "text", [given], [made])
    return helper.make_model(made_graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def test_sequences_and_optional_values_stand_beside_the_tensors() -> None:
    """Inputs, outputs and inner values that are no tensors; the tensors around them are explained all the same."""
    model = parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 18]>
        lists (float[1, 2] x, seq(float[1, 2]) given, optional(seq(float[1, 2])) absent)
            => (float[N, 2] y, seq(float[1, 2]) all, optional(seq(float[1, 2])) still_absent) {
            double = Add (x, x)
            all = SequenceInsert (given, double)
            y = ConcatFromSequence <axis = 0> (all)
            still_absent = Identity (absent)
        }""")
    x = np.array([[1, 2]], np.float32)
    seen = Tapped(model).run({"x": x, "given": [5 * x], "absent": None})
    assert {name: array.tolist() for name, array in seen.tensors.items()} == {
        "x": [[1, 2]], "double": [[2, 4]], "y": [[5, 10], [2, 4]]
    }  # fmt: skip
    assert [term.value for term in reconcile(seen, "double", (0, 1)).terms] == [2, 2]
    with pytest.raises(UnknownOperator, match="ConcatFromSequence"):
        seen.terms("y", (1, 1))
    with pytest.raises(ValueError, match="no tensor is named 'all'; there are x, double, y"):
        seen.terms("all", (0,))


def test_products_are_cells_times_given_weights() -> None:
    seen = inside("mlp")
    hidden, weights = seen.tensors["dense"][0].astype(np.float64), np.linspace(-1, 1, 128)
    found = seen.products("dense", (0,), weights, ("dense_1/kernel", (slice(None), 3)))
    assert len(found) == 128 and np.array_equal(found.products, hidden * weights)
    assert [found[7].source, found[7].source_index] == ["dense", (0, 7)]
    assert [found[7].weight_source, found[7].weight_index] == ["dense_1/kernel", (7, 3)]
    with pytest.raises(ValueError, match="no tensor is named 'nothing'"):
        seen.products("nothing", (0,), weights)
