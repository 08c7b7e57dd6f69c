"""Elements cost less and are the same: what is looked up, told apart and sent as Streamlit would do it."""

import inspect
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.components.v2.bidi_component.main import BidiComponentMixin
from streamlit.components.v2.bidi_component.serialization import serialize_mixed_data
from streamlit.elements.lib.utils import compute_and_register_element_id
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import forward_msg_cache
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState
from streamlit.runtime.state.session_state_proxy import SessionStateProxy

from glassbox.ui.server import elements
from glassbox.ui.server.elements import Looked


def element(text: str, path: tuple[int, ...] = (0, 1)) -> ForwardMsg:
    message = ForwardMsg()
    message.delta.new_element.html.body = text
    message.metadata.delta_path[:] = path
    return message


def block() -> ForwardMsg:
    message = ForwardMsg()
    message.delta.add_block.expandable.label = "x" * 20_000
    return message


def finished() -> ForwardMsg:
    return ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)


def sent(messages: list[ForwardMsg], held: frozenset[str] = frozenset()) -> list[ForwardMsg]:
    """Return what reaches the browser of `messages` of a run, if that holds those with the hashes `held`."""
    arrived = list[ForwardMsg]()
    context: Any = SimpleNamespace(cached_message_hashes=held, _enqueue=arrived.append)
    ThreadState.initialize(active_script_hash="page")
    for message in messages:
        elements._enqueue_shortly(context, message)
    return arrived


def test_messages_are_sent_as_streamlit_sends_them_but_for_their_hash() -> None:
    made = (lambda: element("short"), lambda: element("x" * 20_000), block, finished)
    arrived = sent([make() for make in made])
    for make, ours in zip(made, arrived, strict=True):
        theirs = make()
        theirs.metadata.active_script_hash = "page"
        forward_msg_cache.populate_hash_if_needed(theirs)
        assert ours.hash
        theirs.hash = ours.hash
        assert ours == theirs
    assert [one.metadata.cacheable for one in arrived] == [False, True, False, False]


def test_the_hash_tells_what_is_drawn_and_not_where() -> None:
    one, same_elsewhere, other = sent([element("a"), element("a", (0, 2)), element("b")])
    assert one.hash == same_elsewhere.hash != other.hash


def test_what_the_browser_holds_is_named_there_where_it_is_drawn() -> None:
    long = "x" * 20_000
    (first,) = sent([element(long)])
    (again,) = sent([element(long, (0, 7))], frozenset([first.hash]))
    assert again.ref_hash == first.hash
    assert again.metadata.delta_path == [0, 7]
    assert again.metadata.active_script_hash == "page"
    (changed,) = sent([element(f"{long}!")], frozenset([first.hash]))
    assert changed.delta.new_element.html.body == f"{long}!"


@pytest.fixture
def session() -> SafeSessionState:
    state = SessionState()
    state["digit"], state["nothing"] = "abc", None
    state._old_state["$$STREAMLIT_INTERNAL_KEY_hidden"] = 1
    state._old_state["$$ID-0123-None"] = 2  # of a widget without a key
    return SafeSessionState(state, lambda: None)


def test_a_session_looks_the_same_through_one_entry_as_through_all(session: SafeSessionState) -> None:
    everything: Mapping[str, Any] = elements._filtered_state.fget(session)
    looked = Looked(session)
    assert dict(looked) == everything == {"digit": "abc", "nothing": None}
    assert len(looked) == len(everything)
    assert repr(looked) == repr(everything)
    for key in ("digit", "nothing", "absent", "$$STREAMLIT_INTERNAL_KEY_hidden", "$$ID-0123-None"):
        assert (key in looked) == (key in everything)
        assert looked.get(key, "none") == everything.get(key, "none")


def test_one_entry_is_looked_up_without_the_others(session: SafeSessionState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Looked, "_all", lambda looked: pytest.fail("all were looked up"))
    assert Looked(session)["digit"] == "abc"
    assert "absent" not in Looked(session)


def test_a_component_with_a_key_has_no_other_identity() -> None:
    def identity(about: dict[str, Any]) -> str:
        return compute_and_register_element_id(
            "bidi_component", user_key="maps", key_as_main_identity=True, dg=None, **about
        )

    assert identity(elements._no_identity(None, data=[1])) == identity({"json": "digest", "width": 3})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        [{"numbers": [1, -2.5, 1e-9, 0.1], "words": ("中文", "é"), "none": None, "yes": True, "by": {1: "one"}}, 3],
        [{"numpy": np.float64(0.1)}, 0],
        [{"half": "\ud800"}, 0],
    ],
)
def test_a_components_data_arrive_as_before(data: list[Any]) -> None:
    ours, theirs = BidiComponent(), BidiComponent()
    elements._write_quickly(data, ours)
    serialize_mixed_data(data, theirs)
    assert json.loads(ours.json) == json.loads(theirs.json)


def test_the_private_parts_are_as_they_were() -> None:
    """If this fails, read what changed in Streamlit and mend glassbox/ui/server/elements.py."""
    mounted = inspect.getsource(BidiComponentMixin._bidi_component)
    assert "identity_kwargs = self._build_bidi_identity_kwargs(" in mounted
    assert mounted.count("identity_kwargs") == 3  # made, named and handed on; nothing else reads it
    assert "key_as_main_identity=True" in mounted
    assert "serialize_mixed_data(data, bidi_component_proto)" in mounted
    source = inspect.getsource(elements._enqueue)
    assert "populate_hash_if_needed(msg)" in source
    assert "msg.hash in self.cached_message_hashes" in source
    assert "self._enqueue(msg_to_send)" in source
    assert isinstance(vars(SafeSessionState)["filtered_state"], property)
    proxy = inspect.getsource(SessionStateProxy)
    assert proxy.count("filtered_state") == 4  # iteration, length and text, which Looked has, and to_dict
