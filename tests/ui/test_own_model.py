"""The page on a model of the visitor's own, without a browser: examples, files, what is clicked, what is refused."""

import threading
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

from glassbox.engine import isolation
from glassbox.input_error import InputError
from glassbox.inspection.commands import COMMANDS
from glassbox.inspection.requests import Compare, Read, Run
from glassbox.ui.base import i18n
from glassbox.ui.pages.own_model import (
    asking,
    comparing,
    detected,
    figure,
    making,
    other_inputs,
    picture_form,
    state,
    view,
)
from glassbox.ui.pages.own_model.asking import Model
from glassbox.zoo import tiny_models
from tests.ui.dashboard import component, components, is_said, map_values, visit

EN = i18n.strings("en")


def own(data: bytes, name: str = "mine.onnx", **link: str) -> AppTest:
    """The page as a visitor sees it who has dropped in a file."""
    held = {state.FILE.key: Model(name, data), state.CHOSEN.key: state.OWN}
    return visit("own_model", state=held, **link)


def is_there(app: AppTest, key: str) -> bool:
    return any(is_said(key, one.value) for one in [*app.markdown, *app.caption, *app.error, *app.warning])


def nodes(app: AppTest, graph: int = 0) -> list[tuple[str, str]]:
    return [(node["kind"], node["operator"]) for node in component(app, "operator_graph")["graphs"][graph]["nodes"]]


def model(*steps: Any, inputs: dict[str, Any], outputs: dict[str, Any], opset: int = 18) -> bytes:
    def values(shapes: dict[str, Any]) -> list[Any]:
        return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]

    graph = helper.make_graph(list(steps), "g", values(inputs), values(outputs))
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    return bytes(made.SerializeToString())


def test_an_example_is_drawn_at_once_with_its_dearest_operator_in_front() -> None:
    app = visit("own_model")
    drawn = component(app, "operator_graph")
    assert nodes(app)[:3] == [("input", ""), ("operator", "Conv"), ("operator", "Relu")]
    assert nodes(app)[-1] == ("output", "")
    assert drawn["graphs"][0]["edges"][0] == [0, 1, 0]
    costs = drawn["measures"]["multiply_adds"]["values"][0]
    assert drawn["asked"]["node"] == costs.index(max(cost or 0 for cost in costs))
    assert app.subheader[0].value.startswith("[Conv](https://onnx.ai/")
    # An example runs by itself, on the visitor's digit: its tensors have a range, and a picture.
    assert drawn["measures"]["range"]["largest"] is True
    assert component(app, "maps")["rows"][0]["tiles"][0]["title"] == "conv/sum"


def test_a_file_of_ones_own_is_read_and_run_when_asked() -> None:
    data = model(
        helper.make_node("Relu", ["x"], ["h"], name="first"),
        helper.make_node("Neg", ["h"], ["y"], name="second"),
        inputs={"x": ["N", 3]},
        outputs={"y": ["N", 3]},
    )
    app = own(data)
    assert nodes(app) == [("input", ""), ("operator", "Relu"), ("operator", "Neg"), ("output", "")]
    assert "range" not in component(app, "operator_graph")["measures"]
    app.button(key="own_model_panel_run").click().run()
    drawn = component(app, "operator_graph")
    assert "range" in drawn["measures"]
    # Random numbers with seed 0: what the page shows is what NumPy says of them.
    values = drawn["measures"]["range"]["values"][0]
    assert values[2] == values[3] == values[1] > 0


def test_nothing_of_a_file_is_parsed_in_the_dashboards_process(monkeypatch: pytest.MonkeyPatch) -> None:
    import onnx

    def parsed(*given: object, **options: object) -> None:
        pytest.fail("a model was parsed in this process")

    data = tiny_models.residual()
    monkeypatch.setattr(onnx, "load_from_string", parsed)
    monkeypatch.setattr(onnx.ModelProto, "ParseFromString", parsed, raising=False)
    app = own(data)
    assert len(nodes(app)) > 60
    assert not app.error


@pytest.mark.parametrize("data", [b"", b"no model", b"\x08\x0a" * 50], ids=["empty", "text", "noise"])
def test_what_is_no_model_is_refused_in_a_sentence_and_the_file_stays(data: bytes) -> None:
    app = own(data)
    assert is_there(app, "own_model.error.not_onnx") or is_there(app, "own_model.error.not_a_model")
    assert app.session_state[state.FILE.key].data == data
    app.selectbox(key="own_model_choice").select("cnn").run()
    assert not app.error and nodes(app)[1] == ("operator", "Conv")


