"""What a browser sends from a component or a selection: of the one form that was agreed, or it counts as not sent.

class _Picked(msgspec.Struct):
    name: str
    token: Index

picked = parse(sent(key, "picked"), _Picked)
"""

from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar, overload

import msgspec
from msgspec import Meta

from glassbox.ui.base.state import Kind, declare, held, note_choice

Form = TypeVar("Form")
Index = Annotated[int, Meta(ge=0)]
"""A place counted from 0. How many there are is for the component to say."""


class Selected(msgspec.Struct, Generic[Form]):
    """What is selected in a chart or a table."""

    selection: Form


@overload
def parse(value: object, form: type[Form]) -> Form | None: ...
@overload
def parse(value: object, form: Any) -> Any: ...
def parse(value: object, form: Any) -> Any:
    """Return what a browser sent as `form`; None if it is nothing of that form: a message may be forged.

    Types are strict: no truth value is taken for a number and no number for a text; fields that `form` lacks are passed
    over.
    """
    try:
        return msgspec.convert(value, form)
    except (msgspec.ValidationError, UnicodeEncodeError, RecursionError):
        return None


class _Event(msgspec.Struct, forbid_unknown_fields=True):
    number: Annotated[int, Meta(ge=1, le=2**53)]
    value: Any


_LAST = declare("last_event_of_{component}", Kind.INTERNAL, 0, stays=True)


def sent(key: str, event: str) -> object:
    """Return what the component with the Streamlit key `key` has sent as `event`, as it came; None if nothing has.

    For the component's callbacks. The event's number is kept for `last`; a state of a component has none.
    """
    note_choice()
    events = held(key)
    value = events.get(event) if isinstance(events, Mapping) else None
    if numbered := parse(value, _Event):
        _LAST.at(component=key).set(max(numbered.number, last(key)))
        return numbered.value
    return value


def last(key: str) -> int:
    """Return the number of the last event that was taken from the component with the Streamlit key `key`, 0 for none:
    what the browser gets of it follows from that event and those before it."""
    return _LAST.at(component=key).get()
