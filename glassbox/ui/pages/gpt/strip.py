"""The parts of the poet beside those of GPT, one after the other: which are the same, and which differ."""

import html
from collections.abc import Mapping, Sequence

import streamlit as st

from glassbox.ui.base.i18n import t

PARTS = {
    "tokens": "differs",
    "embedding": "same",
    "positions": "nearly",
    "norms": "nearly",
    "attention": "same",
    "neurons": "nearly",
    "probabilities": "same",
    "sampling": "same",
}
"""What a text goes through, in order, and whether it is the same in GPT."""
MAKING = {"size": "differs", "context": "differs", "data": "differs", "instructions": "differs", "feedback": "differs"}
"""What else makes a GPT."""
_SIGNS = {"same": "=", "nearly": "≈", "differs": "≠"}


def strip(values: Mapping[str, str]) -> None:
    """Draw all parts with the `values` in their sentences."""
    st.html(f"{_part('text', PARTS, values)}{_part('else', MAKING, values)}")


def _part(name: str, parts: Mapping[str, str], values: Mapping[str, str]) -> str:
    title = html.escape(t(f"gpt.{name}"))
    items: Sequence[str] = [
        f'<li class="gb-{kind}"><b>{html.escape(t(f"gpt.part.{part}"))}</b> '
        f"<small>{_SIGNS[kind]} {html.escape(t(f'gpt.kind.{kind}'))}</small>"
        f"<p>{html.escape(t(f'gpt.part.{part}_says', **values))}</p></li>"
        for part, kind in parts.items()
    ]
    return f'<p class="gb-caption">{title}</p><ol class="gb-parts" aria-label="{title}">{"".join(items)}</ol>'
