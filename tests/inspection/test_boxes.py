"""Detectors' boxes, and lines of text in an output's rows, against tables made by hand."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from glassbox.inspection.commands import COMMANDS
from glassbox.inspection.requests import Run

NAMES = {"names": "{0: 'cat', 1: 'dog'}"}


def giving(table: np.ndarray, metadata: dict, shape: list | None = None) -> bytes:
    """A model that gives `table` for any picture."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 64, 96])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, shape or list(table.shape))
    nodes = [
        helper.make_node("ReduceMax", ["x"], ["largest"], keepdims=0),
        helper.make_node("Mul", ["largest", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "table"], ["y"]),
    ]
    weights = [
        helper.make_tensor("zero", TensorProto.FLOAT, [], [0]),
        numpy_helper.from_array(table.astype(np.float32), "table"),
    ]
    made = helper.make_model(
        helper.make_graph(nodes, "g", [x], [y], weights), opset_imports=[helper.make_opsetid("", 18)], ir_version=9
    )
    helper.set_model_props(made, metadata)
    onnx.checker.check_model(made)
    return made.SerializeToString()


def run(data: bytes) -> dict:
    return COMMANDS["run"]([data], Run(), {}).facts


# Centre, width and height; then the scores of cat and dog.
ROWS = np.array(
    [
        [20, 30, 10, 20, 0.9, 0.1],
        [21, 30, 10, 20, 0.8, 0.0],  # nearly the first again: 0.82 in common
        [21, 30, 10, 20, 0.0, 0.7],  # there too, but a dog
        [60, 30, 10, 10, 0.5, 0.0],
        [80, 30, 10, 10, 0.2, 0.1],  # below the least score
        *[[0, 0, 1, 1, 0, 0]] * 5,
    ]
)
BOXES = [
    ("cat", 0.9, [15, 20, 25, 40]),
    ("dog", 0.7, [16, 20, 26, 40]),
    ("cat", 0.5, [55, 25, 65, 35]),
]


@pytest.mark.parametrize("form", ["columns", "rows", "final"])
def test_the_boxes_of_each_form_of_table_are_read(form: str) -> None:
    table = ROWS.T
    if form == "rows":  # the score of an object times those of the labels
        table = np.concatenate([ROWS[:, :4], np.full((len(ROWS), 1), 0.5), 2 * ROWS[:, 4:]], 1)
    if form == "final":
        table = np.array([[*corners, score, name == "dog"] for name, score, corners in BOXES])
    found = run(giving(table[None], NAMES))["boxes"]
    assert (found["form"], found["input"], found["height"], found["width"]) == (form, "x", 64, 96)
    assert found["above"] == (3 if form == "final" else 4)
    for one, (name, score, corners) in zip(found["boxes"], BOXES, strict=True):
        assert one["label"] == name
        np.testing.assert_allclose([one["score"], *one["corners"]], [score, *corners], rtol=1e-5)


@pytest.mark.parametrize(
    ("table", "metadata"),
    [(ROWS.T[None], {}), (ROWS[None, :, :5], NAMES), (np.full((1, 6, 10), np.nan), NAMES), (ROWS.T, NAMES)],
    ids=["no labels", "another shape", "no numbers", "no batch"],
)
def test_other_tables_are_no_boxes(table: np.ndarray, metadata: dict) -> None:
    assert run(giving(table, metadata))["boxes"] is None


def test_a_line_of_text_is_read_off_with_repeats_once_and_blanks_left_out() -> None:
    """Graves et al., 2006: a blank between two equal letters keeps both."""
    rows = [0, 1, 1, 0, 2, 2, 0, 2, 3, 0]
    table = np.eye(4)[rows][None]
    assert run(giving(table, {"character": "a\nb"}))["read_off"] == {"y": "abb "}
    assert run(giving(table, {"labels": "['-', 'a', 'b', 'c']"}))["read_off"] == {"y": "- a a - b b - b c -"}
    assert run(giving(table, {}))["read_off"] == {}
