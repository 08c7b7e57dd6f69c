"""What this session holds of its visitor, shown live, and the button that erases it, with its proof."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from glassbox.trust import session_contents
from glassbox.ui.base import link
from glassbox.ui.base.i18n import t
from glassbox.ui.charts.tables import table
from glassbox.ui.frame import picture, uploads
from glassbox.ui.frame.shell import Page

KINDS = {
    "picture": "digit",
    "drawing": "strokes",
    "readings": "files",
    "taught": "lessons",
    "text_": "texts",
    "writing_": "texts",
    "playground_": "playground",
}
"""The beginning of an entry's name and what it holds; all others are what controls are set to."""
NEVER = "choices"
STAYS = ("language", "language_seen", "language_widget", "provider", "provider_widget", "page")
"""Entries that say nothing of the visitor's digit and without which the page would greet in another language."""
_ERASED = "privacy_erased"


@dataclass(frozen=True)
class Erased:
    """What the button did: entries and bytes dropped, and in how many places the digit was found before and after."""

    entries: int
    octets: int
    before: int
    after: int


def kept(page: Page) -> None:
    """The table of what is held, the button, and what it did."""
    state = _state()
    rows = []
    for kind in dict.fromkeys([*KINDS.values(), NEVER]):
        names = [name for name in state if _kind(name) == kind]
        octets = sum(session_contents.size(state[name]) for name in names)
        if names:
            rows.append([t(f"privacy.held_{kind}"), str(len(names)), _size(octets)])
    rows.append([t("privacy.held_uploads"), "–", _size(uploads.parked())])
    heads = [t("privacy.held"), t("privacy.held_entries"), t("privacy.held_bytes")]
    table(t("privacy.held_caption"), heads, rows, show_caption=False)
    found = sum(session_contents.copies(value, page.picture.digit, page.picture.link) for value in state.values())
    st.caption(t("privacy.held_found", count=found))
    st.button(t("privacy.erase"), key="privacy_erase", icon=":material/delete_forever:", on_click=erase)
    erased: Erased | None = st.session_state.get(_ERASED)
    if erased:
        words = {"entries": erased.entries, "octets": _size(erased.octets), "before": erased.before}
        if erased.after:
            st.error(t("privacy.erased_not", after=erased.after, **words), icon=":material/error:")
        else:
            st.success(t("privacy.erased", **words), icon=":material/verified:")


def erase() -> None:
    """Drop every entry that the visitor brought or made, the uploads, and the digit in the page's link; then search
    what is left for the digit. The digits before it, in the browser's own history, are the browser's."""
    shown = picture.current()
    before = _state()
    for name in before:
        if name not in STAYS:
            del st.session_state[name]
    uploads.drop()
    st.query_params.pop("d", None)
    link.forget()
    left = {**_state(), "link": st.query_params.to_dict()}
    st.session_state[_ERASED] = Erased(
        len(before) - len([name for name in before if name in STAYS]),
        sum(session_contents.size(value) for name, value in before.items() if name not in STAYS),
        *(
            sum(session_contents.copies(value, shown.digit, shown.link) for value in entries.values())
            for entries in (before, left)
        ),
    )


def _state() -> Mapping[str, object]:
    """All entries of the session but this module's own."""
    return {str(name): value for name, value in st.session_state.items() if name != _ERASED}


def _kind(name: str) -> str:
    return next((kind for start, kind in KINDS.items() if name.startswith(start)), NEVER)


def _size(octets: int) -> str:
    return f"{octets:,}"
