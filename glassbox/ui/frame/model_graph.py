"""A model's graph: operators coloured by what they cost, and the tensors of the one that was clicked."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.engine.profiling import RUNS
from glassbox.graph.structure import Layer, Node, Shape, Structure
from glassbox.ui.base import formats, palette, payload, style
from glassbox.ui.base.choice import choice, selection
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Kind, declare, held
from glassbox.ui.charts.tables import table
from glassbox.ui.frame.networks import graph_structure, inside, seconds_by_operator
from glassbox.ui.frame.shell import Page

KEPT = 16
"""Models whose structure and times are kept for all visitors."""
MEASURES = ("time", "parameters", "multiply_adds")
_MODEL = declare("graph_model", Kind.CONTROL, "")
_MEASURE = declare("graph_measure", Kind.CONTROL, "")
_LAYER = declare("graph_layer_{model}", Kind.CONTROL, "")
_STEP, _BOX = 68, (250, 44)  # pixels: from one operator to the next, and the size of one


@st.fragment
def graph_view(page: Page, models: Sequence[str]) -> None:
    """Draw the graph of one of `models` once it is unfolded, with the choice of which and by what it is coloured.

    Models that the zoo refuses are left out.
    """
    offered = [name for name in models if name in page.reader.zoo.cards]
    if not offered:
        return
    with st.expander(t("frame.graph.title"), icon=":material/schema:", key="graph", on_change="rerun") as unfolded:
        if unfolded.open:
            _graph(page, offered)


def _graph(page: Page, offered: Sequence[str]) -> None:
    st.markdown(t("frame.graph.lead"))
    with st.container(horizontal=True):
        model = offered[0]
        if len(offered) > 1:
            model = choice(_MODEL, t("frame.graph.model"), offered, model_name)
        measure = choice(_MEASURE, t("frame.graph.measure"), MEASURES, lambda name: t(f"frame.graph.{name}"))
    taken = graph_structure(page.reader, model)
    costs = _costs(page, model, taken, measure)
    left, right = st.columns([2, 3], gap="large")
    with left:
        _chart(model, taken, costs, measure)
    with right:
        _details(page, model, taken, costs, measure)


def _costs(page: Page, model: str, taken: Structure, measure: str) -> list[float | None]:
    """Return what each layer costs; None where nobody knows. Says so where the time can't be measured."""
    if measure == "time":
        try:
            seconds = seconds_by_operator(page.reader, model)
        except OSError:
            st.warning(t("frame.graph.unmeasured"))
            seconds = {}
        return [seconds.get(layer.name) for layer in taken.layers]
    return [getattr(layer, measure) for layer in taken.layers]


def _chart(model: str, taken: Structure, costs: Sequence[float | None], measure: str) -> None:
    key = f"graph_{model}"

    def clicked() -> None:
        layer = selected_layer(held(key), taken)
        if layer is not None:
            _LAYER.at(model=model).set(layer)

    st.echarts_chart(
        option(taken, costs, measure, style.dark()),
        height=60 + _STEP * max(node.depth for node in taken.nodes),
        key=key,
        on_select=clicked,
        alt=t(
            "frame.graph.alt",
            model=model_name(model),
            operators=", ".join(layer.operator for layer in taken.layers),
        ),
    )


class _Group(msgspec.Struct):
    data_type: str
    data_indices: list[payload.Index]


class _Groups(msgspec.Struct):
    selected: list[_Group]


def selected_layer(sent: object, taken: Structure) -> str | None:
    """Return the name of the layer that was clicked; None if what a browser sent is the selection of none."""
    chosen = payload.parse(sent, payload.Selected[_Groups])
    for group in chosen.selection.selected if chosen else ():
        if group.data_type == "node" and group.data_indices and group.data_indices[0] < len(taken.nodes):
            layer = taken.nodes[group.data_indices[0]].layer
            if layer is not None:
                return taken.layers[layer].name
    return None


