"""What browsers say that widgets hold: a value that no widget of the page can have counts as none.

Streamlit 1.67 turns a widget's message into its value without a look at what came: another type, JSON that is broken or
a thousand lists deep, and the page fails, on every later run too. Of a component's events it calls back for each, with
the value of the last. This relies on private parts of it; tests/ui/server/test_messages.py says when they change.
"""

from typing import Any

from streamlit.runtime.state.common import WidgetMetadata, unpack_widget_state_value
from streamlit.runtime.state.session_state import Serialized, Value, WStates

MOST_JSON = 1_000_000
"""Characters of what one component sends; the longest text of a box takes 400,000, the largest drawing 200,000."""
_stored_value = WStates.__getitem__


def prepare() -> None:
    """Once a process, before the first visitor: have what browsers send checked where it becomes a value."""
    WStates.__getitem__ = _checked_value  # type: ignore[method-assign]


def _checked_value(states: WStates, widget: str) -> Any:
    """Return the value of `widget`; that which it has at first if what came is none. Raises KeyError as before."""
    kept, metadata = states.states.get(widget), states.widget_metadata.get(widget)
    if isinstance(kept, Serialized) and metadata is not None:
        states.states[widget] = Value(_value(kept, metadata))
    return _stored_value(states, widget)


def _value(sent: Serialized, metadata: WidgetMetadata[Any]) -> Any:
    kind = sent.value.WhichOneof("value")  # None: the widget was cleared
    too_long = len(sent.value.json_value) + len(sent.value.json_trigger_value) > MOST_JSON
    if kind in (None, metadata.value_type) and not too_long:
        try:
            value = metadata.deserializer(unpack_widget_state_value(sent.value))
        except Exception:  # whatever a deserializer of Streamlit's raises for what it did not expect
            value = metadata.deserializer(None)
        return _last_of_each(value) if kind == "json_trigger_value" else value
    return metadata.deserializer(None)


def _last_of_each(events: object) -> list[dict[str, Any]] | None:
    """Return the last of the events of each name: the others have been overtaken."""
    if not isinstance(events, list):
        return None
    return list(
        {one["event"]: one for one in events if isinstance(one, dict) and type(one.get("event")) is str}.values()
    )
