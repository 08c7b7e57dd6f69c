"""Where the visitor's digit is, what the session holds, and the button that erases all and looks for what is left."""

import html
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from glassbox.engine import isolation
from glassbox.trust import session_contents
from glassbox.trust.forgetting import forgetting_study
from glassbox.ui.base import formats, link, state
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts.pixels import thumbnail
from glassbox.ui.charts.tables import table
from glassbox.ui.frame import picture, uploads
from glassbox.ui.frame.picture import Picture
from glassbox.ui.frame.shell import Page


@dataclass(frozen=True)
class Erased:
    """What the button did: entries and bytes erased, and the copies of the digit found `before` and `after`."""

    entries: int
    octets: int
    before: int
    after: int


_ERASED: Entry[Erased | None] = declare("privacy_erased", Kind.INTERNAL, None)


def places(page: Page) -> None:
    """Draw where the visitor's digit is, the button that erases it, and what the button did."""
    held = state.entries()
    octets = sum(session_contents.size(value) for value in held.values()) + uploads.parked()
    found = {
        "memory": _copies(held, page.picture),
        "address": _copies({"link": st.query_params.to_dict()}, page.picture),
    }
    lines = [(str(count), t(f"privacy.place_{name}", octets=_size(octets))) for name, count in found.items()]
    lines += [(t("privacy.never"), t(f"privacy.place_{name}")) for name in ("disk", "others", "training")]
    items = "".join(f"<li><b>{html.escape(count)}</b> {html.escape(said)}</li>" for count, said in lines)
    st.html(f'<div class="gb-places">{thumbnail(page.picture.digit)}<ul>{items}</ul></div>')
    st.button(t("privacy.erase"), key="privacy_erase", icon=":material/delete_forever:", on_click=erase)
    erased = _ERASED.get()
    if erased:
        words = {"entries": erased.entries, "octets": _size(erased.octets), "before": erased.before}
        if erased.after:
            st.error(t("privacy.erased_not", after=erased.after, **words), icon=":material/error:")
        else:
            st.success(t("privacy.erased", **words), icon=":material/verified:")
    last_test()


def last_test() -> None:
    """Say when it was last tested that all is forgotten, and how long that took; nothing without a record."""
    if study := forgetting_study():
        st.caption(
            t(
                "privacy.forgotten",
                date=study.date,
                canaries=study.canaries,
                pages=len(study.pages),
                closed=formats.number(round(study.closed_seconds)),
                erased=formats.number(round(study.erased_seconds)),
            )
        )


def contents(page: Page) -> None:
    """Draw the table of what the session holds, by kind, and in how many places the digit was found."""
    held = state.entries()
    kinds = {name: state.kind(name) for name in held}
    rows = []
    for kind in Kind:
        names = [name for name in held if kinds[name] == kind]
        octets = sum(session_contents.size(held[name]) for name in names)
        if names:
            rows.append([t(f"privacy.held_{kind}"), str(len(names)), _size(octets)])
    rows.append([t("privacy.held_uploads"), "–", _size(uploads.parked())])
    heads = [t("privacy.held"), t("privacy.held_entries"), t("privacy.held_bytes")]
    table(t("privacy.held_caption"), heads, rows, show_caption=False)
    st.caption(t("privacy.held_found", count=_copies(held, page.picture)))


def erase() -> None:
    """Erase all that the visitor brought or made, the uploads, the process that knows the visitor's model, and the
    digit in the page's link; then search what is left for the digit.

    Earlier digits in the links of the browser's own history stay there.
    """
    shown, before = picture.current(), state.entries()
    state.erase()
    uploads.drop()
    if context := get_script_run_ctx():
        isolation.shared().end(context.session_id)
    st.query_params.pop("d", None)
    link.forget()
    left = state.entries()
    dropped = before.keys() - left.keys()
    _ERASED.set(
        Erased(
            entries=len(dropped),
            octets=sum(session_contents.size(before[name]) for name in dropped),
            before=_copies(before, shown),
            after=_copies({**left, "link": st.query_params.to_dict()}, shown),
        )
    )


def _copies(entries: Mapping[str, object], shown: Picture) -> int:
    """Return in how many places of `entries` the digit is found."""
    return sum(session_contents.copies(value, shown.digit, shown.link) for value in entries.values())


def _size(octets: int) -> str:
    return f"{octets:,}"
