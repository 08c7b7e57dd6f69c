"""Scrolls once to the part of the page that a link asks for."""

from glassbox.ui.components.register import register

_component = register(__file__)


def scroll_to(container: str | None, key: str = "reveal") -> None:
    """Scroll to the container with the Streamlit key `container`, once for each container asked for; None: nowhere."""
    _component(key=key, data={"container": container}, height=1)
