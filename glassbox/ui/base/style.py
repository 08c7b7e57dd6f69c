"""How Glassbox looks: one colour a network, defined here and nowhere else, and the few rules that themes cannot say."""

import json
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
    words = {
        "upload": t("frame.upload.button"),
        "upload-limit": t("frame.upload.limit"),
        "upload-refused": t("frame.upload.refused"),
        "photo": t("frame.camera.take"),
        "photo-ask": t("frame.camera.permission"),
    }
    variables = [f"--gb-{name}: {json.dumps(text, ensure_ascii=False)};" for name, text in words.items()]
    variables += [f"--gb-{name.replace('_', '-')}: {colour};" for name, colour in COLOURS.items()]
    variables += [f"--gb-negative: {palette.NEGATIVE};", f"--gb-positive: {palette.POSITIVE};"]
    st.html(f"<style>:root {{ {' '.join(variables)} }}\n{_RULES}</style>")


def dark() -> bool:
    """Whether the visitor's theme is dark (Streamlit knows from the second run of a visit on)."""
    return st.context.theme.type == "dark"