def test_a_link_leads_to_a_tensor() -> None:
    app = visit("own_model", model="residual", tensor="kept0", colour="bytes")
    drawn = component(app, "operator_graph")
    assert drawn["asked"]["node"] == nodes(app).index(("operator", "Relu"))
    assert drawn["measure"] == "bytes"
    assert app.subheader[0].value.startswith("[Relu](")


@pytest.mark.parametrize(
    "link", [{"model": "../cnn"}, {"model": "own"}, {"section": "steal"}, {"colour": "red"}, {"tensor": "9:x" * 200}]
)
def test_a_forged_link_is_passed_over(link: dict[str, str]) -> None:
    app = visit("own_model", **link)
    assert nodes(app)[1] == ("operator", "Conv")
    assert not app.error


def test_the_bodies_of_an_if_and_a_loop_can_be_entered() -> None:
    app = visit("own_model", model="loops")
    graphs = component(app, "operator_graph")["graphs"]
    (branching,) = [node for node in graphs[0]["nodes"] if node["operator"] == "If"]
    titles = [graphs[body]["title"] for body in branching["bodies"]]
    assert titles == ["If · then_branch", "If · else_branch"]
    (loop,) = [node for body in branching["bodies"] for node in graphs[body]["nodes"] if node["operator"] == "Loop"]
    inner = graphs[loop["bodies"][0]]
    assert graphs[inner["parent"]]["title"] == "If · then_branch"
    # The body multiplies by x, which it reads from the main graph.
    assert ("input", "x") in [(node["kind"], node["name"]) for node in inner["nodes"]]


def test_the_page_says_where_nan_begins() -> None:
    app = visit("own_model", model="no_number", section="run")
    drawn = component(app, "operator_graph")
    marks = {drawn["graphs"][0]["nodes"][node]["name"]: kind for _, node, kind in drawn["marks"]}
    assert [name for name, kind in marks.items() if kind == "first"] == ["logarithm"]
    assert "first_bad" not in marks and len(marks) >= 3
    assert any("`logarithm`" in one.value and "NaN" in one.value for one in app.markdown)


def test_an_input_is_chosen_by_its_source_and_sizes() -> None:
    app = visit("own_model", model="residual", section="run")
    batch = next(one for one in app.number_input if "`N`" in one.label)
    batch.set_value(3).run()
    app.button(key="own_model_run").click().run()
    rows = [one.value for one in app.html if "<table>" in one.value and "filtered0" in one.value]
    assert any("3 × 4 × 12 × 12" in row for row in rows)


def test_both_languages_have_a_sentence_for_every_refusal() -> None:
    import re
    from pathlib import Path

    import glassbox.engine
    import glassbox.inspection

    folders = [Path(str(package.__file__)).parent for package in (glassbox.engine, glassbox.inspection)]
    text = "\n".join(file.read_text(encoding="utf-8") for folder in folders for file in folder.rglob("*.py"))
    codes = set(re.findall(r'InputError\(\s*"([a-z_]+)"', text)) | set(re.findall(r'Refusal\("([a-z_]+)"', text))
    assert len(codes) > 30
    for language in ("en", "zh"):
        known = i18n.strings(language)
        assert not {code for code in codes if f"own_model.error.{code}" not in known}


def test_both_languages_have_a_sentence_for_every_finding() -> None:
    import re

    from glassbox.inspection import findings

    documented = re.findall(r"`([a-z_]+)`", str(findings.findings.__doc__))
    codes = {code for code in documented if code not in ("code", "level", "count", "names", "bytes")}
    for language in ("en", "zh"):
        known = i18n.strings(language)
        assert not {code for code in codes if f"own_model.finding.{code}" not in known}


def test_an_example_is_explained_by_a_map_with_its_score_and_by_terms() -> None:
    app = visit("own_model", section="explain", tensor="probabilities", cell="0-1")
    assert not app.error
    # The map is of the picture's size, beside the curves of its score.
    (tile,) = [row["tiles"][0] for row in components(app, "maps")[-1]["rows"]]
    assert (tile["rows"], tile["columns"]) == (28, 28)
    assert [curve["name"] for curve in components(app, "curves")[-1]["curves"]] == [
        EN["own_model.explain.insertion"],
        EN["own_model.explain.deletion"],
    ]
    # A probability is a share of ten exponentials, each read from a logit.
    assert is_there(app, "own_model.explain.kind_softmax")
    (terms,) = [one.value for one in app.html if EN["own_model.explain.column_product"] in one.value]
    assert terms.count("<tr") == 11 and "[0, 1]" in terms
    # The cell that the largest term was read from is a click away.
    app.button(key="own_model_follow_0").click().run()
    assert is_there(app, "own_model.explain.kind_sum")
    assert (app.query_params["cell"], app.query_params["tensor"]) == ("0-1", "logits")


