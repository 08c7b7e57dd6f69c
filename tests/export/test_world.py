"""Outlines out of a small TopoJSON file: two squares that share a side, an islet, a part with a grid of its own."""

import json
from pathlib import Path

import numpy as np
import pytest

from export import world

TOPOLOGY = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.5], "translate": [10, 20]},
    # (10, 20) to (10, 30) by way of the left; the shared side; back by way of the right; an islet; a ring near Réunion
    "arcs": [
        [[0, 0], [-20, 0], [0, 20], [20, 0]],
        [[0, 20], [0, -20]],
        [[0, 0], [20, 0], [0, 20], [-20, 0]],
        [[60, 0], [1, 0], [0, 1], [-1, 0], [0, -1]],
        [[88, -86], [6, 0], [0, 6], [-6, 0], [0, -6]],
    ],
    "objects": {"countries": {"geometries": [
        {"type": "Polygon", "arcs": [[0, 1]], "properties": {"isoA3": "LEF", "adm0A3": "LEF"}},
        {"type": "Polygon", "arcs": [[2, 1]], "properties": {"adm0A3": "RIG"}},
        {"type": "Polygon", "arcs": [[3]], "properties": {"isoA3": "ISL", "adm0A3": "ISL"}},
        {"type": "MultiPolygon", "arcs": [[[4]]], "properties": {"adm0A3": "FRA"}},
        {"type": "Polygon", "arcs": [[0, 1]], "properties": {"isoA3": "ATA", "adm0A3": "ATA"}},
    ]}},
}  # fmt: skip


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    source = tmp_path / "topology.json"
    source.write_text(json.dumps(TOPOLOGY))
    monkeypatch.setattr(world, "OUT", tmp_path / "world.json")
    monkeypatch.setattr("sys.argv", ["world", str(source)])
    world.main()
    return json.loads((tmp_path / "world.json").read_text())


def test_countries_are_squares_and_an_islet_is_a_dot(written: dict) -> None:
    (left,), (right,) = written["outlines"]["LEF"], written["outlines"]["RIG"]
    assert {tuple(point) for point in left} == {(10, 20), (0, 20), (0, 30), (10, 30)}
    assert {tuple(point) for point in right} == {(10, 20), (20, 20), (20, 30), (10, 30)}
    assert list(written["dots"]) == ["ISL"]
    assert "ATA" not in written["outlines"] and "Natural Earth" in written["source"]


def test_a_ring_with_a_grid_of_its_own_is_told_apart(written: dict) -> None:
    assert "REU" in written["outlines"] and "FRA" not in written["outlines"]


def test_neighbours_share_the_simplified_side() -> None:
    """A side with a bump below the tolerance becomes straight, one above it stays."""
    flat = np.array([[0.0, 0.0], [5.0, 0.2], [10.0, 0.0]])
    bump = np.array([[0.0, 0.0], [5.0, 0.5], [10.0, 0.0]])
    np.testing.assert_array_equal(world.simplified(flat), flat[[0, 2]])
    np.testing.assert_array_equal(world.simplified(bump), bump)
    np.testing.assert_array_equal(world.ring([bump], [~0])[:-1], bump[::-1][:-1])


def test_a_simplified_line_is_never_further_off_than_the_tolerance() -> None:
    rng = np.random.default_rng(0)
    line = np.cumsum(rng.normal(0, 0.2, (400, 2)), axis=0)
    short = world.simplified(line)
    steps = np.linspace(0, 1, 50)[:, None, None]
    dense = (short[:-1] + steps * (short[1:] - short[:-1])).reshape(-1, 2)
    away = np.sqrt(((line[:, None] - dense[None]) ** 2).sum(-1)).min(1)
    assert len(short) < len(line) / 2
    assert away.max() <= world.TOLERANCE + 0.02  # the steps between the points compared


def test_area_is_that_of_the_shape() -> None:
    triangle = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 3.0], [0.0, 0.0]])
    assert world.area(triangle) == world.area(triangle[::-1]) == 6
