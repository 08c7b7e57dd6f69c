"""How Glassbox looks beyond its theme: the style sheet of all pages, with the colours of models that have a page."""

import json
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from glassbox.ui.base import palette
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import displays

PAPER = palette.PAPER
"""For figures that need to fade into the background."""

EVERYWHERE, RULES = (
    "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in names)
    for names in (("italics.css", "scrolling.css"), ("style.css",))
)
"""The rules of the pages and of components, which have style sheets of their own; and those of the pages alone."""


def apply() -> None:
    """Put the style sheet on the page, with the words that Streamlit's own widgets show in English only."""
    variables = _upload_words(t("frame.upload.button"), t("frame.upload.limit"), t("frame.upload.refused"))
    variables += _words({"photo": t("frame.camera.take"), "photo-ask": t("frame.camera.permission")})
    variables += [f"--gb-{name.replace('_', '-')}: {one.colour};" for name, one in displays().items() if one.page]
    variables += [f"--gb-negative: {palette.NEGATIVE};", f"--gb-positive: {palette.POSITIVE};"]
    st.html(_Finished(f"<style>:root {{ {' '.join(variables)} }}\n{EVERYWHERE}{RULES}</style>"))


class _Finished(str):
    """HTML that Streamlit takes as it is, without a look at each line's margin: of the style sheet, 1 ms a run."""

    def _repr_html_(self) -> str:
        return str(self)


def uploader(container: str, *, button: str, limit: str, refused: str) -> None:
    """Give the uploaders in the container with the key `container` words of their own."""
    st.html(f"<style>.st-key-{container} {{ {' '.join(_upload_words(button, limit, refused))} }}</style>")


def _upload_words(button: str, limit: str, refused: str) -> list[str]:
    return _words({"upload": button, "upload-limit": limit, "upload-refused": refused})


def _words(words: Mapping[str, str]) -> list[str]:
    """Return `words` as variables that style.css shows instead of Streamlit's own."""
    return [f"--gb-{name}: {json.dumps(text, ensure_ascii=False)};" for name, text in words.items()]


def dark() -> bool:
    """Return whether the visitor's theme is dark (Streamlit knows from the second run of a visit on)."""
    return st.context.theme.type == "dark"
