"""What a browser claims that a widget holds becomes its value only if the widget can have it."""

import inspect
import json
from typing import Any

import pytest
from streamlit.components.v2.bidi_component.serialization import BidiComponentSerde, deserialize_trigger_list
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state import session_state
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import WStates

from glassbox.ui.server import messages


@pytest.fixture(autouse=True)
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WStates, "__getitem__", WStates.__getitem__)  # and back again
    messages.prepare()


def value(sent: WidgetState, metadata: WidgetMetadata[Any]) -> Any:
    states = WStates()
    states.set_widget_metadata(metadata)
    states.set_widget_from_proto(sent)
    return states["w"]


def component(**sent: str) -> Any:
    (kind,) = sent
    read = BidiComponentSerde().deserialize if kind == "json_value" else deserialize_trigger_list
    return value(WidgetState(id="w", **sent), WidgetMetadata("w", read, json.dumps, kind))  # type: ignore[arg-type]


def number(sent: WidgetState) -> Any:
    return value(sent, WidgetMetadata("w", lambda given: 7.0 if given is None else given, float, "double_value"))


def test_what_a_widget_can_hold_arrives() -> None:
    assert number(WidgetState(id="w", double_value=0.5)) == 0.5
    assert number(WidgetState(id="w")) == 7.0, "it was cleared"
    assert component(json_value='{"drawing": [1]}') == {"drawing": [1]}
    assert component(json_trigger_value='[{"event": "a", "value": 1}]') == [{"event": "a", "value": 1}]


@pytest.mark.parametrize("sent", [{"string_value": "x"}, {"bool_value": True}, {"json_value": "{"}, {"int_value": 3}])
def test_another_type_counts_as_none(sent: dict[str, Any]) -> None:
    assert number(WidgetState(id="w", **sent)) == 7.0


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 20_000, "1" * 5_000, "[1]", json.dumps({"a": "b" * messages.MOST_JSON})], ids=len
)
def test_what_is_no_json_of_a_component_counts_as_none(text: str) -> None:
    assert component(json_value=text) == {}


@pytest.mark.parametrize("text", ["{", "[" * 20_000, "1" * 5_000, "7", "[7]", '[{"event": ["a"]}]'], ids=len)
def test_what_is_no_event_counts_as_none(text: str) -> None:
    assert not component(json_trigger_value=text)


def test_of_each_event_the_last_counts() -> None:
    events = [{"event": name, "value": number} for number in range(3) for name in "ab"]
    assert component(json_trigger_value=json.dumps(events)) == events[-2:]


def test_a_widget_that_the_page_has_not_drawn_has_no_value() -> None:
    states = WStates()
    states.set_widget_from_proto(WidgetState(id="w", double_value=1))
    with pytest.raises(KeyError):
        states["w"]


def test_streamlit_reads_values_where_they_are_checked() -> None:
    source = inspect.getsource(session_state)
    assert source.count("metadata.deserializer(unpack_widget_state_value(") == 1, "in WStates.__getitem__"
    assert "self._new_widget_state[wid]" in inspect.getsource(session_state.SessionState._dispatch_trigger_callbacks)
