"""A map of the carbon intensity of electricity by country, as SVG; its outlines are part of the component."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from glassbox.trust.cost import carbon
from glassbox.ui.base import formats, palette, payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

_component = register(__file__)
MOST = 1000
"""Grams of CO2 per kWh at the dark end of the scale; two countries are above."""
WIDTH = 1000
"""Units of the drawing across."""
_SOUTH, _NORTH = -56.0, 84.0
_EQUAL_EARTH = (1.340264, -0.081106, 0.000893, 0.003796)


def world_map(
    names: Mapping[str, str], chosen: str | None, *, alt: str, on_picked: Callable[[str], None], key: str
) -> None:
    """Draw grams of CO2 per kWh by country; `on_picked` gets the code of the country that is clicked.

    `names`: of the countries by their codes; `chosen`: the code of the one that is marked. Countries without a figure
    are outlines. With the keyboard a country is chosen from a list on the page.
    """
    drawn: dict[str, dict[str, object]] = {code: {"path": path} for code, path in paths().items()}
    drawn |= {code: {"dot": at} for code, at in dots().items()}
    inks = {f"ink-{theme}": colour for theme, colour in palette.INK.items()}

    def clicked() -> None:
        code = payload.parse(payload.sent(key, "picked"), str)
        if code is not None and code in carbon.grids():
            on_picked(code)

    _component(
        key=key,
        data={
            "countries": [
                {"code": code, "said": _said(code, names), "share": _share(code)} | form for code, form in drawn.items()
            ],
            "chosen": chosen,
            "box": [WIDTH, height()],
            "colours": {"mark": palette.POSITIVE, "pale-light": "#E3E9F1", "pale-dark": "#2A3340"} | inks,
            "scale": [t("components.world_map.scale"), *(f"{MOST * i // 4}" for i in range(5))],
            "hint": t("components.world_map.hint"),
            "alt": alt,
        },
        on_picked_change=clicked,
    )


@cache
def paths() -> dict[str, str]:
    """Return the outlines of each country as the path of an SVG, by code."""
    outlines = carbon.outlines()["outlines"]
    return {code: "".join(_path(part) for ring in rings for part in _parts(ring)) for code, rings in outlines.items()}


@cache
def dots() -> dict[str, list[float]]:
    """Return the places of the countries that are too small for an outline, by code."""
    small = {code: at for code, at in carbon.outlines()["dots"].items() if code in carbon.grids()}
    return {code: place(np.array([at]))[0].round(1).tolist() for code, at in small.items()}


def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where longitudes and latitudes (n, 2), in degrees, lie on the drawing, (n, 2), from its upper left corner.

    Equal Earth: Šavrič, Patterson, Jenny, "The Equal Earth map projection", 2018,
    https://doi.org/10.1080/13658816.2018.1504949
    """
    east, north = _projected(np.radians(points[:, 0]), np.radians(points[:, 1]))
    right, top = _edges()
    return np.stack([(east + right) / (2 * right) * WIDTH, (top - north) / (2 * right) * WIDTH], axis=1)


def height() -> float:
    """Return the height of the drawing in its units."""
    return float(place(np.array([[0.0, _SOUTH]]))[0, 1].round(1))


def _projected(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    a1, a2, a3, a4 = _EQUAL_EARTH
    theta = np.arcsin(np.sqrt(3) / 2 * np.sin(latitude))
    squared, sixth = theta**2, theta**6
    slope = a1 + 3 * a2 * squared + sixth * (7 * a3 + 9 * a4 * squared)
    east = 2 * np.sqrt(3) * longitude * np.cos(theta) / (3 * slope)
    return east, theta * (a1 + a2 * squared + sixth * (a3 + a4 * squared))


def _edges() -> tuple[float, float]:
    """Half the projection's width, and the height of its northern edge."""
    right, _ = _projected(np.array([np.pi]), np.array([0.0]))
    _, top = _projected(np.array([0.0]), np.radians(np.array([_NORTH])))
    return float(right[0]), float(top[0])


def _parts(ring: Sequence[Sequence[float]]) -> list[NDArray[np.float64]]:
    """The ring, or its two parts where it crosses the edge of the map at 180 degrees."""
    line = np.array(ring)
    line[:, 0] = np.unwrap(line[:, 0], period=360)
    turns = range(int(np.floor((line[:, 0].min() + 180) / 360)), int(np.ceil((line[:, 0].max() - 180) / 360)) + 1)
    return [line - [360 * turn, 0] for turn in turns]


def _path(line: NDArray[np.float64]) -> str:
    points = place(np.clip(line, [-180, _SOUTH], [180, _NORTH]))
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points[:-1]) + "Z"


def _share(code: str) -> float | None:
    """How far along the scale the country's grid is, from 0 to 1; None without a figure."""
    grid = carbon.grids().get(code)
    return None if grid is None or grid.intensity is None else round(min(grid.intensity / MOST, 1.0), 3)


def _said(code: str, names: Mapping[str, str]) -> str:
    grid = carbon.grids().get(code)
    if grid is None or grid.intensity is None:
        return t("components.world_map.none", country=names.get(code, code))
    return t("components.world_map.one", country=names[code], grams=formats.number(grid.intensity), year=grid.year)
