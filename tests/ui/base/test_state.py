"""Every entry of a session is declared, and nothing but the registry touches the session."""

import ast
from collections import Counter
from typing import Any

import numpy as np
import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from glassbox.paths import ROOT
from glassbox.trust import session_contents
from glassbox.ui.base import state
from glassbox.ui.base.state import Kind
from glassbox.ui.frame import places
from tests.ui.dashboard import visit

UI = [ROOT / "dashboard.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "glassbox" / "ui").rglob("*.py")]
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in UI}
HOLDING = {"text_input", "text_area", "file_uploader", "camera_input", "chat_input", "audio_input", "data_editor"}
"""Streamlit's widgets that hold what a visitor writes or uploads."""


def calls(tree: ast.AST, names: set[str]) -> list[ast.Call]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [one for one in found if getattr(one.func, "attr", getattr(one.func, "id", "")) in names]


def unknown(app: AppTest) -> list[str]:
    """What the session of `app` holds beside widgets and declared entries."""
    session = app.session_state._state._state
    widgets = session._key_id_mapper
    return [key for key in session.filtered_state if not state.declared(key) and key not in widgets]


def test_no_other_file_touches_the_session() -> None:
    touching = {
        path.name
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "session_state"
    }
    assert touching == {"state.py"}


def test_every_entry_is_declared_once_and_when_its_module_is_imported() -> None:
    declarations = [call for tree in TREES.values() for call in calls(tree, {"declare"})]
    keys = Counter(ast.unparse(call.args[0]) for call in declarations)
    assert len(keys) > 60 and [key for key, times in keys.items() if times > 1] == []
    inside = [
        f"{path.name}:{call.lineno}"
        for path, tree in TREES.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for call in calls(function, {"declare"})
    ]
    assert inside == []


def test_what_holds_a_visitors_words_or_files_is_declared() -> None:
    found = [(path, call) for path, tree in TREES.items() for call in calls(tree, HOLDING)]
    assert len(found) > 5
    for path, call in found:
        (key,) = [ast.unparse(one.value) for one in call.keywords if one.arg == "key"]
        assert key == "key" or key.endswith(".key"), f"{path.name}:{call.lineno}"


@pytest.mark.parametrize("key", places.PLACES)
def test_every_page_declares_what_it_keeps(key: str) -> None:
    app = visit(key)
    assert unknown(app) == []
    digit = app.session_state["picture"]
    holding = {
        name
        for name, value in app.session_state._state._state.filtered_state.items()
        if session_contents.copies(value, digit.digit, digit.link)
    }
    kinds = {name: entry.kind for name in holding if (entry := state.declared(name))}
    assert "picture" in holding and kinds.keys() == holding
    assert {*kinds.values()} <= {Kind.DIGIT, Kind.FILES, Kind.STROKES}


def test_an_entry_that_nobody_declared_is_found() -> None:
    app = visit()
    app.session_state["stray"] = np.zeros(3)
    assert unknown(app.run()) == ["stray"]
    assert streamlit.__version__.startswith("1.67.")


def script() -> None:
    import streamlit as st

    from glassbox.ui.base import state

    entry = state.Entry("count", state.Kind.CONTROL, 1)
    st.slider("size", 0, 9, **state.bound(entry.widget, entry.get(), entry.set, range(5)))
    st.text(f"{entry.get()} {entry.is_set}")


def test_a_bound_widget_shows_and_sets_the_entry_and_passes_over_what_is_not_offered() -> None:
    app = AppTest.from_function(script).run()
    assert (app.slider[0].value, app.text[0].value) == (1, "1 False")
    app.slider[0].set_value(4).run()
    assert (app.slider[0].value, app.text[0].value) == (4, "4 True")
    app.slider[0].set_value(7).run()
    assert (app.slider[0].value, app.text[0].value) == (4, "4 True")


def test_the_parts_of_a_key_are_filled_and_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "_DECLARED", {})
    cell: state.Entry[Any] = state.declare("{page}_cell_{layer}", Kind.CONTROL, None, parameter="{page}")
    one = cell.at(page="cnn", layer="conv")
    assert (one.key, one.parameter, one.widget) == ("cnn_cell_conv", "cnn", "cnn_cell_conv_widget")
    assert state.declared(one.key) == state.declared(one.widget) == cell
    assert state.declared("cnn_cel_conv") is None
    with pytest.raises(ValueError, match="choices"):
        state.declare(cell.key, Kind.DIGIT, None)
