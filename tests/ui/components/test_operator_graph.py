"""What a browser says was clicked in a graph is a place that the graph has, or nothing: it may be forged."""

import pytest

from glassbox.ui.components.operator_graph import DrawnGraph, Figure, GraphNode, Place, picked_place

_NODES = [GraphNode("input", "x", ""), GraphNode("operator", "first", "", "Relu")]
FIGURE = Figure("1", [DrawnGraph("g", _NODES, [("x", "")], [(0, 1, 0)])], {}, {}, {})


def test_a_node_or_a_tensor_of_the_figure_is_taken() -> None:
    assert picked_place({"graph": 0, "node": 1, "tensor": -1}, FIGURE) == Place(0, 1)
    assert picked_place({"graph": 0, "node": 0, "tensor": 0}, FIGURE) == Place(0, 0, 0)


@pytest.mark.parametrize(
    "forged",
    [
        None,
        "0",
        {"graph": 0},
        {"graph": 1, "node": 0, "tensor": -1},
        {"graph": -1, "node": 0, "tensor": -1},
        {"graph": 0, "node": 2, "tensor": -1},
        {"graph": 0, "node": True, "tensor": -1},
        {"graph": 0, "node": 1, "tensor": 1},
        {"graph": 0, "node": 1, "tensor": -2},
        {"graph": 0, "node": 1.5, "tensor": -1},
    ],
)
def test_anything_else_is_passed_over(forged: object) -> None:
    assert picked_place(forged, FIGURE) is None
