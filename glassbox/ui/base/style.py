"""How Glassbox looks: one colour a network, defined here and nowhere else, and the few rules that themes cannot say."""

import json
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from glassbox.ui.base import palette
from glassbox.ui.base.i18n import t

COLOURS = {
    "mlp": "#2E7CC4",
    "cnn": "#D0591B",
    "rnn": "#118A66",
    "cnn_deep": "#A8680F",
    "lstm": "#4E8F2E",
    "gru": "#1B8A94",
    "mlp_overfit": "#B0549A",
    "mlp_private": "#7A7A1F",
    "mlp_poisoned": "#8B5FBF",
}
"""At least 3.5 : 1 against the paper of both themes (WCAG 1.4.11 asks 3 : 1), in hues that colour-blind eyes keep apart
(after Okabe and Ito, https://jfly.uni-koeln.de/color/). A name always stands beside the colour."""

PAPER = palette.PAPER
"""For figures that need to fade into the background."""

_RULES = Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def apply() -> None:
    """Put the style sheet on the page, with the words that Streamlit's own widgets show in English only."""
    variables = _upload_words(t("frame.upload.button"), t("frame.upload.limit"), t("frame.upload.refused"))
    variables += _words({"photo": t("frame.camera.take"), "photo-ask": t("frame.camera.permission")})
    variables += [f"--gb-{name.replace('_', '-')}: {colour};" for name, colour in COLOURS.items()]
    variables += [f"--gb-negative: {palette.NEGATIVE};", f"--gb-positive: {palette.POSITIVE};"]
    st.html(f"<style>:root {{ {' '.join(variables)} }}\n{_RULES}</style>")


def uploader(container: str, *, button: str, limit: str, refused: str) -> None:
    """Give the uploaders in the container with the key `container` words of their own."""
    st.html(f"<style>.st-key-{container} {{ {' '.join(_upload_words(button, limit, refused))} }}</style>")


def _upload_words(button: str, limit: str, refused: str) -> list[str]:
    return _words({"upload": button, "upload-limit": limit, "upload-refused": refused})


def _words(words: Mapping[str, str]) -> list[str]:
    """`words` as variables that style.css shows instead of Streamlit's own."""
    return [f"--gb-{name}: {json.dumps(text, ensure_ascii=False)};" for name, text in words.items()]


def dark() -> bool:
    """Whether the visitor's theme is dark (Streamlit knows from the second run of a visit on)."""
    return st.context.theme.type == "dark"
