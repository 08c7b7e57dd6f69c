"""Scrolls to a part of the page that a link asked for, once."""

from glassbox.ui.components.register import register

_component = register(__file__)


def reveal(container: str | None, key: str = "reveal") -> None:
    """Bring the container with the Streamlit key `container` into view when it is another than before."""
    _component(key=key, data={"container": container}, height=1)
