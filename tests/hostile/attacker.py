"""A visitor who forges messages: the widgets and components of a page, and values that none of them sends."""

import json
import math
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX

from benchmarks.visitor import Visitor
from glassbox.paths import PACKAGE

EVENTS = {
    file.parent.name: tuple(dict.fromkeys(re.findall(r"\bon_(\w+)_change=", file.read_text(encoding="utf-8"))))
    for file in sorted((PACKAGE / "ui" / "components").glob("*/__init__.py"))
}
"""What each component sends, by the component's name."""

NUMBERS = (-1, 0, 1, 3, 10**6, 2**63, 10**400, -0.0, 0.5, 1e308, math.nan, math.inf, -math.inf)
TEXTS = ("", "0", "cnn", "mlp", "\ud800", "\udc00\ud800", "\x00", "é\u0301", "__proto__", "<b>", "a" * 100_000)
PLACES = ({"name": "mlp", "token": True}, {"name": ["mlp"], "token": 0}, {"name": "before", "token": 10**400})
ASKED = (
    {"network": "rnn", "part": "state", "row": True, "unit": 0},
    {"network": {}, "part": [], "row": 0, "unit": 0},
    {"number": 1, "kind": "take", "place": 10**9, "sign": "\ud800"},
    {"number": True, "kind": "more", "place": -1},
    {"number": 1, "kind": "train", "epochs": 10**9},
    {"number": 10**400, "kind": "reset"},
    {"number": 1, "kind": "weight", "layer": 0, "row": -9, "column": 0, "value": math.nan},
    {"number": 1, "kind": "weight", "layer": 0, "row": 0, "column": 0, "value": 1e308},
    {"number": 1, "kind": "shape", "layers": [True], "features": ["x"]},
    {"number": 1, "kind": "shape", "layers": [], "features": [[]]},
    {"kind": ["train"], "epochs": 1},
)
DRAWN = (
    {"strokes": [[[math.nan, 0.5]]], "thickness": 18},
    {"strokes": [[[1e308, -1e308]]], "thickness": True},
    {"strokes": [[[0.5, 0.5]] * 4001], "thickness": 18},
    {"strokes": [[[0.5, 0.5]], []] * 32, "thickness": 1e11},
    {"strokes": {}, "thickness": None},
)
TYPED = (
    {"text": "\ud800 good", "count": 6},
    {"text": "a" * 100_000, "count": True},
    {"text": None, "count": 0},
    {"text": "a", "count": 10**400},
)
NESTED = ([], {}, [[]], [None], {"": {}}, [0, 0, 0], [True, 0, 0], [1e9, 0, 0], list(range(20_000)), {"\ud800": 1})
VALUES: tuple[Any, ...] = (None, True, False, *NUMBERS, *TEXTS, *PLACES, *ASKED, *DRAWN, *TYPED, *NESTED)
"""What is sent as a component's event: JSON of every kind, and forms that are nearly right."""

BROKEN = (
    "[" * 20_000,
    '{"a":' * 20_000,
    "1" * 5_000,
    "no JSON",
    '"\\ud800"',
    "null",
    "NaN",
    "[[[[]]]]",
    '{"value": {"picked": true}}',
    '[{"event": ["picked"]}]',
    '[{"event": "picked"}, 7]',
    "0" * 2_000_000,
)
"""What is sent instead of JSON that holds events."""

SELECTIONS = tuple(
    json.dumps({"selection": one})
    for one in (
        None,
        [],
        {},
        {"rows": None, "points": None, "selected": None},
        *({"rows": [row], "columns": [row]} for row in (-1, True, "0", None, 0.5, 10**9, [0])),
        *({"points": [{"curve_number": i, "point_index": i}]} for i in (-1, True, "0", None, 10**9, [0])),
        {"points": "all", "box": [], "lasso": {}},
        *({"selected": [{"data_type": "node", "data_indices": [i]}]} for i in (-1, True, "0", None, 10**9)),
        {"selected": [{"data_type": ["node"]}, 7, None]},
    )
)


@dataclass(frozen=True)
class Widget:
    """A widget of a page: its id, what it is, the fragment that it is drawn in, and the options that it offers."""

    id: str
    kind: str
    fragment: str
    options: tuple[str, ...]

    @property
    def name(self) -> str:
        """The widget's key, without what tells one version of it from another."""
        return re.sub(r"^\$\$ID-\w+-", "", self.id)


