"""What a detector found: its boxes over the picture that it got, and as a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from glassbox.inspection.boxes import LEAST_SCORE
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.charts.tables import Cell, Table, show


def over(picture: str, found: Mapping[str, Any] | None) -> str:
    """Return `picture`, an <img>, with the boxes over it, each with its row in the table; the best lies over others."""
    if found is None:
        return picture
    sides = (found["width"], found["height"]) * 2
    drawn = []
    for row, one in enumerate(found["boxes"], 1):
        left, top, right, bottom = (
            min(max(corner / side, 0), 1) for corner, side in zip(one["corners"], sides, strict=True)
        )
        place = f"left:{100 * left:.2f}%;top:{100 * top:.2f}%"
        size = f"width:{100 * (right - left):.2f}%;height:{100 * (bottom - top):.2f}%"
        drawn.append(f'<span style="{place};{size}"><b>{row}</b></span>')
    return f'<div class="gb-boxed">{picture}<div aria-hidden="true">{"".join(reversed(drawn))}</div></div>'


def draw(found: Mapping[str, Any]) -> None:
    """Draw the boxes as a table, the best first."""
    least = formats.rough(LEAST_SCORE)
    st.markdown(t(f"own_model.detected.{found['form']}", rows=f"{found['rows']:,}"))
    if not found["boxes"]:
        st.markdown(t("own_model.detected.none", least=least))
        return
    rows = [
        (
            Cell(f"{row} · {one['label']}", drawn=f"<small>{_place(one['corners'])}</small>"),
            Cell(formats.percent(one["score"]), bar=one["score"]),
        )
        for row, one in enumerate(found["boxes"], 1)
    ]
    heads = [t("own_model.detected.label"), t("own_model.detected.score")]
    caption = t("own_model.detected.caption", count=len(rows), above=f"{found['above']:,}", least=least)
    show(Table(caption, heads, rows))


def _place(corners: Sequence[float]) -> str:
    """Return where a box lies, in pixels of the input: left, top – right, bottom."""
    left, top, right, bottom = (f"{corner:.0f}" for corner in corners)
    return t("own_model.detected.place", left=left, top=top, right=right, bottom=bottom)