def test_two_models_are_compared_to_the_first_tensor_that_differs() -> None:
    """Two chains that are alike up to their second step."""
    inputs, outputs = {"x": ["N", 4]}, {"y": ["N", 4]}
    steps = [helper.make_node("Abs", ["x"], ["a"]), helper.make_node("Exp", ["a"], ["b"])]
    one = model(*steps, helper.make_node("Neg", ["b"], ["y"]), inputs=inputs, outputs=outputs)
    steps[1] = helper.make_node("Sin", ["a"], ["b"])
    two = model(*steps, helper.make_node("Neg", ["b"], ["y"]), inputs=inputs, outputs=outputs)
    held = {
        state.FILE.key: Model("one.onnx", one),
        state.CHOSEN.key: state.OWN,
        comparing._FILE.key: Model("two.onnx", two),
        comparing._CHOSEN.key: comparing.OTHER,
    }
    app = visit("own_model", state=held, section="compare")
    assert not app.error
    assert any("`b`" in one.value and "`Exp`" in one.value for one in app.markdown)
    drawn = component(app, "operator_graph")
    marks = {drawn["graphs"][0]["nodes"][node]["operator"]: kind for _, node, kind in drawn["marks"]}
    assert marks == {"Exp": "first", "Neg": "bad"}
    assert drawn["measure"] == "difference"


def test_a_model_compared_with_itself_is_alike() -> None:
    app = visit("own_model", section="compare", **{"with": comparing.UNOPTIMISED})
    # Whether its numbers change in the last bit without optimisation depends on the processor.
    said = tuple(EN[f"own_model.compare.{one}"].split("{")[0] for one in ("alike", "all_equal"))
    assert any(one.value.startswith(said) for one in app.markdown)
    rows = components(app, "tensor_rows")[-1]["rows"]
    assert {"probabilities", "logits"} <= {row["name"] for row in rows}
    assert all(row["values"][0] == EN["own_model.compare.equal"] for row in rows if not any(row["shares"]))
    assert component(app, "operator_graph")["marks"] == []


@pytest.mark.parametrize("kind", making.KINDS)
def test_each_kind_of_model_is_made_and_checked_before_it_is_offered(kind: str) -> None:
    app = visit("own_model", section="make", kind=kind)
    assert not app.success
    app.button(key="own_model_make").click().run()
    assert not app.error
    (checked,) = app.success
    assert is_said("own_model.make.checked_tensors_same", checked.value) == (kind in ("taps", "submodel"))
    (offered,) = [one for one in app.get("download_button") if one.proto.id.endswith("own_model_made")]
    assert ("onnx" in str(offered.proto) and "MB" in offered.proto.label) or "kB" in offered.proto.label


def test_what_cannot_be_made_is_said_and_nothing_is_offered() -> None:
    data = model(helper.make_node("Sign", ["x"], ["y"]), inputs={"x": ["N", 2]}, outputs={"y": ["N", 2]})
    app = own(data, section="make", kind="int8_dynamic")
    app.button(key="own_model_make").click().run()
    assert is_there(app, "own_model.error.cannot_make")
    assert not app.success


def test_operators_that_compute_constants_are_drawn_only_when_asked() -> None:
    data = model(
        helper.make_node("Constant", [], ["two"], value_float=2.0),
        helper.make_node("Exp", ["two"], ["scale"]),
        helper.make_node("Mul", ["x", "scale"], ["y"]),
        inputs={"x": ["N", 2]},
        outputs={"y": ["N", 2]},
    )
    app = own(data)
    assert [kind for _, kind in nodes(app)] == ["", "Mul", ""]
    (box,) = [one for one in app.checkbox if one.label == EN["own_model.constants"]]
    box.check().run()
    assert [kind for _, kind in nodes(app)] == ["", "Exp", "Mul", ""]


def test_blocks_keep_their_operators_when_others_are_left_out() -> None:
    blocks = [
        {"name": "a", "first": 0, "last": 5, "parent": None, "alike": 0},
        {"name": "a/b", "first": 1, "last": 2, "parent": 0, "alike": 1},
        {"name": "a/c", "first": 3, "last": 5, "parent": 0, "alike": 2},
    ]
    assert figure._groups(blocks, [0, 2, 4, 5], 10) == [("a", 10, 13, -1, 0), ("a/c", 12, 13, 0, 2)]


