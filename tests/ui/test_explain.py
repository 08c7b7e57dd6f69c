"""The page that explains the visitor's digit: whose maps stand side by side, and which of them is tested at first."""

import base64
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from glassbox.digits import links, strokes
from glassbox.digits.reader import Reader
from glassbox.explain.attribution import registry
from glassbox.explain.attribution.faithfulness import PerturbationCurve, RandomisedLayer, Scores
from glassbox.explain.attribution.registry import ScoredMap
from glassbox.trust import scoreboard
from glassbox.ui.base import formats, i18n
from glassbox.ui.frame import attributions
from glassbox.ui.frame.attributions import Compared
from glassbox.ui.pages.explain import view
from glassbox.zoo import digit_models
from tests.ui.dashboard import SEVEN, component, components, is_said, visit

FLAT = PerturbationCurve(np.array([0.0, 1.0]), np.array([0.5, 0.5]))


def test_explanations_of_two_networks_stand_side_by_side() -> None:
    app = visit("explain", "zh", state={"explain_networks": ["mlp", "cnn"], "explain_shows_all": True})
    words = i18n.strings("zh")
    _, shown = components(app, "maps")
    titles = [[tile["title"] for tile in row["tiles"]] for row in shown["rows"]]
    assert titles == [["MLP", "CNN"]] * 4 + [["CNN"]] + [["MLP", "CNN"]] * 4
    baselines = [row["title"] for row in shown["rows"]][-2:]
    assert baselines == [words["frame.method.edges"], words["frame.method.random"]]
    assert sum(tile["picked"] for row in shown["rows"] for tile in row["tiles"]) == 1


def test_the_best_map_stands_large_between_its_rivals_and_the_others_behind_a_button() -> None:
    app = visit("explain", state={"explain_networks": ["mlp", "cnn"]})
    words = i18n.strings("en")
    (best,) = components(app, "maps")
    (row,) = best["rows"]
    assert [tile["title"] for tile in row["tiles"]][1:] == [
        words[f"frame.method.{name}"] for name in ("edges", "random")
    ]
    assert row["tiles"][0]["width"] > row["tiles"][1]["width"]
    button = app.button(key="explain_all")
    count = 7 + 6 + 2 * 2  # Grad-CAM needs convolutions
    assert button.label == words["explain.all"].format(count=count)
    button.click().run()
    assert len(components(app, "maps")) == 2 and app.button(key="explain_all").label == words["explain.less"]


def test_what_is_read_as_pixels_go_is_what_the_network_reads_in_such_pictures() -> None:
    app = visit("explain", networks="mlp", label="1")
    shown = component(app, "erasing")
    picture, start = (np.frombuffer(base64.b64decode(shown[name]), np.uint8) for name in ("picture", "start"))
    order = np.frombuffer(base64.b64decode(shown["order"]), "<u2")
    assert sorted(order) == list(range(784)) and not start.any()
    deletion, insertion = shown["ways"]
    assert deletion["erases"] and not insertion["erases"]
    reader = Reader(digit_models.load())
    for at in (0, 3, 10, 49):
        count = round(at / 49 * 784)
        left, come = picture.copy(), start.copy()
        left[order[:count]], come[order[:count]] = 0, picture[order[:count]]
        for way, pixels in ((deletion, left), (insertion, come)):
            verdict = reader.read(pixels.reshape(28, 28), ["mlp"])["mlp"]
            assert way["read"][at] == verdict.label
            assert way["lines"][0]["values"][at] == pytest.approx(
                verdict.probabilities[1], abs=1e-3
            )  # a tenth of a per cent is shown


def test_the_map_tested_at_first_is_the_best_that_beats_the_baselines() -> None:
    def compared(best: float, edges: float, ends: float) -> Compared:
        baselines = {"edges": scored("edges", edges), "random": scored("random", 0.0)}
        return Compared({"rise": scored("rise", best, ends)}, baselines, (1, 0.2))

    def scored(name: str, faithfulness: float, ends: float = 1.0) -> ScoredMap:
        rising = PerturbationCurve(np.array([0.0, 0.5, 1.0]), np.array([0.0, 2 * faithfulness - ends / 2, ends]))
        return ScoredMap(name, np.zeros((28, 28)), Scores(PerturbationCurve(rising.shares, np.zeros(3)), rising))

    worse, better, nothing = compared(0.4, 0.6, 1.0), compared(0.7, 0.6, 1.0), compared(0.9, 0.1, 0.05)
    assert view.selected({"mlp": nothing, "cnn": worse, "rnn": better}) == ("rnn", "rise")
    assert view.selected({"mlp": worse, "cnn": nothing}) == ("cnn", "rise")


def test_only_a_map_that_is_shown_is_asked_how_much_it_changes_with_the_picture() -> None:
    asked = list[str]()

    def sensitivity(scored: ScoredMap) -> float:
        asked.append(scored.name)
        return 0.25

    flat = {name: ScoredMap(name, np.eye(28), Scores(FLAT, FLAT)) for name in ("rise", "saliency", "edges", "random")}
    found = {name: flat[name] for name in ("rise", "saliency")}
    baselines = {name: flat[name] for name in ("edges", "random")}
    compared = {"mlp": Compared(found, baselines, (1, 0.9), sensitivity=sensitivity)}
    page: Any = SimpleNamespace(picture=SimpleNamespace(digit=np.zeros((28, 28), np.uint8)))
    picked, *others = view.best_row(page, compared, ("mlp", "saliency")).tiles
    assert asked == ["saliency"]
    assert i18n.strings("en")["explain.sensitivity"].format(change="25%") in picked.note
    assert not any("25%" in tile.note for tile in others)


