"""The tables behind the page on energy: grids, country names, published figures, outlines."""

import csv
from itertools import pairwise

import pytest
from scipy import constants

from glassbox.paths import ROOT
from glassbox.trust.cost import carbon


def test_the_table_has_213_countries_and_one_without_a_figure() -> None:
    grids = carbon.grids()
    assert len(grids) == 213
    assert [code for code, grid in grids.items() if grid.intensity is None] == ["CAF"]  # its 0.0 means missing
    assert grids["FRA"].intensity == pytest.approx(56, abs=1)
    assert grids["CHN"].intensity == pytest.approx(582, abs=1)
    assert all(0 <= (grid.low_carbon or 0) <= 1.005 for grid in grids.values())
    assert carbon.WORLD_AVERAGE == 475


def test_a_kilowatt_hour_is_a_thousand_watts_for_an_hour() -> None:
    assert constants.kilo * constants.hour == carbon.JOULES_PER_KWH
    assert carbon.grams(3.6e6, 475) == 475
    assert carbon.grams(1.0, 36.0) == pytest.approx(1e-5)


def test_every_country_has_a_name_in_each_language() -> None:
    english, chinese = (carbon.country_names(language) for language in ("en", "zh"))
    missing = [code for code in carbon.grids() if not any("\u4e00" <= letter <= "\u9fff" for letter in chinese[code])]
    assert missing == []
    assert chinese["CHN"] == "中国" and chinese["ISL"] == "冰岛"
    assert english["FRA"] == "France" and all(english[code] for code in carbon.grids())
    assert carbon.country_names("xx") == english  # a language that the table has no column for


def test_published_figures_have_sources_and_agree_with_what_they_are_derived_from() -> None:
    figures = {one.key: one for one in carbon.published()}
    with open(ROOT / "glassbox/data/published_energy.csv", encoding="utf-8", newline="") as file:
        assert {row["key"] for row in csv.DictReader(file)} == figures.keys()
    assert all(one.source.startswith("https://") and one.kind in ("training", "answer") for one in figures.values())
    assert figures["bloom_answer"].joules == pytest.approx(914e3 / 230_768 * 3600, rel=1e-3)
    assert figures["llama31"].joules == pytest.approx(39.3e6 * 700 * 3600, rel=1e-3)
    assert figures["bert_base"].joules == pytest.approx(1_438 / 0.954 * 3.6e6, rel=1e-3)  # pounds at 0.954 a kWh
    assert figures["bloom"].joules == pytest.approx(24.69e6 / 57 * 3.6e6, rel=1e-3)  # tonnes at 57 g a kWh
    assert [one.joules for one in carbon.published()] == sorted(one.joules for one in carbon.published())


def test_nearly_every_country_of_the_table_is_on_the_map() -> None:
    drawn = carbon.outlines()
    places = drawn["outlines"].keys() | drawn["dots"].keys()
    assert set(carbon.grids()) - places <= {"GIB", "MTQ"}
    for rings in drawn["outlines"].values():
        for ring in rings:
            assert len(ring) >= 4 and ring[0] == ring[-1]
            assert all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in ring)


def inside(lon: float, lat: float, rings: list[list[list[float]]]) -> bool:
    """By the number of borders crossed on the way east."""
    crossed = 0
    for ring in rings:
        for (x1, y1), (x2, y2) in pairwise(ring):
            if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) / (y2 - y1) * (x2 - x1):
                crossed += 1
    return crossed % 2 == 1


@pytest.mark.parametrize(
    ("code", "lon", "lat"),
    [("CHN", 104, 31), ("FRA", 2.3, 48.9), ("BRA", -48, -16), ("GUF", -53, 4), ("NOR", 9, 61), ("ZAF", 25, -30)],
)
def test_places_lie_in_their_countries(code: str, lon: float, lat: float) -> None:
    outlines = carbon.outlines()["outlines"]
    assert [name for name, rings in outlines.items() if inside(lon, lat, rings)] == [code]
