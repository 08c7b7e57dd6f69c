"""What a run costs for each element that it draws, without what Streamlit does for others than this dashboard.

Streamlit 1.67 writes a component's data as JSON, and a second time for an identity that a component with a key does not
have; it lists the whole session at each number, list and slider, to look for one key; and it copies a message's
metadata aside and back to hash the rest. This relies on private parts of it; tests/ui/server/test_elements.py says when
they change.
"""

from collections.abc import ItemsView, Iterator, Mapping
from typing import Any

import msgspec
from streamlit import config
from streamlit.components.v2.bidi_component import main as bidi_component
from streamlit.components.v2.bidi_component.main import BidiComponentMixin
from streamlit.components.v2.bidi_component.serialization import serialize_mixed_data
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_cache import create_reference_msg
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext, ThreadState
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.util import calc_hash

_enqueue = ScriptRunContext.enqueue
_identity = BidiComponentMixin._build_bidi_identity_kwargs
_filtered_state: Any = SafeSessionState.filtered_state


def prepare() -> None:
    """Once a process, before the first visitor: have elements cost less."""
    BidiComponentMixin._build_bidi_identity_kwargs = _no_identity  # type: ignore[assignment, method-assign]
    bidi_component.serialize_mixed_data = _write_quickly  # type: ignore[assignment, attr-defined]
    ScriptRunContext.enqueue = _enqueue_shortly  # type: ignore[assignment, method-assign]
    SafeSessionState.filtered_state = property(Looked)  # type: ignore[assignment, method-assign]


class Looked(Mapping[str, Any]):
    """What the pages can see of a session: one entry looked up by itself, all of them only where all are asked for."""

    def __init__(self, state: SafeSessionState) -> None:
        self._state = state

    def __getitem__(self, key: str) -> Any:
        if key.startswith("$$"):  # Streamlit's own, which it may hide
            return self._all()[key]
        return self._state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def items(self) -> ItemsView[str, Any]:
        """Return all entries, looked up at once."""
        return self._all().items()

    def _all(self) -> dict[str, Any]:
        everything: dict[str, Any] = _filtered_state.fget(self._state)
        return everything


def _no_identity(mixin: BidiComponentMixin, **about: Any) -> dict[str, Any]:
    """Return nothing: the key of a component is all of its identity, and ui/components/register.py asks for one."""
    return {}


def _write_quickly(data: Any, component: BidiComponent) -> None:
    """Write a component's data as JSON: what ui/components/register.py makes of them is a list, and holds no tables."""
    try:
        component.json = msgspec.json.encode(data).decode()
    except (TypeError, ValueError):  # a number of NumPy's, half a character: Streamlit writes those its own way
        serialize_mixed_data(data, component)


def _enqueue_shortly(context: ScriptRunContext, message: ForwardMsg) -> None:
    """Send a message of a run, or where the browser holds it, its hash. That of an element is the one of its delta."""
    if message.hash or not message.HasField("delta"):
        _enqueue(context, message)
        return
    message.metadata.active_script_hash = ThreadState.get().active_script_hash
    written = message.delta.SerializeToString(deterministic=True)
    message.hash = calc_hash(written)
    if len(written) >= config.get_option("global.minCachedMessageSize"):
        message.metadata.cacheable = message.delta.HasField("new_element")
        if message.metadata.cacheable and message.hash in context.cached_message_hashes:
            message = create_reference_msg(message)
    context._enqueue(message)
