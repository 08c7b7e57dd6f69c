"""What a browser sends as a drawing is strokes within limits, or nothing: it may be forged."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassbox.ui.components.canvas import MAX_POINTS, MAX_STROKES, THICKEST, THINNEST, Drawing, parse, unfinished

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["strokes", "thickness", "x"]), inner),
    max_leaves=20,
)


def test_drawing_arrives_as_it_was_drawn() -> None:
    sent = {"strokes": [[[0.1, 0.2], [0.3, 0.4]], [[1, 0]]], "thickness": 20}
    assert parse(sent) == Drawing((((0.1, 0.2), (0.3, 0.4)), ((1.0, 0.0),)), 20.0)


def test_a_drawing_tells_whether_the_pen_is_still_down() -> None:
    sent = {"strokes": [[[0.1, 0.2]]], "thickness": 20}
    assert unfinished(sent | {"live": True})
    assert not unfinished(sent | {"live": False}) and not unfinished(sent) and not unfinished({"live": True})


def test_cleared_sheet_is_an_empty_drawing() -> None:
    assert parse({"strokes": [], "thickness": 18}) == Drawing((), 18.0)


def test_what_leaves_the_sheet_is_brought_back() -> None:
    sent = {"strokes": [[[-5, 0.5], [2, 9e9]]], "thickness": 1e6}
    assert parse(sent) == Drawing((((0.0, 0.5), (1.0, 1.0)),), THICKEST)
    assert parse({"strokes": [], "thickness": -1}) == Drawing((), THINNEST)


@pytest.mark.parametrize(
    "forged",
    [
        None,
        "strokes",
        [],
        {},
        {"strokes": []},
        {"strokes": {}, "thickness": 18},
        {"strokes": [1], "thickness": 18},
        {"strokes": [[1]], "thickness": 18},
        {"strokes": [[[1, 2, 3]]], "thickness": 18},
        {"strokes": [[["a", 0]]], "thickness": 18},
        {"strokes": [[[math.nan, 0]]], "thickness": 18},
        {"strokes": [[[math.inf, 0]]], "thickness": 18},
        {"strokes": [[[True, 0]]], "thickness": 18},
        {"strokes": [], "thickness": "18"},
        {"strokes": [], "thickness": math.nan},
        {"strokes": [[[0, 0]]] * (MAX_STROKES + 1), "thickness": 18},
        {"strokes": [[[0, 0]] * (MAX_POINTS + 1)], "thickness": 18},
        {"strokes": [[[10**400, 0]]], "thickness": 18},
    ],
)
def test_anything_else_is_refused(forged: object) -> None:
    assert parse(forged) is None


@given(JSON)
@settings(derandomize=True, deadline=None, max_examples=200)
def test_no_json_does_harm(value: object) -> None:
    drawing = parse(value)
    if drawing is not None:
        assert THINNEST <= drawing.thickness <= THICKEST
        assert all(0 <= x <= 1 and 0 <= y <= 1 for stroke in drawing.strokes for x, y in stroke)
