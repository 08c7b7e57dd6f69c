"""What a visitor takes home from the playground: the network as ONNX and as Keras code, and the points."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from glassbox.playground import data, take_home
from glassbox.ui.base.i18n import t
from glassbox.ui.pages.playground import state


def downloads() -> None:
    """Draw a button a file, and the code."""
    trainer, now = state.trainer(), state.setup()
    files: dict[str, tuple[str, Callable[[], str | bytes]]] = {
        "onnx": ("playground.onnx", lambda: trainer.model().SerializeToString()),
        "keras": ("playground.py", lambda: take_home.keras_code(trainer, now)),
        "points": ("points.csv", lambda: take_home.points_csv(trainer)),
    }
    with st.container(horizontal=True):
        for name, (file, make) in files.items():
            st.download_button(
                t(f"playground.home.{name}"),
                make,
                file_name=file,
                mime="text/plain" if name != "onnx" else "application/octet-stream",
                icon=":material/download:",
                on_click="ignore",
                key=f"playground_home_{name}",
            )
    st.caption(t("playground.home.note", limit=f"{data.LIMIT:g}"))
    with st.expander(
        t("playground.home.code"), icon=":material/code:", key="playground_code", on_change="rerun"
    ) as unfolded:
        if unfolded.open:
            st.code(take_home.keras_code(trainer, now), language="python")