class Attacker(Visitor):
    """One session, and what can be forged in it."""

    def __init__(self, url: str, page: str = "", query: str = "") -> None:
        super().__init__(url, page, query)
        self.widgets: dict[str, Widget] = {}

    async def open(self) -> None:
        """Open the page, and all on it that unfolds."""
        await self.run()
        await self.forge(WidgetState(id=one.id, bool_value=True) for one in self.kind("expandable"))

    forge = Visitor.change

    def kind(self, kind: str) -> list[Widget]:
        """Return the widgets of a kind that are on the page."""
        return [one for one in self.widgets.values() if one.kind == kind]

    def shown(self, component: str) -> list[dict[str, Any]]:
        """Return the data of each component `component` on the page."""
        found = [one.bidi_component for one in self.elements.values() if one.WhichOneof("type") == "bidi_component"]
        return [json.loads(one.json)[0] for one in found if one.component_name == f"glassbox_{component}"]

    def _ended(self, message: ForwardMsg) -> bool:
        shown, page = self.elements, self._page_hash
        ended = super()._ended(message)
        match message.WhichOneof("type"):
            case "new_session" if message.metadata.run.fragment_ids:
                self.elements = shown
            case "new_session":
                self.widgets = {}
            case "navigation" if page:
                self._page_hash = page  # comes back to its page wherever a forged value led
            case "delta":
                self.widgets |= {one.id: one for one in _drawn(message)}
        return ended


def _drawn(message: ForwardMsg) -> Iterator[Widget]:
    """Yield the widget that a message draws: an element or a block with an id."""
    drawn = getattr(message.delta, message.delta.WhichOneof("type") or "new_element")
    name = drawn.WhichOneof("type") if drawn.DESCRIPTOR.name in ("Element", "Block") else None
    proto = getattr(drawn, name) if name else None
    if proto is not None and "id" in proto.DESCRIPTOR.fields_by_name and proto.id:
        kind = proto.component_name.removeprefix("glassbox_") if name == "bidi_component" else str(name)
        options = (getattr(one, "content", one) for one in getattr(proto, "options", ()))
        yield Widget(proto.id, kind, message.delta.fragment_id, tuple(map(str, options)))


def forgeries(widget: Widget) -> list[WidgetState]:
    """Return what is sent from a widget, in an order that is the same each time."""
    states = list(_events(widget)) if widget.kind in EVENTS else []
    states += _of_every_type(widget.id) if widget.kind not in EVENTS else []
    states += [state for text in BROKEN for state in _texts(widget, text)]
    for option in widget.options:
        states += [_with(widget.id, "string_array_value", [option]), WidgetState(id=widget.id, string_value=option)]
    random.Random(widget.name).shuffle(states)
    return states


def trigger(widget: Widget, *events: object) -> WidgetState:
    """Return the message with which the component `widget` sends `events`."""
    return WidgetState(id=_triggers(widget), json_trigger_value=json.dumps(events))


def _triggers(widget: Widget) -> str:
    return f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{widget.id}__events"


def _events(widget: Widget) -> Iterator[WidgetState]:
    for event in EVENTS[widget.kind]:
        for value in VALUES:
            yield trigger(widget, {"event": event, "value": value})
            yield trigger(widget, {"event": event, "value": {"number": 1, "value": value}})
            yield trigger(widget, {"event": event, "value": {"number": value, "value": value}})
            yield WidgetState(id=widget.id, json_value=json.dumps({event: value}))
    yield from _of_every_type(_triggers(widget))


def _texts(widget: Widget, text: str) -> Iterator[WidgetState]:
    yield WidgetState(id=widget.id, json_value=text)
    yield WidgetState(id=widget.id, string_value=text)
    yield WidgetState(id=_triggers(widget), json_trigger_value=text)


def _of_every_type(id: str) -> Iterator[WidgetState]:
    """Yield a value of each type that a message can have, whatever the widget is."""
    yield WidgetState(id=id)
    for truth in (True, False):
        yield WidgetState(id=id, trigger_value=truth)
        yield WidgetState(id=id, bool_value=truth)
    for whole in (-1, 0, -(2**63), 2**63 - 1):
        yield WidgetState(id=id, int_value=whole)
    for number in (-1.0, 0.5, 1e308, math.nan, math.inf):
        yield WidgetState(id=id, double_value=number)
    for text in (*(text for text in TEXTS if text.isprintable() and "\ud800" not in text), "\x00", *SELECTIONS):
        yield WidgetState(id=id, string_value=text)
    for numbers in ([], [math.nan], [math.inf] * 3, [-5.0, 1e300], [0.5] * 20_000):
        yield _with(id, "double_array_value", numbers)
    for wholes in ([], [-1], [2**62], [0, 0, 0]):
        yield _with(id, "int_array_value", wholes)
    for texts in ([], [""], ["x"], ["0", "0"], ["a" * 10_000] * 10):
        yield _with(id, "string_array_value", texts)
    yield WidgetState(id=id, bytes_value=b"abc")
    for name in ("arrow_value", "file_uploader_state_value", "chat_input_value", "string_trigger_value"):
        state = WidgetState(id=id)
        getattr(state, name).SetInParent()
        yield state
    state = WidgetState(id=id)
    state.file_uploader_state_value.uploaded_file_info.add(file_id="none", name="x.png", size=3)
    yield state


def _with(id: str, name: str, values: list[Any]) -> WidgetState:
    state = WidgetState(id=id)
    getattr(state, name).SetInParent()
    getattr(state, name).data.extend(values)
    return state
