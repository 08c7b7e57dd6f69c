"""The button that copies the page's link, with the digit and the language in it."""

from urllib.parse import urlencode

import streamlit as st

from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

_component = register(__file__)


def copy_link(key: str = "share") -> None:
    """Show the button. It also sets the language of the HTML document, for screen readers and Chinese glyphs,
    tells what becomes of the page while the server does not answer, and has it run once it does again: a server that
    was started anew has forgotten what the page's controls are for."""
    # The frame's own query is the newest; its address is not what to share on Streamlit Community Cloud.
    link = {"page": st.context.url or "", "query": f"?{urlencode(st.query_params.to_dict())}"}
    words = {name: t(f"components.copy_link.{name}") for name in ("copy", "copied", "by_hand", "gone", "gone_text")}
    _component(
        key=key,
        data={"words": words, **link, "language": t("frame.language_tag")},
        width="content",
        on_back_change=lambda: None,
    )
