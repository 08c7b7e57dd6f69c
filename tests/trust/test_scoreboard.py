"""The record of explanations: what it must have, which networks it speaks of, and the one that is shipped."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from glassbox.explain.attribution.registry import BASELINES, METHODS
from glassbox.trust import scoreboard, slices
from glassbox.trust.scoreboard import Estimate, ExplanationStudy
from glassbox.zoo import digit_models


@pytest.fixture(scope="module")
def record() -> ExplanationStudy:
    return scoreboard.load()


@pytest.fixture
def raw() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(scoreboard.RECORD.read_bytes())
    return found


def test_shipped_record_speaks_of_the_shipped_networks(record: ExplanationStudy) -> None:
    measured = tuple(name for name in digit_models.names() if name in record.networks)
    assert tuple(scoreboard.of_zoo(record, digit_models.load())) == measured
    assert set(digit_models.article()) <= set(measured) == set(record.networks)
    assert scoreboard.RECORD.stat().st_size <= 300_000


def test_shipped_record_is_whole(record: ExplanationStudy) -> None:
    for name, one in record.networks.items():
        assert set(one.baselines) == set(BASELINES)
        assert one.inapplicable == (() if name.startswith("cnn") else ("grad_cam",)) and not one.all_blank
        assert METHODS.keys() == {*one.methods, *one.inapplicable}
        assert one.maps == (*one.methods, *BASELINES)
    assert record.slices.keys() == slices.MEASURES.keys()
    assert record.mistakes.keys() == record.networks.keys() == set(record.disagreement.networks)


def estimates(value: Any) -> list[dict[str, float]]:
    if isinstance(value, dict):
        return [value] if value.keys() == {"value", "low", "high", "count"} else estimates(list(value.values()))
    return [one for part in value for one in estimates(part)] if isinstance(value, list) else []


def test_every_estimate_lies_within_its_interval(raw: dict[str, Any]) -> None:
    found = estimates(raw["networks"])
    assert len(found) > 500
    assert all(one["low"] <= one["value"] <= one["high"] and one["count"] > 1 for one in found)


def test_blank_maps_are_counted_and_in_no_estimate(record: ExplanationStudy) -> None:
    """Grad-CAM leaves most digits blank on the CNN, whose score was a mean over ties."""
    for network in record.networks.values():
        for method, tested in network.methods.items():
            of_scored = (tested.score, tested.deletion, tested.insertion, tested.over_edges, tested.better)
            assert {one.count for one in of_scored} == {network.pictures - tested.blank}
            assert tested.sensitivity is None or tested.sensitivity.count <= network.close
            place = network.maps.index(method)
            for rows in (network.agreement.whole, network.agreement.ink):
                counts = [cell.count for cell in rows[place] if cell]
                assert max(counts) <= network.pictures - tested.blank
    assert record.networks["cnn"].methods["grad_cam"].blank > 250
    assert sum(one.blank for one in record.networks["mlp"].methods.values()) == 0


def test_shipped_counts_add_up(record: ExplanationStudy) -> None:
    """Independent parts of the record, and the models' own cards, tell the same story."""
    cards = digit_models.load().cards
    found = record.disagreement
    for name, mistakes in record.mistakes.items():
        wrong = cards[name].accuracy.count - cards[name].accuracy.correct
        assert sum(cell.count for cell in mistakes.cells) == wrong
        confusion = {(c.true, c.read): c.count for c in mistakes.cells}
        assert all(
            times == confusion.get((i, j), 0)
            for i, row in enumerate(cards[name].confusion)
            for j, times in enumerate(row)
            if i != j
        )
        for other in record.mistakes:
            i, j = found.networks.index(name), found.networks.index(other)
            apart = cards[name].accuracy.correct - cards[other].accuracy.correct
            assert found.right_where_wrong[i][j] - found.right_where_wrong[j][i] == apart
        for measure in record.slices.values():
            assert sum(one.accuracy[name].correct for one in measure.slices) == cards[name].accuracy.correct
            assert all(sum(one.labels) == one.count == one.accuracy[name].count for one in measure.slices)


def test_network_trained_since_is_left_out(record: ExplanationStudy) -> None:
    models = digit_models.load()
    changed = replace(models, cards=models.cards | {"mlp": replace(models.cards["mlp"], sha256="0" * 64)})
    assert set(scoreboard.of_zoo(record, changed)) == set(record.networks) - {"mlp"}


def test_method_added_since_is_left_open(record: ExplanationStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "noise", METHODS["saliency"])
    for one in scoreboard.of_zoo(record, digit_models.load()).values():
        assert METHODS.keys() - {*one.methods, *one.inapplicable} == {"noise"}


def test_method_removed_since_is_passed_over(record: ExplanationStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(METHODS, "rise")
    for one in scoreboard.of_zoo(record, digit_models.load()).values():
        assert "rise" in one.maps and list(one.methods) == [name for name in METHODS if name not in one.inapplicable]


def test_missing_record_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nothing\.json: .*No such file"):
        scoreboard.load(tmp_path / "nothing.json")
    assert scoreboard.load_or_none(tmp_path / "nothing.json") is None


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda raw: raw.pop("slices"), "missing required field `slices`"),
        (lambda raw: raw["networks"]["mlp"].pop("sha256"), r"missing required field `sha256` - at `\$.networks"),
        (lambda raw: raw["networks"]["mlp"]["agreement"]["ink"].pop(), "agreement"),
        (lambda raw: raw["networks"]["mlp"]["methods"]["saliency"]["randomised"]["ink"].pop(), "randomised"),
        (lambda raw: raw["networks"]["cnn"]["methods"]["grad_cam"].update(blank=0), "not scored on every picture"),
        (lambda raw: raw["disagreement"]["differ"].pop(), "disagreement"),
        (lambda raw: raw["slices"]["size"].update(slices=[]), "no slices"),
        (lambda raw: raw["slices"].pop("size"), "lacks measures"),
        (lambda raw: raw["mistakes"].pop("rnn"), "lack networks"),
        (lambda raw: raw["slices"]["size"]["slices"][2]["accuracy"].pop("rnn"), "lack networks"),
        (lambda raw: raw["networks"]["rnn"].update(maps=["rise"] * 8), "maps lacks"),
        (lambda raw: raw["networks"]["rnn"]["baselines"].pop("edges"), "lacks baselines"),
        (
            lambda raw: raw["slices"]["size"]["slices"][0].update(low="thin"),
            r"`float`, got `str` - at `\$\.slices.*\.low`",
        ),
    ],
)
def test_damaged_record_is_refused_by_name(raw: dict[str, Any], tmp_path: Path, damage: Any, named: str) -> None:
    damage(raw)
    (tmp_path / "record.json").write_text(json.dumps(raw))
    with pytest.raises(ValueError, match=named):
        scoreboard.load(tmp_path / "record.json")


def test_text_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text("{")
    with pytest.raises(ValueError):
        scoreboard.load(tmp_path / "record.json")


@pytest.mark.parametrize(
    ("over_edges", "over_random", "said"),
    [((0.1, 0.2), (0.3, 0.4), "better"), ((-0.1, 0.2), (0.3, 0.4), "edges"), ((0.1, 0.2), (-0.1, 0.4), "chance")],
)
def test_verdict_asks_the_intervals(record: ExplanationStudy, over_edges: Any, over_random: Any, said: str) -> None:
    def lead(low: float, high: float) -> Estimate:
        return Estimate((low + high) / 2, low, high, 10)

    tested = record.networks["mlp"].methods["saliency"]
    assert replace(tested, over_edges=lead(*over_edges), over_random=lead(*over_random)).verdict == said
