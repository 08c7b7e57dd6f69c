"""The table of grids: its rows from small tables, and the committed file from the installed packages."""

from pathlib import Path

import pytest

from export import grids

FRANCE = {"year": 2023, "carbon_intensity": 56.039, "low_carbon_TWh": 470.81, "total_TWh": 514.1099999999999}
MIX = {
    "FRA": {**FRANCE, "country_name": "France"},
    "CAF": {**FRANCE, "carbon_intensity": 0.0, "country_name": "Central African Republic"},
}


def test_rows_come_by_code_with_a_name_for_each_language() -> None:
    rows = grids.table(MIX, {"zh": {"FRA": "法国", "CAF": "中非", "DEU": "德国"}})
    assert rows[1] == {
        "code": "FRA", "year": 2023, "intensity": 56.039, "low_carbon_twh": 470.81, "total_twh": 514.11,
        "en": "France", "zh": "法国",
    }  # fmt: skip
    assert [row["code"] for row in rows] == ["CAF", "FRA"]
    assert rows[0]["intensity"] == ""  # 0.0 stands for a figure that is missing


@pytest.mark.export
def test_the_committed_table_is_what_the_packages_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("codecarbon", "pycountry"):
        pytest.importorskip(package, reason="needs export/requirements.txt")
    monkeypatch.setattr(grids, "OUT", tmp_path / "grids.csv")
    monkeypatch.setattr("sys.argv", ["grids"])
    committed = grids.DATA / "grids.csv"
    grids.main()
    assert (tmp_path / "grids.csv").read_bytes() == committed.read_bytes()
