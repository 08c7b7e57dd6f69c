"""The world's grids as a map that needs no network.

Plotly fetches outlines of its own as soon as the first trace of a map names countries. Here the first trace is the dots
of small countries, which are points, and the outlines travel with the figure.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from glassbox.trust import carbon
from glassbox.ui import figures, formats, palette
from glassbox.ui.i18n import t

_MOST = 1000
"""Grams a kWh at the dark end of the scale; two countries are above."""
_STAY = {"marker": {"opacity": 1}}
_PALE = {"light": "#E3E9F1", "dark": "#2A3340"}


def world(names: Mapping[str, str], chosen: str | None, dark: bool) -> go.Figure:
    """Grams of CO2 a kWh by country; those without a figure are outlines only. `names` by code, `chosen`: a code.

    The first item of a point's custom data is its country's code.
    """
    theme = "dark" if dark else "light"
    drawn, grids = carbon.outlines(), carbon.grids()
    known = {code: grid.intensity for code, grid in grids.items() if grid.intensity is not None}
    edge = {"color": palette.PAPER[theme], "width": 0.5}
    figure = go.Figure()
    dots = [code for code in drawn["dots"] if code in known]
    figure.add_scattergeo(
        lon=[drawn["dots"][code][0] for code in dots],
        lat=[drawn["dots"][code][1] for code in dots],
        marker={"color": [known[code] for code in dots], "coloraxis": "coloraxis", "size": 6, "line": edge},
        selected=_STAY,
        unselected=_STAY,
        **_told(dots, names),
    )
    coloured, bare = ([code for code in drawn["outlines"] if (code in known) is told] for told in (True, False))
    figure.add_choropleth(
        z=[known[code] for code in coloured], coloraxis="coloraxis", marker={"line": edge}, **_areas(coloured, names)
    )
    figure.add_choropleth(**_outline(bare, figures.GREY, 0.5), **_areas(bare, names))
    if chosen in drawn["outlines"]:
        figure.add_choropleth(**_outline([str(chosen)], palette.POSITIVE, 2.5), **_areas([str(chosen)], names))
    elif chosen in drawn["dots"]:
        lon, lat = drawn["dots"][chosen]
        ring = {"symbol": "circle-open", "size": 14, "color": palette.POSITIVE, "line": {"width": 2.5}}
        figure.add_scattergeo(lon=[lon], lat=[lat], marker=ring, hoverinfo="skip")
    figure.update_geos(
        projection_type="natural earth", visible=False, bgcolor="rgba(0,0,0,0)", lataxis_range=[-56, 84]
    )
    bar = {"title": {"text": t("footprint.map_bar"), "side": "top"}, "orientation": "h", "thickness": 10, "len": 0.6}
    figure.update_coloraxes(
        colorscale=[[0, _PALE[theme]], [1, palette.INK[theme]]],
        cmin=0,
        cmax=_MOST,
        colorbar=bar | {"y": 0, "yanchor": "top"},
    )
    figures.finished(figure, legend=False)
    return figure.update_layout(height=None)  # the page gives it its shape, which changes with the screen's width


def _areas(codes: Sequence[str], names: Mapping[str, str]) -> dict[str, Any]:
    outlines = carbon.outlines()["outlines"]
    shapes = {code: {"type": "MultiPolygon", "coordinates": [[ring] for ring in outlines[code]]} for code in codes}
    features = [{"type": "Feature", "id": code, "geometry": shape} for code, shape in shapes.items()]
    geojson = {"type": "FeatureCollection", "features": features}
    return {"geojson": geojson, "locations": codes, "selected": _STAY, "unselected": _STAY, **_told(codes, names)}


def _outline(codes: Sequence[str], colour: str, width: float) -> dict[str, Any]:
    clear = "rgba(125,135,148,0.08)"
    scale = {"colorscale": [[0, clear], [1, clear]], "showscale": False}
    return {"z": [0] * len(codes), "marker": {"line": {"color": colour, "width": width}}, **scale}


def _told(codes: Sequence[str], names: Mapping[str, str]) -> dict[str, Any]:
    said = [[code, _grid(code, names)] for code in codes]
    return {"customdata": said, "hovertemplate": "%{customdata[1]}<extra></extra>"}


def _grid(code: str, names: Mapping[str, str]) -> str:
    grid = carbon.grids().get(code)
    if grid is None or grid.intensity is None:
        return t("footprint.map_none", country=names.get(code, code))
    return t("footprint.map_one", country=names[code], grams=formats.number(grid.intensity), year=grid.year)