def test_a_model_that_cannot_be_run_gives_a_sentence_and_the_page_goes_on() -> None:
    """An integer division by zero."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.INT32, [1]) for name in "xy")
    steps = [helper.make_node("Sub", ["x", "x"], ["zero"]), helper.make_node("Div", ["x", "zero"], ["y"])]
    graph = helper.make_graph(steps, "g", [x], [y])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    app = own(bytes(made.SerializeToString()))
    app.button(key="own_model_panel_run").click().run()
    assert is_there(app, "own_model.error.cannot_run")
    assert nodes(app)[2] == ("operator", "Div") and app.session_state[state.FILE.key] is not None
    app.selectbox(key="own_model_choice").select("residual").run()
    assert not app.error


def test_a_picture_is_prepared_as_the_visitor_says() -> None:
    """The digit times 1 / 0.5 less 0.25 / 0.5: of 0 to 1 it becomes -0.5 to 1.5."""
    held = {
        picture_form._PRESET.key: picture_form.CUSTOM,
        picture_form._MEAN.key: (0.25,),
        picture_form._STD.key: (0.5,),
    }
    app = visit("own_model", state=held, section="run", tensor="picture")
    (values,) = [map_values(row["tiles"][0]) for row in component(app, "maps")["rows"]]
    assert values.min() == -0.5 and values.max() == pytest.approx(1.5, abs=0.01)
    assert picture_form.read_numbers("0.5, 0.25，1") == (0.5, 0.25, 1.0)
    for text in ("", "a", "1, 2, 3, 4, 5", "nan", "1e999"):
        assert picture_form.read_numbers(text) is None


def test_what_stands_in_the_way_of_gradients_is_said_where_it_is_unfolded() -> None:
    app = visit("own_model", state={"own_model_gradients": True})
    assert any(is_said("own_model.gradients_yes", one.value) for one in app.markdown)


def test_a_run_shows_first_what_the_model_got_and_the_top_of_what_it_says() -> None:
    app = visit("own_model", section="run")
    (picture,) = [one.value for one in app.html if 'class="gb-fed"' in one.value]
    assert "data:image/png" in picture
    (top,) = [one.value for one in app.html if "%" in one.value and "<table>" in one.value]
    assert top.count("<tr>") == 5
    rows = component(app, "tensor_rows")["rows"]
    assert [row["name"] for row in rows][-2:] == ["logits", "probabilities"]
    assert sum(rows[-1]["counts"]) == 10


def test_a_text_is_read_through_the_files_own_tokens() -> None:
    app = visit("own_model", model="text_en_gru", section="run")
    app.text_area[0].set_value("A wonderful zzqx film.").run()
    app.button(key="own_model_run").click().run()
    (tokens,) = [one.value for one in app.html if 'class="gb-tokens"' in one.value]
    assert tokens.count("<li") == 5 and tokens.count("gb-unknown") == 1
    (top,) = [one.value for one in app.html if "%" in one.value and "<table>" in one.value]
    assert "positive" in top and "negative" in top
    assert not app.error


def test_every_other_input_can_be_given_a_value() -> None:
    x, state_, rate = (
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3]),
        helper.make_tensor_value_info("state", TensorProto.FLOAT, ["N", 3]),
        helper.make_tensor_value_info("sr", TensorProto.INT64, []),
    )
    steps = [
        helper.make_node("Cast", ["sr"], ["rate"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["state", "rate"], ["h"]),
        helper.make_node("Add", ["x", "h"], ["y"]),
    ]
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3])
    graph = helper.make_graph(steps, "g", [x, state_, rate], [y])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    app = own(bytes(made.SerializeToString()), section="run")
    assert [box.value for box in app.text_input] == ["", "0", "16000"]
    for number, text in enumerate(("1, 2, 4, 5", "0.5", "8")):
        app.text_input[number].set_value(text).run()
    assert is_there(app, "own_model.feed.unreadable")  # four numbers are no rows of three
    app.text_input[0].set_value("2").run()
    app.button(key="own_model_run").click().run()
    (row,) = [row for row in component(app, "tensor_rows")["rows"] if row["name"] == "y"]
    assert row["values"][1] == "6"


def test_a_preparation_of_ones_own_begins_as_the_one_before() -> None:
    data = model(helper.make_node("Relu", ["x"], ["y"]), inputs={"x": [1, 3, 9, 9]}, outputs={"y": [1, 3, 9, 9]})
    app = own(data, section="run")
    (preset,) = [one for one in app.selectbox if one.label == EN["own_model.feed.preset"]]
    preset.select(picture_form.CUSTOM).run()
    mean, std = (app.text_input[place].value for place in (0, 1))
    assert (mean, std) == ("0.485, 0.456, 0.406", "0.229, 0.224, 0.225")  # of ImageNet, which such a shape speaks for


def test_the_numbers_of_tokens_can_be_written_by_hand() -> None:
    """Of a model that looks them up in a table and carries no vocabulary."""
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "sequence"])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", "sequence", 1])
    table = helper.make_tensor("table", TensorProto.FLOAT, [4, 1], [0, 10, 20, 30])
    graph = helper.make_graph([helper.make_node("Gather", ["table", "input_ids"], ["y"])], "g", [ids], [y], [table])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    app = own(bytes(made.SerializeToString()), section="run")
    assert is_there(app, "own_model.feed.tokens")
    app.text_input[0].set_value("3, 1, 2, 1").run()
    app.button(key="own_model_run").click().run()
    (row,) = [row for row in component(app, "tensor_rows")["rows"] if row["name"] == "y"]
    assert "1 × 4 × 1" in row["about"] and row["values"][:2] == ["10 … 30", "17.5"]


@pytest.mark.parametrize(
    ("shape", "count", "expected"),
    [
        (["N", "T"], 5, [1, 5]),
        (["N", 3], 6, [2, 3]),
        (["N", 3], 4, None),
        ([2, 2], 4, [2, 2]),
        ([], 1, []),
        ([3], 2, None),
    ],
)
def test_numbers_fill_the_sizes_that_are_free(shape: list[int | str], count: int, expected: list[int] | None) -> None:
    assert other_inputs._filled(shape, count) == expected


def test_a_difference_inside_the_branch_taken_is_marked_there() -> None:
    data = tiny_models.loops()
    other = onnx.load_from_string(data)
    for node in other.graph.node:
        for part in node.attribute:
            for inner in part.g.node:
                inner.op_type = "Abs" if inner.op_type == "Neg" else inner.op_type
    arrays = {"x": np.array([2, 3], np.float32), "times": np.array(-1)}
    found = figure.levels(COMMANDS["read"]([data], Read(), {}).facts["graphs"])
    compared = COMMANDS["compare"]([data, other.SerializeToString()], Compare(), arrays).facts
    marks = figure.differing_nodes(found, compared)
    first = [place for place, kind in marks.items() if kind == "first"]
    assert [found.graphs[graph].operator(node)["operator"] for graph, node in first] == ["Neg"]
    assert found.graphs[first[0][0]].path == ("y:else_branch",)


def test_a_graph_whose_costs_nobody_knows_is_coloured_by_what_is_known() -> None:
    found = figure.levels(COMMANDS["read"]([tiny_models.loops()], Read(), {}).facts["graphs"])
    drawn = figure.figure(found, "1", None)
    assert not any(value for graph in drawn.measures["multiply_adds"].values for value in graph)
    facts = COMMANDS["run"]([tiny_models.loops()], Run(times=True), {}).facts
    assert view._telling(figure.figure(found, "1", facts)) in ("parameters", "bytes", "time")


def test_boxes_lie_over_the_picture_by_shares_of_its_sides() -> None:
    found = {"height": 50, "width": 200, "boxes": [{"label": "cat", "score": 0.5, "corners": [-10, 10, 100, 60]}]}
    drawn = detected.over("<img>", found)
    assert "left:0.00%;top:20.00%;width:50.00%;height:80.00%" in drawn and "<b>1</b>" in drawn
    assert detected.over("<img>", None) == "<img>"
    two = detected.over("<img>", found | {"boxes": 2 * found["boxes"]})
    assert two.index("<b>2</b>") < two.index("<b>1</b>"), "the best lies over the others"


def test_what_takes_long_can_be_stopped_and_is_not_asked_again_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit ends a run where it draws something: here where the first progress is drawn."""
    ended: list[str] = []
    over = threading.Event()

    def call(sandbox: object, *given: object, **options: object) -> None:
        over.wait(30)
        raise InputError("model_crashed", "ended", signal="SIGKILL")

    def end(sandbox: object, session: str) -> None:
        ended.append(session)
        over.set()

    def tell(*given: object) -> None:
        raise StopException

    monkeypatch.setattr(isolation.Sandbox, "call", call)
    monkeypatch.setattr(isolation.Sandbox, "end", end)
    monkeypatch.setattr(asking, "_tell", tell)
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.0)
    data = tiny_models.no_number()
    app = own(data)
    assert len(ended) == 1
    (stop,) = [one for one in app.button if one.label == EN["own_model.stop"]]
    stop.click().run()
    assert is_there(app, "own_model.error.stopped") or any(EN["own_model.error.stopped"] in x.value for x in app.info)
    assert len(ended) == 1
    over.clear()
    app.button(key="own_model_go_on").click().run()
    assert len(ended) == 2
