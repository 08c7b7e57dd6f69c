"""The page that explains the visitor's digit: whose maps stand side by side, and which of them is tested at first."""

import numpy as np

from glassbox.explain.attribution.faithfulness import PerturbationCurve, Scores
from glassbox.explain.attribution.registry import ScoredMap
from glassbox.ui.base import i18n
from glassbox.ui.frame.attributions import Compared
from glassbox.ui.pages.explain import view
from glassbox.zoo import digit_models
from tests.ui.dashboard import components, visit


def test_explanations_of_two_networks_stand_side_by_side() -> None:
    app = visit("explain", "zh", state={"explain_networks": ["mlp", "cnn"]})
    words = i18n.strings("zh")
    (shown,) = components(app, "maps")
    titles = [[tile["title"] for tile in row["tiles"]] for row in shown["rows"]]
    assert titles == [["MLP", "CNN"]] * 4 + [["CNN"]] + [["MLP", "CNN"]] * 4
    baselines = [row["title"] for row in shown["rows"]][-2:]
    assert baselines == [words["frame.method.edges"], words["frame.method.random"]]
    assert sum(tile["picked"] for row in shown["rows"] for tile in row["tiles"]) == 1


def test_the_map_tested_at_first_is_the_best_that_beats_the_baselines() -> None:
    def compared(best: float, edges: float, ends: float) -> Compared:
        baselines = {"edges": scored("edges", edges), "random": scored("random", 0.0)}
        return Compared({"rise": scored("rise", best, ends)}, baselines)

    def scored(name: str, faithfulness: float, ends: float = 1.0) -> ScoredMap:
        rising = PerturbationCurve(np.array([0.0, 0.5, 1.0]), np.array([0.0, 2 * faithfulness - ends / 2, ends]))
        return ScoredMap(name, np.zeros((28, 28)), Scores(PerturbationCurve(rising.shares, np.zeros(3)), rising))

    worse, better, nothing = compared(0.4, 0.6, 1.0), compared(0.7, 0.6, 1.0), compared(0.9, 0.1, 0.05)
    assert view.selected({"mlp": nothing, "cnn": worse, "rnn": better}) == ("rnn", "rise")
    assert view.selected({"mlp": worse, "cnn": nothing}) == ("cnn", "rise")


def test_forged_choices_are_passed_over() -> None:
    app = visit("explain", state={"explain_networks": ["../x"], "explain_label": "77", "explain_picked": "cnn nothing"})
    assert app.session_state["explain_networks"] == list(digit_models.article())
