"""Section "faithfulness": the scoreboard of methods and networks, beside both baselines and the visitor's picture."""

from collections.abc import Mapping, Sequence

import streamlit as st

from glassbox.explain.attribution import registry
from glassbox.trust.scoreboard import NetworkExplanations
from glassbox.ui.base.formats import hundredths
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.charts.dots import Dot, Row, dots
from glassbox.ui.charts.tables import Cell
from glassbox.ui.frame.attributions import Compared
from glassbox.ui.pages.explainability.estimates import interval
from glassbox.ui.pages.explainability.study import (
    Networks,
    blank_sentences,
    missing_cell,
    model_names,
    sample_sizes,
)

AXIS = (-0.2, 1.0)
_SIGNS = {"better": "✓", "edges": "", "chance": "✕"}


def scores_table(networks: Networks, own: Mapping[str, Compared], baseline: str) -> None:
    """Draw the mean score of each method (rows) on each network (columns), with its interval, beside the baselines.

    `own`: the scores of the visitor's picture by network, which are drawn too; `baseline`: what pixels were erased to.
    """
    rows = [
        Row(
            t(f"frame.method.{method}"),
            tuple(_score(method, name, network=network, own=own.get(name)) for name, network in networks.items()),
        )
        for method in registry.METHODS
    ]
    legend = [(kind, t(f"explainability.key_{kind}")) for kind in ("point", "hollow", "band", "edges", "random")]
    if own:
        legend.append(("yours", t("explainability.key_yours")))
    dots(t("explainability.scores_caption"), model_names(networks), rows, ends=AXIS, legend=legend)
    counts = {name: network.pictures for name, network in networks.items()}
    st.caption(
        t("explainability.scores_counted", counted=sample_sizes(counts), baseline=t(f"frame.baseline.{baseline}_read"))
    )


def _score(method: str, name: str, *, network: NetworkExplanations, own: Compared | None) -> Dot | Cell:
    """Return the point of a method on the network `name`."""
    tested = network.methods.get(method)
    if tested is None:
        return missing_cell(method, network)
    yours = own.found[method].faithfulness if own and method in own.found else None
    words = {
        "method": t(f"frame.method.{method}"),
        "model": model_name(name),
        "verdict": t(f"frame.faithfulness.verdict_{tested.verdict}"),
        **{kind: hundredths(baseline.score.value) for kind, baseline in network.baselines.items()},
    }
    said = t("explainability.score_said", score=interval(tested.score), **words)
    if tested.blank:
        said = t("explainability.score_blank", said=said, blank=tested.blank, count=network.pictures)
    if yours is not None:
        said = t("explainability.score_own", said=said, yours=hundredths(yours))
    return Dot(
        value=tested.score.value,
        low=tested.score.low,
        high=tested.score.high,
        text=hundredths(tested.score.value),
        said=said,
        colour=model_colour(name),
        good=tested.verdict == "better",
        band=tested.spread,
        marks=tuple((baseline.score.value, kind) for kind, baseline in network.baselines.items()),
        yours=yours,
        sign=_SIGNS[tested.verdict],
    )


def scores_sentences(networks: Networks) -> list[str]:
    """Return sentences: how many pairs of method and network beat both baselines, the best one, and the methods that do
    so on no or on every network; last, which maps are blank and on how many digits."""
    pairs = [(name, method, tested) for name, network in networks.items() for method, tested in network.methods.items()]
    better = [pair for pair in pairs if pair[2].verdict == "better"]
    name, method, best = max(pairs, key=lambda pair: pair[2].score.value)
    sentences = [
        t(
            "explainability.scores_said",
            beat=len(better),
            count=len(pairs),
            method=t(f"frame.method.{method}"),
            model=model_name(name),
            score=interval(best.score),
        )
    ]
    wins = {method: sum(pair[1] == method for pair in better) for method in registry.METHODS}
    tests = {method: sum(pair[1] == method for pair in pairs) for method in registry.METHODS}
    groups = {
        "never": [method for method in wins if tests[method] and not wins[method]],
        "always": [method for method in wins if tests[method] and wins[method] == tests[method]],
    }
    for kind, methods in groups.items():
        if methods:
            sentences.append(t(f"explainability.scores_{kind}", methods=_methods(methods)))
    return [*sentences, *blank_sentences(networks)]


def _methods(names: Sequence[str]) -> str:
    return t("explainability.listed").join(t(f"frame.method.{name}") for name in names)


def own_sentence(own: Mapping[str, Compared], networks: Networks) -> str:
    """Return a sentence: how many explanations of the visitor's picture beat both baselines, and the best one; none
    where every map is blank.

    The number to expect from the test digits stands beside it.
    """
    every = [(name, scored) for name, network in own.items() for scored in network.found.values()]
    if not every:
        return ""
    verdicts = [registry.verdict(scored, own[name].baselines) for name, scored in every]
    expected = sum(
        tested.better.value * tested.score.count / networks[name].pictures
        for name in own
        for tested in networks[name].methods.values()
    )
    model, best = max(every, key=lambda pair: pair[1].faithfulness)
    return t(
        "explainability.own",
        beat=verdicts.count("better"),
        count=len(verdicts),
        expected=f"{expected:.0f}",
        method=t(f"frame.method.{best.name}"),
        model=model_name(model),
        score=hundredths(best.faithfulness),
    )