def option(taken: Structure, costs: Sequence[float | None], measure: str, dark: bool) -> dict[str, Any]:
    """Return an ECharts graph of `taken`, from the input at the top, coloured by what each layer costs."""
    most = max((cost or 0 for cost in costs), default=0) or 1
    theme = "dark" if dark else "light"
    lanes: dict[int, int] = {}
    nodes = []
    for node in taken.nodes:
        lane = lanes[node.depth] = lanes.get(node.depth, -1) + 1
        cost = costs[node.layer] if node.layer is not None else 0
        share = (cost or 0) / most
        fill = _hex(palette.unsigned(np.array([0.06 + 0.94 * share]), dark, 1.0)[0])
        words = taken.layers[node.layer].operator if node.layer is not None else t(f"frame.graph.{node.kind}")
        nodes.append(
            {
                "name": f"{node.kind}:{node.name}",
                "x": lane * 280,
                "y": node.depth * _STEP,
                "symbol": "rect",
                "symbolSize": list(_BOX),
                "itemStyle": {"color": fill},
                "label": {
                    "show": True,
                    "formatter": f"{words} · {node.name}\n{shape_text(_shape(taken, node))}",
                    "lineHeight": 17,
                    "color": palette.PAPER[theme] if share > 0.5 else palette.INK[theme],
                },
                "tooltip": {
                    "formatter": f"{words} · {node.name}<br>{t(f'frame.graph.{measure}')}: {spoken(cost, measure)}"
                },
            }
        )
    series = {
        "type": "graph",
        "layout": "none",
        "roam": False,
        "selectedMode": "single",
        "select": {"itemStyle": {"shadowColor": palette.POSITIVE, "shadowBlur": 12}},
        "emphasis": {"disabled": True},
        "edgeSymbol": ["none", "none"],
        "lineStyle": {"color": palette.INK[theme], "opacity": 0.6, "width": 1.5},
        "top": 24,
        "bottom": 24,
        "data": nodes,
        "links": [{"source": edge.source, "target": edge.target} for edge in taken.edges],
    }
    return {"tooltip": {"show": True}, "animation": False, "series": [series]}


def _details(page: Page, model: str, taken: Structure, costs: Sequence[float | None], measure: str) -> None:
    """Show the tensors of one operator: what it reads, its weights, what it gives, with this picture's numbers."""
    names = [layer.name for layer in taken.layers]
    known = [cost or 0 for cost in costs]
    dearest = names[known.index(max(known))]
    operators = {layer.name: f"{layer.operator} · {layer.name}" for layer in taken.layers}
    chosen = selection(_LAYER.at(model=model), t("frame.graph.operator"), names, operators.__getitem__, first=dearest)
    layer = taken.layers[names.index(chosen)]
    cost = costs[names.index(layer.name)]
    total = sum(known)
    if total:
        st.markdown(
            t(
                "frame.graph.cost",
                measure=t(f"frame.graph.{measure}"),
                cost=spoken(cost, measure),
                share=formats.percent((cost or 0) / total),
            )
        )
    arrays = inside(page.reader, model, page.picture.digit).tensors
    table(
        t("frame.graph.tensors", operator=operators[layer.name]),
        [t(f"frame.graph.column_{name}") for name in ("role", "name", "shape", "range", "mean")],
        rows(layer, arrays),
        words=(0, 1, 2),
        show_caption=False,
    )
    if total:
        st.caption(t("frame.graph.measured", runs=RUNS) if measure == "time" else t("frame.graph.counted"))


def rows(layer: Layer, arrays: Mapping[str, NDArray[Any]]) -> list[tuple[str, ...]]:
    """Return a row for each tensor of `layer`: role, name, shape, range and mean, as far as `arrays` has them."""
    tensors = [(name, "reads") for name in layer.inputs]
    tensors += [(name, "weights") for name in layer.constants] + [(name, "gives") for name in layer.outputs]
    return [
        (t(f"frame.graph.{role}"), name, shape_text(layer.shapes.get(name)), *_numbers(arrays.get(name)))
        for name, role in tensors
    ]


def _numbers(values: NDArray[Any] | None) -> tuple[str, str]:
    if values is None or not values.size:
        return "", ""
    span = f"{formats.number(float(values.min()))} … {formats.number(float(values.max()))}"
    return span, formats.number(float(values.mean()))


def _shape(taken: Structure, node: Node) -> Shape | None:
    """Return the shape of what a node gives (a layer: of its first output)."""
    if node.layer is None:
        return (taken.inputs | taken.outputs).get(node.name)
    layer = taken.layers[node.layer]
    return layer.shapes.get(layer.outputs[0]) if layer.outputs else None


def spoken(cost: float | None, measure: str) -> str:
    """Return a cost with its unit."""
    if cost is None:
        return t("frame.graph.unknown")
    return formats.duration(cost) if measure == "time" else formats.count(cost)


def shape_text(shape: Shape | None) -> str:
    """Return a shape in words: 'N × 32 × 26 × 26'."""
    if shape is None:
        return t("frame.graph.unknown")
    return " × ".join(map(str, shape)) or t("frame.graph.single")


def _hex(colour: NDArray[np.uint8]) -> str:
    return f"#{bytes(colour).hex()}"
