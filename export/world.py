"""python -m export.world countries-50m.json: the outlines of countries, simplified, as glassbox/data/world.json.

The source is a TopoJSON file (https://github.com/topojson/topojson-specification) of Natural Earth's countries (public
domain, https://www.naturalearthdata.com) whose geometries carry `isoA3`, such as those of
https://github.com/cublya/world-atlas in its UN-style view of boundaries.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.float64]
TOLERANCE = 0.3
"""Degrees by which an outline may be off: a pixel of a map a thousand wide."""
SMALL = 1.5
"""A ring of fewer square degrees is left out; a country that has no larger one is drawn as a dot."""
LEFT_OUT = ("ATA",)
"""Antarctica has no grid."""
APART = {"FRA": {"GUF": (-53, 4), "GLP": (-61.5, 16.2), "MTQ": (-61, 14.6), "REU": (55.5, -21.1)}}
"""Places with grids of their own within the outlines of a country: its rings within 2 degrees are theirs."""
SOURCE = "Natural Earth, 1:50 million, public domain; boundaries in the UN-style view of cublya/world-atlas"
OUT = Path(__file__).parent.parent / "glassbox" / "data" / "world.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.world", description=__doc__)
    parser.add_argument("topology", type=Path)
    topology = json.loads(parser.parse_args().topology.read_text(encoding="utf-8"))
    arcs = [simplified(one) for one in decoded(topology)]
    rings: dict[str, list[Line]] = {}
    for country in topology["objects"]["countries"]["geometries"]:
        of = country["properties"].get("isoA3") or country["properties"]["adm0A3"]
        polygons = [country["arcs"]] if country["type"] == "Polygon" else country["arcs"]
        for polygon in polygons:
            outer = ring(arcs, polygon[0])  # lakes are not cut out
            rings.setdefault(place(outer, of), []).append(outer)
    outlines, dots = {}, {}
    for code, lines in rings.items():
        kept = [one.round(1).tolist() for one in lines if area(one) >= SMALL]
        if code not in LEFT_OUT and kept:
            outlines[code] = kept
        elif code not in LEFT_OUT:
            dots[code] = max(lines, key=area).mean(0).round(1).tolist()
    text = json.dumps({"source": SOURCE, "outlines": outlines, "dots": dots}, separators=(",", ":"))
    OUT.write_text(text + "\n", encoding="utf-8")
    print(f"{OUT}: {len(outlines)} outlines, {len(dots)} dots, {len(text):,} bytes")


def decoded(topology: dict[str, Any]) -> list[Line]:
    """The arcs as (n, 2) longitudes and latitudes: differences summed, scaled and moved."""
    scale, move = (np.array(topology["transform"][name]) for name in ("scale", "translate"))
    return [np.cumsum(np.array(arc), axis=0) * scale + move for arc in topology["arcs"]]


def simplified(line: Line) -> Line:
    """The points from which the line is nowhere further than TOLERANCE (Douglas and Peucker, 1973). Arcs are shared by
    neighbours, so that no gap opens."""
    if len(line) < 3:
        return line
    along = line[-1] - line[0]
    share = np.clip((line - line[0]) @ along / max(along @ along, 1e-12), 0, 1)  # a closed line has no length along
    distances = np.hypot(*(line - line[0] - share[:, None] * along).T)
    furthest = int(distances.argmax())
    if distances[furthest] <= TOLERANCE:
        return line[[0, -1]]
    return np.concatenate([simplified(line[: furthest + 1])[:-1], simplified(line[furthest:])])


def ring(arcs: list[Line], indices: list[int]) -> Line:
    """The closed line of these arcs; ~i is arc i backwards."""
    parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
    return np.concatenate([part[:-1] for part in parts] + [parts[0][:1]])


def place(line: Line, country: str) -> str:
    """The code of the place that a ring within `country` belongs to."""
    middle = line.mean(0)
    apart = APART.get(country, {})
    return next((code for code, point in apart.items() if np.hypot(*(middle - point)) < 2), country)


def area(line: Line) -> float:
    """Square degrees within (the shoelace formula)."""
    x, y = line.T
    return abs(float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))) / 2


if __name__ == "__main__":
    main()
