"""Components of our own: NAME/NAME.html, .css and .js beside NAME/__init__.py, read once, without a build step."""

from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer


def register(init: str, *, isolate_styles: bool = True) -> ComponentRenderer:
    """Register the component whose package's __file__ is `init`. Raises OSError if one of its files is missing."""
    folder = Path(init).parent
    html, css, js = ((folder / f"{folder.name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component(
        f"glassbox_{folder.name}", html=html, css=css, js=js, isolate_styles=isolate_styles
    )
