"""The numbers of one tensor: as maps, a curve, a histogram or a table, with what stands out in them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.inspection.requests import Read
from glassbox.ui.base import formats, palette
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts.tables import Table, show
from glassbox.ui.charts.tensor_layout import flat
from glassbox.ui.components.curves import MAX_POINTS, Axis, Curve, curves
from glassbox.ui.components.maps import MAX_CELLS, Row, Tile, maps
from glassbox.ui.frame.downloads import downloads
from glassbox.ui.pages.own_model import asking, running
from glassbox.ui.pages.own_model.subject import Subject

Array = NDArray[Any]
WAYS = ("map", "curve", "histogram", "table")
ROWS, COLUMNS = 12, 8
"""What a table shows of a tensor."""
LONGEST_TITLE = 40
"""Characters of a tensor's name over its map: of a longer one the last, which tell it from others."""
_WAY = declare("own_model_way", Kind.CONTROL, "")


def of_run(subject: Subject, row: Mapping[str, Any], place: int) -> None:
    """Draw a tensor of the run; `place`: its place among the run's tensors."""
    name = row["tensor"]
    for flag in running.flags(row):
        st.warning(flag, icon=":material/warning:")
    found = running.run(subject, name)
    if found is None:
        return
    values = found.arrays.get(f"values/{name}")
    if values is None:
        texts = [text for one in found.facts["values"] for text in one.get("texts", [])]
        st.markdown(", ".join(asking.words(text) for text in texts[: COLUMNS * ROWS]))
        return
    step = max(found.facts["values"][0]["step"], default=1)
    if step > 1:
        st.caption(t("own_model.picture.every", step=step))
    counts = found.arrays["histograms"][place]
    _draw(name, np.asarray(values), counts, row)


def of_weight(subject: Subject, name: str) -> None:
    """Draw a weight of the file."""
    found = asking.ask([subject.model], Read(weights=(name,)))
    if found is None:
        return
    row = found.facts["details"][0]
    shown = found.arrays.get(f"weights/pictures/{name}")
    _draw(name, None if shown is None else np.asarray(shown), found.arrays["weights/histograms"][0], row)


def _draw(name: str, values: Array | None, counts: Array, row: Mapping[str, Any]) -> None:
    ways = _ways(values)
    way = choice(_WAY, t("own_model.picture.way"), ways, lambda one: t(f"own_model.picture.{one}"), show_label=False)
    if way == "histogram" or values is None:
        _histogram(name, counts, row)
    else:
        {"map": _map, "curve": _curve, "table": _table}[way](name, values)
    _statistics(row)
    if values is not None:
        downloads("own_model_tensor", {name: values})


def _ways(values: Array | None) -> tuple[str, ...]:
    """Return how the numbers can be shown, the plainest first."""
    if values is None or not values.size:
        return ("histogram",)
    area = sum(size > 1 for size in values.shape) >= 2
    first = ("map", "curve") if area else ("curve", "map")
    return ("table", "histogram") if values.size == 1 else (*first, "histogram", "table")


def _real(values: Array) -> NDArray[np.float64]:
    """Return finite numbers to draw: NaN as 0, infinities as the largest number there is."""
    real = np.abs(values) if values.dtype.kind == "c" else values
    found = real.astype(np.float64)
    finite = found[np.isfinite(found)]
    most, least = (float(finite.max()), float(finite.min())) if finite.size else (0.0, 0.0)
    return np.nan_to_num(found, nan=0.0, posinf=most, neginf=least)


def _map(name: str, values: Array) -> None:
    drawn = flat(_real(values))
    if drawn.size > MAX_CELLS:
        drawn = drawn[: max(1, MAX_CELLS // drawn.shape[1])]
    low, high = float(drawn.min()), float(drawn.max())
    if low < 0:
        low, high = -max(-low, high), max(-low, high)
    else:
        low = 0.0
    width = int(min(max(10 * drawn.shape[1], 120), 420))
    title = name if len(name) <= LONGEST_TITLE else f"…{name[1 - LONGEST_TITLE :]}"
    maps([Row((Tile(drawn, title, low, high, width=width),))], key="own_model_map")


def _curve(name: str, values: Array) -> None:
    line = _real(values).reshape(-1)
    step = -(-line.size // MAX_POINTS)
    places = np.arange(0, line.size, step)
    curves(
        places,
        [Curve(name, line[::step], palette.POSITIVE)],
        across=Axis(t("own_model.picture.place")),
        up=Axis(t("own_model.picture.value")),
        alt=t("own_model.picture.curve_alt", name=name),
        key="own_model_curve",
        height=220,
    )


def _histogram(name: str, counts: Array, row: Mapping[str, Any]) -> None:
    least, largest = row.get("least"), row.get("largest")
    if least is None or largest is None:
        st.caption(t("own_model.picture.no_numbers"))
        return
    centres = (
        least + (np.arange(len(counts)) + 0.5) * (largest - least) / len(counts)
        if largest > least
        else np.array([least])
    )
    heights = counts if largest > least else counts[:1]
    curves(
        centres,
        [Curve(name, np.asarray(heights, np.float64), palette.POSITIVE, filled=True)],
        across=Axis(t("own_model.picture.value"), "ends", least, largest),
        up=Axis(t("own_model.picture.cells"), low=0),
        alt=t("own_model.picture.histogram_alt", name=name),
        key="own_model_histogram",
        height=220,
    )


def _table(name: str, values: Array) -> None:
    area = values.reshape(-1, values.shape[-1]) if values.ndim > 1 else values.reshape(1, -1)
    part = area[:ROWS, :COLUMNS]
    rows = [(str(place), *(_written(value) for value in line)) for place, line in enumerate(part)]
    show(Table(name, ["", *map(str, range(part.shape[1]))], rows, dense=True))
    if part.size < area.size:
        st.caption(t("own_model.picture.part", count=f"{part.size:,}", all=f"{area.size:,}"))


def _written(value: Any) -> str:
    if isinstance(value, np.bool_ | np.integer):
        return str(value)
    number = float(abs(value) if isinstance(value, np.complexfloating) else value)
    return formats.number(number) if np.isfinite(number) else str(number)


def _statistics(row: Mapping[str, Any]) -> None:
    names = [name for name in ("least", "largest", "mean", "std") if row.get(name) is not None]
    said = [t(f"own_model.statistic.{name}", value=formats.number(row[name])) for name in names]
    if row.get("cells") and "zeros" in row:
        said.append(t("own_model.statistic.zeros", value=formats.rough(row["zeros"] / row["cells"])))
    st.caption(" · ".join(said))
