"""What is seen, to take home: tensors as .npz, terms as CSV, heat maps as SVG and PNG; charts have their own button."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.explain.terms.explain import Explanation
from glassbox.ui.base.i18n import t
from glassbox.ui.charts import heatmaps
from glassbox.ui.charts.heatmaps import Maps
from glassbox.ui.charts.sum_table import to_csv


def downloads(
    name: str,
    tensors: Mapping[str, NDArray[Any]],
    terms: Explanation | None = None,
    figures: Mapping[str, Callable[[], Maps]] | None = None,
) -> None:
    """Offer `tensors` by name, the `terms` of a number, and `figures`, heat maps, by title.

    Each file is written when it is asked for. They are called NAME.npz, NAME_terms.csv and NAME_TITLE.svg or .png;
    `name` is the key on the page too.
    """
    with st.popover(t("frame.downloads.title"), icon=":material/download:", key=f"{name}_downloads"):
        st.caption(t("frame.downloads.lead"))
        _button(t("frame.downloads.tensors"), lambda: to_npz(tensors), f"{name}.npz", "application/octet-stream")
        if terms is not None:
            _button(t("frame.downloads.terms"), lambda: to_csv(terms), f"{name}_terms.csv", "text/csv")
        for title, maps in (figures or {}).items():
            _button(t("frame.downloads.svg", title=title), _svg(maps), f"{name}_{title}.svg", "image/svg+xml")
            _button(t("frame.downloads.png", title=title), _png(maps), f"{name}_{title}.png", "image/png")


def to_npz(tensors: Mapping[str, NDArray[Any]]) -> bytes:
    """Return `tensors` by name as a file for numpy.load. (numpy.savez can't take every name as a keyword.)"""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, values in tensors.items():
            with archive.open(f"{name}.npy", "w") as entry:
                np.lib.format.write_array(entry, np.asarray(values), allow_pickle=False)
    return file.getvalue()


def _svg(maps: Callable[[], Maps]) -> Callable[[], bytes]:
    return lambda: heatmaps.svg(maps()).encode()


def _png(maps: Callable[[], Maps]) -> Callable[[], bytes]:
    return lambda: heatmaps.png(maps())


def _button(label: str, data: Callable[[], bytes], file: str, mime: str) -> None:
    st.download_button(
        label, data, file_name=file, mime=mime, icon=":material/download:", on_click="ignore", key=f"download_{file}"
    )
