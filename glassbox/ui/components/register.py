"""Components of our own: NAME/NAME.html, NAME.css and *.js beside NAME/__init__.py, read once, without a build step."""

from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer


def register(init: str, *, isolate_styles: bool = True) -> ComponentRenderer:
    """Register the component whose package's __file__ is `init`. Raises OSError if one of its files is missing.

    Several .js files become one module, in the order of their names; one of them has the default export.
    """
    folder = Path(init).parent
    html, css = ((folder / f"{folder.name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css"))
    js = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.js")))
    return st.components.v2.component(
        f"glassbox_{folder.name}", html=html, css=css, js=js, isolate_styles=isolate_styles
    )
