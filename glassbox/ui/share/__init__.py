"""The button that copies the page's link, with the digit and the language in it."""

from urllib.parse import urlencode

import streamlit as st

from glassbox.ui.component import register
from glassbox.ui.i18n import language, t

_component = register(__file__)


def copy_link(key: str = "share") -> None:
    """Show the button. It also tells the browser the page's language, for screen readers and Chinese glyphs."""
    # Not the browser's own address: on Streamlit Community Cloud the page is inside a frame with another one.
    link = f"{st.context.url or ''}?{urlencode(st.query_params.to_dict())}"
    words = {name: t(f"share.{name}") for name in ("copy", "copied", "by_hand")}
    _component(
        key=key,
        data={"words": words, "link": link, "language": {"zh": "zh-CN", "en": "en"}[language()]},
        width="content",
    )
