"""The frame of every page. A page file holds its own widgets and layout and begins with one call:

with shell.page("read") as page:
    st.write(page.reader.read(page.picture.digit))
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from glassbox.digits.reader import Reader
from glassbox.engine import choice as engines
from glassbox.engine import session
from glassbox.paths import ROOT
from glassbox.ui.base import i18n, link, style
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import LANGUAGES, language, prose, t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts.pixels import thumbnail
from glassbox.ui.components.copy_link import copy_link
from glassbox.ui.components.term_popover import term_popover
from glassbox.ui.frame import glossary, notices, page_links, picture, places, story, take_away
from glassbox.ui.frame.picture import Picture
from glassbox.ui.frame.places import Place
from glassbox.zoo import digit_models

_ICON = Path(__file__).with_name("icon.svg")
_PAGE = declare("page", Kind.INTERNAL, "", stays=True)
_PROVIDER = declare("provider", Kind.CONTROL, "", stays=True)


@dataclass(frozen=True)
class Page:
    """What a page works with: where it is, the visitor's digit, and the networks on the visitor's provider."""

    place: Place
    picture: Picture
    reader: Reader


@contextmanager
def page(key: str) -> Iterator[Page]:
    """Draw the frame of the page `key` (of places.PLACES): head and sidebar now, the foot after the page's own part."""
    place = places.PLACES[key]
    i18n.settle_language()
    moved = _PAGE.get() not in ("", key)
    if moved:
        take_away.forget()
    take_away.speak()
    with take_away.taken(place):
        st.set_page_config(
            page_title=f"{t(f'{key}.name')} · {t('frame.app.name')}",
            page_icon=_ICON,
            layout="wide",
            initial_sidebar_state=240,
        )
        style.apply()
        picture.follow_link(moved)
        if moved:
            link.forget()
        _PAGE.set(key)
        with st.sidebar:
            provider = _sidebar(place)
        _write_link(place)
        current = Page(place, picture.current(), reader(provider))
        _head(current)
        try:
            with link.at_once(), notices.unless_damaged(), notices.unless_engine_fails():
                yield current
        except Exception:
            st.error(
                t("frame.page_failed"), icon=":material/error:"
            )  # stands in for Streamlit's own box, which style.css hides
            raise  # and so into the log
    _foot(current)


@st.cache_resource(max_entries=len(session.PROVIDERS), show_spinner=False)
def reader(provider: str) -> Reader:
    """Return the networks as `provider` runs them, loaded once for all visitors."""
    return Reader(digit_models.load(), provider)


def _sidebar(here: Place) -> str:
    """Draw name, pages, language and provider. Return the provider to use."""
    st.html(f'<p class="gb-brand">{t("frame.app.name")}</p><p class="gb-motto">{t("frame.app.motto")}</p>')
    carried = page_links.query(link_parameters())
    for group in places.GROUPS:
        listed = [place for place in places.PLACES.values() if place.group == group]
        if not listed:
            continue
        st.html(f'<h2 class="gb-group">{t(f"frame.group.{group}")}</h2>')
        for place in listed:
            page_links.draw(place, t(f"{place.key}.name"), carried, icon=place.icon, width="stretch")
    with st.container(key="gb_settings"):
        choice(i18n.CHOSEN, t("frame.settings.language"), list(LANGUAGES), LANGUAGES.__getitem__)
        return _provider()


def _provider() -> str:
    """Draw the choice of a provider, of those that can be had, and return it; where there is one, say why."""
    states = {name: session.provider_state(name) for name in session.PROVIDERS}
    offered = [name for name, state in states.items() if state.available]
    missing = [t(f"frame.provider_missing.{state.reason}") for state in states.values() if not state.available]
    title, help = t("frame.settings.provider"), t("frame.settings.provider_help")
    if len(offered) > 1:
        provider = choice(_PROVIDER, title, offered, lambda name: t(f"frame.provider.{name}"), help=help)
    else:
        (provider,) = offered
        st.markdown(f"{title} {t(f'frame.provider.{provider}')}", help="\n\n".join([help, *missing]))
    if engines.configured().server:
        st.caption(t("frame.engine.remote"))
    return provider


