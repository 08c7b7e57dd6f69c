"""A page to take away: what it shows as one HTML file that works without a server, in every language.

The page is drawn once a language, as the visitor has it: recorded, and not sent to the browser.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from glassbox.ui.base import i18n
from glassbox.ui.base.i18n import LANGUAGES, t
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.components.near_viewport import drawing_all
from glassbox.ui.frame.places import Place
from glassbox.ui.frame.take_away.recording import Node, recorded

if TYPE_CHECKING:
    from glassbox.ui.frame.take_away.page_file import Side

_WANTED: Entry[tuple[str, ...]] = declare("take_away_wanted", Kind.INTERNAL, ())
"""The languages in which the page is still to be recorded; the visitor's own is the last."""
_SIDES: "Entry[tuple[Side, ...]]" = declare("take_away", Kind.RESULTS, ())
"""The page in front as it was recorded, a language each: some 300 kB. It is over with the page."""
_IS_NEW: Entry[bool] = declare("take_away_is_new", Kind.INTERNAL, False)
"""Whether the run that offers what was recorded is still to come."""


def speak() -> None:
    """Have this run speak the language in which the page is to be recorded."""
    if _WANTED.get():
        i18n.speak(_WANTED.get()[0])


def is_wanted() -> bool:
    """Return whether this run is there to be recorded."""
    return bool(_WANTED.get())


def forget() -> None:
    """Forget what was recorded: another page is in front."""
    _WANTED.clear()
    _SIDES.clear()
    _IS_NEW.clear()


@contextmanager
def taken(place: Place) -> Iterator[None]:
    """Record what is drawn meanwhile, if that is wanted, and run again: for the next language, at last for the visitor.

    Nothing recorded is shown: a browser would draw all charts of the page for it. A run that is broken off, as by
    another choice of the visitor's, is recorded anew.
    """
    wanted = _WANTED.get()
    if not wanted:
        if not _IS_NEW.get():
            _SIDES.clear()  # what was recorded is of the page as it was before this run
        _IS_NEW.set(False)
        yield
        return
    try:
        with recorded() as page, drawing_all(), suppress(StopException):  # it has said what it lacks
            yield
    except Exception:
        forget()  # the run that is shown says itself that the page fails
        st.rerun()
    _SIDES.set((*_SIDES.get(), _side(place, page, wanted[0])))
    _IS_NEW.set(len(wanted) == 1)
    _WANTED.set(wanted[1:])
    st.rerun()


def offer(place: Place) -> None:
    """Show the button that makes the file, and then the one that saves it."""
    with st.container(key="gb_take", horizontal=True, vertical_alignment="center"):
        if sides := _SIDES.get():
            address = f"{st.context.url or ''}?{urlencode(st.query_params.to_dict())}"
            st.download_button(
                t("frame.take.save"),
                lambda: _file(sides, address),
                file_name=f"glassbox-{place.key}.html",
                mime="text/html",
                icon=":material/download:",
                on_click="ignore",
                key="take_save",
            )
            st.caption(t("frame.take.ready"))
        else:
            st.button(t("frame.take.make"), icon=":material/draft:", on_click=_want, key="take_make")


def _want() -> None:
    mine = i18n.CHOSEN.get()
    _SIDES.clear()
    _WANTED.set((*(other for other in LANGUAGES if other != mine), mine))


def _side(place: Place, page: Node, language: str) -> "Side":
    from glassbox.ui.frame.take_away import page_file  # here: it brings a Markdown reader and Plotly, which few ask for

    title = f"{t(f'{place.key}.question')} · {t('frame.app.name')}"
    return page_file.side(
        page,
        code=language,
        tag=t("frame.language_tag"),
        name=LANGUAGES[language],
        title=title,
        source=t("frame.take.source"),
    )


def _file(sides: "tuple[Side, ...]", address: str) -> bytes:
    from glassbox.ui.frame.take_away import page_file

    return page_file.page_file(sides, address=address)
