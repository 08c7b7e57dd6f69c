"""What is seen, to take home: tensors as .npz, terms as CSV, figures as HTML or SVG (PNG: Plotly's own button)."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from glassbox.explain.terms import Explanation
from glassbox.ui.i18n import t
from glassbox.ui.sum_table import to_csv


def downloads(
    name: str,
    tensors: Mapping[str, NDArray[Any]],
    terms: Explanation | None = None,
    figures: Mapping[str, go.Figure | Callable[[], str]] | None = None,
) -> None:
    """Offer `tensors` by name, the `terms` of a number, and `figures` by title: Plotly's, or what draws an SVG.

    Each file is written when it is asked for. They are called NAME.npz, NAME_terms.csv and NAME_TITLE.html or .svg;
    `name` is the key on the page too.
    """
    with st.popover(t("downloads.title"), icon=":material/download:", key=f"{name}_downloads"):
        st.caption(t("downloads.lead"))
        _button(t("downloads.tensors"), lambda: to_npz(tensors), f"{name}.npz", "application/octet-stream")
        if terms is not None:
            _button(t("downloads.terms"), lambda: to_csv(terms), f"{name}_terms.csv", "text/csv")
        for title, figure in (figures or {}).items():
            if isinstance(figure, go.Figure):
                _button(t("downloads.html", title=title), _page(figure), f"{name}_{title}.html", "text/html")
            else:
                _button(t("downloads.svg", title=title), _drawn(figure), f"{name}_{title}.svg", "image/svg+xml")


def to_npz(tensors: Mapping[str, NDArray[Any]]) -> bytes:
    """`tensors` as numpy.load reads them back, by name. (numpy.savez can't take every name as a keyword.)"""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, values in tensors.items():
            with archive.open(f"{name}.npy", "w") as entry:
                np.lib.format.write_array(entry, np.asarray(values), allow_pickle=False)
    return file.getvalue()


def _page(figure: go.Figure) -> Callable[[], bytes]:
    """The figure with Plotly inside, so that the file shows it without a network."""
    return lambda: str(figure.to_html(include_plotlyjs=True)).encode()


def _drawn(draw: Callable[[], str]) -> Callable[[], bytes]:
    return lambda: draw().encode()


def _button(label: str, data: Callable[[], bytes], file: str, mime: str) -> None:
    st.download_button(
        label, data, file_name=file, mime=mime, icon=":material/download:", on_click="ignore", key=f"download_{file}"
    )
