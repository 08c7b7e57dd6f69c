"""The page on explainability without a browser: what it says is in the record, and the visitor's digit stands in it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from glassbox.digits import links, strokes
from glassbox.explain.attribution import registry
from glassbox.explain.attribution.faithfulness import random_map
from glassbox.explain.attribution.methods import Network
from glassbox.trust import scoreboard, slices
from glassbox.ui.base import i18n
from glassbox.ui.frame import attributions, shell
from glassbox.ui.pages.explainability.parts import OF_EXPLANATIONS, OF_NETWORKS, PARTS
from glassbox.zoo import digit_models
from tests.model_names import english
from tests.ui.dashboard import components, visit

EN = i18n.strings("en")
RAW: dict[str, Any] = json.loads(scoreboard.RECORD.read_bytes())
SEVEN = strokes.draw(next(sample for sample in strokes.SAMPLES if sample.label == "7").strokes, 28, 2.5)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    for cached in (attributions.explanation_study, shell.reader):
        cached.clear()
    yield
    for cached in (attributions.explanation_study, shell.reader):
        cached.clear()


def opened(language: str = "en", digit: np.ndarray = SEVEN, *, parts: bool = True, **link: str) -> AppTest:
    """Visit the page, with all its parts open."""
    app = visit("explainability", language, d=links.to_link(digit), **link)
    if not parts:
        return app
    for part in (*OF_EXPLANATIONS, *OF_NETWORKS):
        app.session_state[PARTS.unfolded.at(part=part).key] = True
    return app.run()


def words(app: AppTest) -> str:
    return "\n".join(text.value for text in app.markdown)


def tables(app: AppTest) -> str:
    return "\n".join(str(text.value) for text in app.html if not text.value.startswith("<style"))


def two(value: float) -> str:
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")


def test_scoreboard_shows_the_records_numbers() -> None:
    app = opened()
    shown = tables(app)
    for name, one in RAW["networks"].items():
        for method, tested in one["methods"].items():
            score = tested["score"]
            interval = f"{two(score['value'])} ({two(score['low'])} to {two(score['high'])})"
            assert f"{EN[f'frame.method.{method}']} on the {english(name)}: {interval}" in shown
    beating = sum(
        tested["over_edges"]["low"] > 0 and tested["over_random"]["low"] > 0
        for one in RAW["networks"].values()
        for tested in one["methods"].values()
    )
    assert f"{beating} of 38 pairs" in words(app)


def test_blank_maps_are_said_and_in_no_rank() -> None:
    """On how many digits each map is blank, in words and in the table; and what could not be compared."""
    app = opened()
    said, shown = words(app), tables(app)
    told = 0
    for name, one in RAW["networks"].items():
        count = one["baselines"]["edges"]["score"]["count"]
        close = one["steps"][0]["missed"]["count"]
        for method, tested in one["methods"].items():
            where = f"{EN[f'frame.method.{method}']} on the {english(name)}"
            if tested["blank"]:
                told += 1
                assert f"{where} is **blank on {tested['blank']} of {count}** test digits" in said
                assert f"the mean of the other {tested['score']['count']}" in said
                assert f"blank on {tested['blank']} of {count}, which are not scored" in shown
            ink = tested["randomised"]["ink"][-1]
            compared = ink["count"] if ink else 0
            assert (f"{where} on {compared} of {close}" in said) == (compared < close)
            assert (f"{where}: one of the two maps is blank" in shown) == (not ink)
    assert told and told == said.count("**blank on")


def test_steadiest_and_most_nervous_maps_are_named() -> None:
    changes = {
        (method, name): tested["sensitivity"]["value"]
        for name, one in RAW["networks"].items()
        for method, tested in one["methods"].items()
        if tested["sensitivity"]
    }
    said = words(opened())
    for kind, (method, name) in (
        ("Steadiest", min(changes, key=changes.__getitem__)),
        ("Least steady", max(changes, key=changes.__getitem__)),
    ):
        assert f"{kind}: {EN[f'frame.method.{method}']} on the {english(name)}" in said


def test_sentences_on_confidence_and_disagreement_are_the_cards_and_the_records() -> None:
    said = words(opened())
    for name, card in digit_models.load().cards.items():
        c = card.calibration
        change = f"{english(name)} from {c.ece_before:.2%} to {c.ece_after:.2%}"
        assert (change if c.held_out.helps else f"{english(name)} ({c.ece_after:.2%})") in said
    found = RAW["disagreement"]
    assert f"all six get {found['all_right']:,} right" in said and f"{found['all_wrong']} are misread" in said


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_reliability_shows_the_bins_of_the_card_and_passes_over_empty_ones(name: str) -> None:
    """Without a temperature and with it; once where none is used."""
    app, card = opened(calibration=name), digit_models.load().cards[name]
    measured = card.calibration
    assert not app.get("plotly_chart")  # it waits until the visitor comes near
    app.session_state["explainability_reliability_near"] = {"near": True}
    (chart,) = app.run().get("plotly_chart")
    for curve, bins in zip(
        json.loads(chart.proto.spec)["data"][1:],
        (measured.bins_before, measured.bins_after) if measured.held_out.helps else (measured.bins_after,),
        strict=True,
    ):
        full = [one for one in bins if one.count]
        assert curve["x"] == pytest.approx([one.confidence for one in full])
        assert curve["y"] == pytest.approx([one.accuracy for one in full])
    top = card.calibration.bins_after[-1].count
    assert any(f"{top:,} of 10,000 test digits" in caption.value for caption in app.caption)


def test_own_digit_is_placed_among_the_test_digits() -> None:
    thick = strokes.draw(next(sample for sample in strokes.SAMPLES if sample.label == "7").strokes, 28, 6)
    value = float(slices.thickness(thick))
    quantiles = RAW["slices"]["thickness"]["quantiles"]
    share = max(sum(q < value for q in quantiles), 0) / 100
    assert share > 0.5
    (here,) = [
        one for one in RAW["slices"]["thickness"]["slices"][-2:] if one["low"] <= value < one["high"] or share == 1
    ][-1:]
    said = words(opened(digit=thick))
    assert f"{value:.1f}\u00a0px wide, wider than that of {min(share, 1):.0%}" in said
    accuracy = [one["value"] for one in here["accuracy"].values()]
    assert f"between {min(accuracy):.1%}" in said and f"and {max(accuracy):.1%}" in said


def test_slice_of_the_own_digit_is_marked_and_its_numbers_are_the_records() -> None:
    shown = tables(opened(slices="thickness"))
    value, raw = float(slices.thickness(SEVEN)), RAW["slices"]["thickness"]["slices"]
    (here,) = [one for one in raw if one["low"] <= value < one["high"]]
    (marked,) = [part for part in shown.split("<tr") if part.startswith(' class="gb-marked"')]
    for name, accuracy in here["accuracy"].items():
        interval = f"{accuracy['value']:.1%} ({accuracy['low']:.1%} to {accuracy['high']:.1%}) of {here['count']:,}"
        assert f"{english(name)}, {here['low']:.1f}" in marked and interval in marked


def test_slices_can_be_chosen_in_the_link_and_small_digits_are_said_to_be_ones() -> None:
    said = words(opened(slices="size"))
    assert EN["explainability.size_how"] in said
    first = RAW["slices"]["size"]["slices"][0]
    assert f"{first['labels'][1] / first['count']:.0%} are a 1" in said


@pytest.mark.parametrize("link", [{"mistakes": "gru"}, {"part": "mistakes", "mistakes": "gru"}])
def test_network_of_a_part_is_in_the_link_which_opens_that_part(link: dict[str, str]) -> None:
    app = opened(parts=False, **link)
    assert [one.label for one in app.expander if one.proto.expanded] == [EN["explainability.mistakes"]]
    said = words(app)
    wrong = sum(cell["count"] for cell in RAW["mistakes"]["gru"]["cells"])
    assert f"The GRU errs on {wrong} of 10,000 digits" in said


def test_own_picture_is_scored_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = scoreboard.load()
    few = replace(whole, networks={name: whole.networks[name] for name in ("mlp", "rnn")})
    monkeypatch.setattr(scoreboard, "load_or_none", lambda: few)
    app = opened()
    assert 'class="gb-yours" style' not in tables(app)
    app.button(key="explainability_ask").click().run()
    assert tables(app).count('class="gb-yours" style') == 12
    models, picture = digit_models.load(), SEVEN / np.float32(255)
    best = []
    for name in few.networks:
        network = Network(models.model_bytes(name), temperature=models.cards[name].calibration.temperature)
        label = int(network.scores(picture[None])[0].argmax())
        best += [registry.attribute(network, picture, label, method) for method in registry.methods(network)]
    top = max(best, key=lambda scored: scored.faithfulness)
    assert f"The best is {EN[f'frame.method.{top.name}']}" in words(app) and two(top.faithfulness) in words(app)


def test_networks_trained_since_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = scoreboard.load()
    stale = replace(whole.networks["lstm"], sha256="0" * 64)
    monkeypatch.setattr(scoreboard, "load_or_none", lambda: replace(whole, networks={**whole.networks, "lstm": stale}))
    app = opened()
    assert [one.value for one in app.warning] == [EN["explainability.stale"].format(models="LSTM")]
    assert "on the LSTM" not in tables(app) and "on the GRU" in tables(app)


@pytest.fixture
def noise(monkeypatch: pytest.MonkeyPatch) -> str:
    """A method that is registered and worded as the registry asks, and that no study has measured."""

    def random(network: Network, picture: np.ndarray, label: int) -> np.ndarray:
        return random_map(label)

    monkeypatch.setitem(registry.METHODS, "noise", registry.AttributionMethod(random, "https://example.org"))
    for part in ("", "_paper", "_help", "_limit"):
        monkeypatch.setitem(i18n._STRINGS["en"], f"frame.method.noise{part}", f"Noise{part}")
    return "Noise"


def test_method_added_since_the_study_is_not_measured_yet(noise: str) -> None:
    app = opened()
    assert not app.warning
    shown = tables(app)
    (row, *others) = re.findall(rf"<tr><th scope=row>{noise}</th>(.*?)</tr>", shown)
    assert len(others) == 2  # scores, randomisation and steadiness
    assert all(one.count(EN["explainability.not_measured"]) == len(RAW["networks"]) for one in (row, *others))


def test_method_added_is_explained_with_at_once(noise: str) -> None:
    app = opened()
    app.switch_page("pages/explain.py")
    app.query_params.update({"lang": "en", "d": links.to_link(SEVEN)})
    app.session_state["explain_shows_all"] = True
    app.run()
    (row,) = [one for one in components(app, "maps")[-1]["rows"] if one["title"] == noise]
    assert row["tiles"]


def test_without_a_record_the_cards_still_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoreboard, "load_or_none", lambda: None)
    app = opened()
    assert [one.value for one in app.warning] == [EN["explainability.missing"]]
    assert [one.value for one in app.header] == [EN["explainability.confidence"]]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_picture_that_is_no_digit_is_said(language: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    app = opened(language, noise)
    assert [one.value for one in app.info] == [i18n.strings(language)["explainability.unlike"]]
    assert not opened(language).info