def link_parameters() -> dict[str, str]:
    """Return what every link to a page of the dashboard carries: the language and the visitor's digit."""
    return {"lang": language(), "d": picture.current().link}


def _write_link(here: Place) -> None:
    """Keep the page's own link true. In one step, for each step is one in the browser's history."""
    if take_away.is_wanted():
        return
    parameters = link_parameters()
    i18n.SEEN.set(parameters["lang"])
    picture.written(parameters["d"])
    if here.key == "read":
        parameters |= picture.parameters()
    before = st.query_params.to_dict()
    after = {name: value for name, value in before.items() if name != picture.DIGITS} | parameters
    if after != before:
        st.query_params.from_dict(after)


def link_to(key: str, label: str = "") -> None:
    """Draw a link to the page `key`, by default named by its question; nothing if there is no such page."""
    if place := places.PLACES.get(key):
        _link(place, label or t(f"{key}.question"), icon=place.icon)


def _link(place: Place, label: str, parameters: dict[str, str] | None = None, **options: Any) -> None:
    """Draw a link that carries `parameters`, by default those of every link."""
    carried = link_parameters() if parameters is None else parameters
    page_links.draw(place, label, page_links.query(carried), **options)


def _head(page: Page) -> None:
    key = page.place.key
    with st.container(key="gb_head"):
        words, yours = st.columns([2, 1], vertical_alignment="bottom")
    with words:
        st.title(t(f"{key}.question"), anchor=False)
    with (
        yours,
        st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="gb_yours"),
    ):
        if key != "read" and page.place.picture:
            st.html(thumbnail(page.picture.digit), width="content")
            _link(places.PLACES["read"], t("frame.yours.change"))
        copy_link()
        term_popover()
    st.markdown(t(f"{key}.lead"))


def _foot(page: Page) -> None:
    with st.expander(t("frame.foot.how"), icon=":material/lightbulb:", key="gb_how", on_change="rerun") as how:
        if how.open:
            st.markdown(prose(page.place.key))
            st.markdown(glossary.of_page(page.place.key))
            _files(page)
    take_away.offer(page.place)
    following = places.after(page.place.key)
    with st.container(horizontal_alignment="right", key="gb_next"):
        if step := _onward(page):
            reason = f"**{step.reason}**"
            carried = link_parameters() | dict(step.parameters)
            _link(step.place, reason, carried, icon=":material/arrow_forward:", icon_position="right")
        _link(
            following,
            t("frame.foot.next", page=t(f"{following.key}.question")),
            icon=":material/arrow_forward:",
            icon_position="right",
        )


def _onward(page: Page) -> story.Onward | None:
    """Return where the story of a first visit goes on. A server that runs the networks is not asked for that."""
    if page.place.key not in story.PAGES:
        return None
    return story.onward(page.place.key, _embedded(page.reader).read(page.picture.digit))


@st.cache_resource(
    max_entries=len(session.PROVIDERS), show_spinner=False, hash_funcs={Reader: lambda reader: reader.version}
)
def _embedded(reader: Reader) -> Reader:
    """Return the networks of `reader` as this process runs them."""
    return Reader(reader.zoo, reader.provider.name, engines.EMBEDDED) if reader.engine.server else reader


def _files(page: Page) -> None:
    with st.container(horizontal=True):
        for name in places.models(page.place, page.reader.zoo):
            st.download_button(
                t("frame.foot.onnx", model=model_name(name)),
                partial(page.reader.zoo.model_bytes, name),
                file_name=f"{name}.onnx",
                mime="application/octet-stream",
                icon=":material/download:",
                on_click="ignore",
                key=f"onnx_{name}",
            )
    with st.expander(t("frame.foot.source", file=page.place.file), icon=":material/code:", key="gb_source"):
        st.code((ROOT / page.place.file).read_text(encoding="utf-8"), language="python")
