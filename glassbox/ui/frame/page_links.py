"""Links to pages, sent as st.page_link sends them: of the thirty of a run, each would check its page and write out the
same language and digit anew.

This relies on private parts of Streamlit 1.67; tests/ui/frame/test_page_links.py says when they change.
"""

from functools import cache
from typing import Literal

import streamlit as st
from streamlit.delta_generator_singletons import get_dg_singleton_instance
from streamlit.elements.lib.layout_utils import LayoutConfig
from streamlit.proto.ButtonLikeIconPosition_pb2 import ButtonLikeIconPosition
from streamlit.proto.PageLink_pb2 import PageLink
from streamlit.runtime.state.query_params import process_query_params as query
from streamlit.string_util import to_str, validate_icon_or_emoji

from glassbox.ui.frame.places import Place

__all__ = ["draw", "query"]


def draw(
    place: Place,
    label: str,
    carried: str,
    *,
    icon: str = "",
    icon_position: Literal["left", "right"] = "left",
    width: Literal["content", "stretch"] = "content",
) -> None:
    """Draw a link to the page `place`; `carried` follows its question mark (see `query`)."""
    link = PageLink()
    link.CopyFrom(_to(place, icon))
    link.label, link.query_string = to_str(label), carried
    if icon_position == "right":
        link.icon_position = ButtonLikeIconPosition.RIGHT
    get_dg_singleton_instance().main_dg._enqueue("page_link", link, layout_config=LayoutConfig(width=width))


@cache  # of the places there are, each with its icon or an arrow
def _to(place: Place, icon: str) -> PageLink:
    page = st.Page(place.file, default=place.key == "read")
    return PageLink(page=page.url_path, page_script_hash=page._script_hash, icon=validate_icon_or_emoji(icon))