def test_a_blank_map_has_no_score_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grad-CAM on the CNN: on this digit, and in a record of 500 on 299."""
    whole = scoreboard.load()
    tested = whole.networks["cnn"].methods["grad_cam"]
    methods = whole.networks["cnn"].methods | {
        "grad_cam": replace(tested, blank=299, score=replace(tested.score, count=201))
    }
    recorded = replace(whole, networks={**whole.networks, "cnn": replace(whole.networks["cnn"], methods=methods)})
    monkeypatch.setattr(scoreboard, "load_or_none", lambda: recorded)
    monkeypatch.setitem(
        registry.METHODS, "grad_cam", replace(registry.METHODS["grad_cam"], map=lambda *_: np.zeros((28, 28)))
    )
    for cached in (attributions.explanation_study, attributions._attributed.shared):
        cached.clear()  # type: ignore[attr-defined]
    app = visit(
        "explain",
        state={"explain_shows_all": True},
        networks="mlp cnn",
        d=links.to_link(strokes.draw(SEVEN.strokes, 28, 2.5)),
    )
    for cached in (attributions.explanation_study, attributions._attributed.shared):
        cached.clear()  # type: ignore[attr-defined]
    assert not app.exception
    (row,) = [one for one in components(app, "maps")[-1]["rows"] if one["title"] == "Grad-CAM"]
    (tile,) = row["tiles"]
    words = i18n.strings("en")
    assert tile["note"] == words["explain.blank"] and tile["bar"] is None and not tile["pick"]
    assert words["explain.blank_recorded"].format(blank=299, count=500, model="CNN") in row["small"]


def test_where_every_map_is_blank_nothing_is_tested() -> None:
    scored = ScoredMap("edges", np.zeros((28, 28)), Scores(FLAT, FLAT))
    nothing = Compared({}, {"edges": scored, "random": scored}, (1, 0.9), blank=("saliency",))
    assert nothing.best is None and view.selected({"mlp": nothing}) is None
    (said,) = view.summary({"mlp": nothing}, "7", "empty")
    assert is_said("explain.said_blank", said)


def test_weights_are_shuffled_once_the_visitor_comes_near(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[str]()

    def shuffled(page: object, model: str, *about: object) -> list[RandomisedLayer]:
        asked.append(model)
        return [RandomisedLayer("logits/kernel", 0.04)]

    monkeypatch.setattr(attributions, "shuffled", shuffled)
    app = visit("explain", networks="mlp")
    assert not asked
    app.session_state["explain_shuffled_near"] = {"near": True}
    app.run()
    assert asked == ["mlp"]
    assert any("logits/kernel" in one.value for one in app.html)
    assert i18n.strings("en")["explain.shuffle_passed"].format(value="0.04") in [one.value for one in app.markdown]


def test_a_shuffled_map_that_is_blank_neither_passes_nor_fails() -> None:
    layers = [RandomisedLayer("logits/kernel", 0.4), RandomisedLayer("hidden/kernel", float("nan"))]
    words = i18n.strings("en")
    assert view.shuffle_verdict(layers) == words["explain.shuffle_blank"]
    table = view.similarity_table(layers, "mlp")
    assert words["explain.blank_word"] in table and "nan" not in table


def bullets(app: AppTest) -> list[str]:
    """The sentences on the networks, one each."""
    return next(text.value for text in app.markdown if text.value.startswith("- ")).split("\n")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_network_that_reads_an_empty_sheet_is_said_to(language: str) -> None:
    """The CNN reads paper as 1, so that no erasing makes the digit of the first visit anything else."""
    reader = Reader(digit_models.load())
    on_paper = reader.read(np.zeros((28, 28), np.uint8), ["cnn"])["cnn"]
    app = visit("explain", language, networks="cnn", label=on_paper.label)
    (said,) = bullets(app)
    assert is_said("explain.said_baseline", said.removeprefix("- "), language)
    share = formats.percent(on_paper.confidence)
    words = {"en": f"reads an empty sheet as 1, at {share}.", "zh": f"把一张白纸读作 1，把握 {share}。"}
    assert on_paper.label == "1" and words[language] in said


@pytest.mark.parametrize("baseline", ["mean", "blurred"])
def test_another_baseline_makes_the_scores_mean_something(baseline: str) -> None:
    app = visit("explain", networks="cnn", label="1", baseline=baseline)
    (said,) = bullets(app)
    assert not is_said("explain.said_baseline", said[2:]) and not is_said("explain.said_nothing", said[2:])
    insertion = component(app, "erasing")["ways"][1]["lines"][0]["values"]
    assert insertion[0] < insertion[-1] - 0.1
    assert app.query_params["baseline"] == baseline


def test_a_label_without_evidence_is_another_matter() -> None:
    (said,) = bullets(visit("explain", networks="cnn", label="5"))
    assert is_said("explain.said_nothing", said.removeprefix("- "))


def test_forged_baseline_is_passed_over() -> None:
    assert visit("explain", networks="mlp", baseline="../x").session_state["explain_baseline"] == "empty"


def test_forged_choices_are_passed_over() -> None:
    app = visit("explain", state={"explain_networks": ["../x"], "explain_label": "77", "explain_picked": "cnn nothing"})
    assert app.session_state["explain_networks"] == list(digit_models.article())
