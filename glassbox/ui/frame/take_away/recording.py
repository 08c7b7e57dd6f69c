"""What a run of a page draws, read from the messages that Streamlit sends to the browser.

This relies on a private part of Streamlit 1.67, the `enqueue` of a script's run; tests/ui/frame/test_take_away.py says
when it changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from streamlit.proto.Block_pb2 import Block
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.RootContainer_pb2 import RootContainer
from streamlit.runtime.scriptrunner import get_script_run_ctx


@dataclass
class Node:
    """A place on the page: a block with places in it by number, or an element."""

    block: Block | None = None
    element: Element | None = None
    inside: dict[int, Node] = field(default_factory=dict)

    def children(self) -> list[Node]:
        """Return the places in this one, in their order."""
        return [self.inside[number] for number in sorted(self.inside)]


@contextmanager
def recorded() -> Iterator[Node]:
    """Give the main part of the page, empty at first, which is filled by what is drawn meanwhile.

    Nothing of that reaches the browser, which keeps the page as it is.
    """
    context = get_script_run_ctx()
    page = Node(block=Block())
    if context is None:
        yield page
        return
    send = context.enqueue

    context.enqueue = lambda message: _take(page, message)  # type: ignore[method-assign, assignment]
    try:
        yield page
    finally:
        context.enqueue = send  # type: ignore[method-assign]


def _take(page: Node, message: ForwardMsg) -> None:
    path = message.metadata.delta_path
    if message.WhichOneof("type") != "delta" or not path or path[0] != RootContainer.MAIN:
        return
    place = page
    for number in path[1:]:
        place = place.inside.setdefault(number, Node())
    kind = message.delta.WhichOneof("type")
    if kind == "add_block":
        place.block, place.element, place.inside = message.delta.add_block, None, {}
    elif kind == "new_element":
        place.block, place.element, place.inside = None, message.delta.new_element, {}
