"""Parts of a page that stay closed until they are wanted: the last one opened is in the page's link and in view."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import streamlit as st

from glassbox.ui.base.link import linked
from glassbox.ui.base.state import Entry
from glassbox.ui.components.scroll_to import scroll_to


@dataclass(frozen=True)
class Folds:
    """The parts of one page. `asked`: the one that the link asks for; `shown`: the one that was opened last, by the
    link or by hand; `unfolded`: whether the part {part} is open."""

    asked: Entry[str]
    shown: Entry[str]
    unfolded: Entry[bool]

    def follow(self, parts: Collection[str], controls: Mapping[str, str] = MappingProxyType({})) -> None:
        """Open the part that the link asks for, where it is one of `parts`. Call it before the parts, in each run of
        the page or the fragment that draws them.

        `controls`: the part that a control in the link belongs to, by the control's parameter; a link that names no
        part opens that one.
        """
        named = [part for parameter, part in controls.items() if parameter in st.query_params]
        if named and not self.asked.is_set:
            self.asked.set(named[0])
        linked(self.asked, lambda text: text if text in parts else None)
        asked = self.asked.get()
        if asked != self.shown.get():
            self.shown.set(asked)
            if asked:
                self.unfolded.at(part=asked).set(True)

    def fold(self, part: str, title: str, draw: Callable[[], None]) -> None:
        """Show the title of a part, and what `draw` draws once it is opened."""
        unfolded = self.unfolded.at(part=part)

        def opened() -> None:
            if unfolded.get():
                self.asked.set(part)
                self.shown.set(part)

        with st.expander(title, key=unfolded.key, on_change=opened) as body:
            if body.open:
                draw()

    def bring_into_view(self) -> None:
        """Scroll to the part that the link asks for. Call it once a run, after the parts."""
        part = self.asked.get()
        scroll_to(self.unfolded.at(part=part).key if part else None)
