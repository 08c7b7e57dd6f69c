"""The four factors: the essay's numbers, the figures and the page."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from glassbox.history import milestones
from glassbox.history.growth import decimal_year
from glassbox.history.study import growth_study
from glassbox.ui.base import i18n, placeholders
from glassbox.ui.charts import history as figures
from glassbox.ui.frame import essay, shell
from glassbox.ui.pages.factors import cost, facts, refit
from glassbox.ui.pages.factors.parts import KEYS, PARTS
from glassbox.zoo import digit_models
from tests.ui.dashboard import visit

EN = i18n.strings("en")
STRINGS = {language: i18n.strings(language) for language in i18n.LANGUAGES}


@pytest.fixture(autouse=True)
def fresh_reader() -> Iterator[None]:
    shell.reader.clear()
    yield
    shell.reader.clear()


@pytest.fixture(scope="module")
def cards() -> dict[str, digit_models.Card]:
    return digit_models.load().cards


# Our fits beside those of the whole table


def test_agreement_and_disagreement_are_said() -> None:
    ours, whole = milestones.milestone_growth("compute")[1], growth_study().compute
    assert facts.agreement(ours, whole) == STRINGS["en"]["factors.agree"]
    whole = replace(whole, factor=9.0, low=8.0, high=10.0)
    assert facts.agreement(ours, whole) == STRINGS["en"]["factors.differ"]


# The essay


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_blank_of_the_essay_has_its_number(language: str, cards: dict[str, digit_models.Card]) -> None:
    found = facts.facts(cards)
    for section in essay.sections("factors_essay", language).values():
        assert section.values <= found.keys()
        assert not any(placeholders.names(part) or "[figure]" in part for part in section.filled(found))
    without = facts.facts({})
    assert without["mlp.compute"] == without["top.decades"] == "–"
    assert without.keys() == found.keys()


def test_both_languages_have_the_same_sections() -> None:
    english, chinese = (essay.sections("factors_essay", language) for language in ("en", "zh"))
    assert [(s.key, s.pages, len(s.parts)) for s in english.values()] == [
        (s.key, s.pages, len(s.parts)) for s in chinese.values()
    ]


def test_what_the_essay_says_of_our_networks_holds(cards: dict[str, digit_models.Card]) -> None:
    wrong = {name: 1 - card.accuracy.value for name, card in cards.items()}
    assert 0.4 < cards["cnn"].parameters / cards["mlp"].parameters < 0.6 and wrong["cnn"] < wrong["mlp"]
    assert wrong["lstm"] < wrong["rnn"] and wrong["cnn_deep"] == min(wrong.values())
    assert cards["mlp"].parameters == max(cards[name].parameters for name in digit_models.article())
    assert min(digit_models.article(), key=wrong.__getitem__) != "mlp"


def marks(figure: go.Figure) -> dict[str, list[tuple[float, float, str, str]]]:
    """Where each mark of a figure stands, what it says and its source, by the entry of the legend."""
    return {
        trace.name: list(zip(trace.x, trace.y, *zip(*trace.customdata, strict=True), strict=True))
        for trace in figure.data
        if trace.mode == "markers" and trace.customdata is not None
    }


def test_figure_shows_the_rows_and_our_six(cards: dict[str, digit_models.Card]) -> None:
    figure = figures.milestones("compute", 0, cards)
    rows = [one for one in milestones.milestones() if one.compute]
    shown = marks(figure)
    for legend, china in (("from_elsewhere", False), ("from_china", True)):
        expected = {(decimal_year(one.date), one.compute, one.source) for one in rows if one.china == china}
        assert {(x, y, link) for x, y, _, link in shown[EN[f"factors.{legend}"]]} == expected
    stars = shown[EN["factors.ours"]]
    assert [y for _, y, _, _ in stars] == [milestones.training_compute(card) for card in cards.values()]
    assert not any(link for *_, link in stars)
    first, last = figure.layout.xaxis.range
    assert all(first <= x <= last for kind in shown.values() for x, *_ in kind)
    assert figure.layout.yaxis.type == "log" and figure.layout.yaxis.range is None  # Plotly shows all there is
    said = "GPT-3 175B (davinci) · OpenAI · 2020-05-28 · 3.14 × 10²³\u00a0FLOP · arxiv.org"
    gpt3 = next(mark for mark in shown[EN["factors.from_elsewhere"]] if mark[2] == said)
    (name,) = [one for one in figure.layout.annotations if one.text == "<b>GPT-3</b>"]
    assert (name.x, name.y) == (gpt3[0], pytest.approx(math.log10(gpt3[1])))
    assert EN["factors.ours"] not in marks(figures.milestones("cost", 0, cards))


def test_figure_draws_the_fit_that_the_text_names(cards: dict[str, digit_models.Card]) -> None:
    band, fit = figures.milestones("compute", milestones.DEEP, cards).data[:2]
    factor = (fit.y[-1] / fit.y[0]) ** (1 / (fit.x[-1] - fit.x[0]))
    assert fit.name == EN["charts.fit"] and band.fill == "toself" and band.hoverinfo == fit.hoverinfo == "skip"
    assert factor == pytest.approx(milestones.milestone_growth("compute")[1].factor, rel=1e-3)
    low, high = band.y[: len(fit.y)], band.y[: len(fit.y) - 1 : -1]
    assert all(low < middle < high for low, middle, high in zip(low, fit.y, high, strict=True))


def test_growth_is_fitted_to_the_years_that_are_marked(cards: dict[str, digit_models.Card]) -> None:
    rows = [one for one in milestones.milestones() if one.compute and 2012 <= one.date.year <= 2018]
    years, logs = [decimal_year(one.date) for one in rows], [math.log10(one.compute or 1) for one in rows]
    slope = float(np.polyfit(years, logs, 1)[0])
    said = refit.growth_sentence("compute", (2012, 2018))
    assert f"{10**slope:.1f} times a year, doubling every {12 * math.log10(2) / slope:.1f} months" in said
    assert f"{len(rows)} points" in said
    figure = figures.milestones("compute", 0, cards, fitted=(2012, 2018))
    (fit,) = [one for one in figure.data if one.name == EN["charts.fit"] and one.fill != "toself"]
    assert math.log10(fit.y[-1] / fit.y[0]) / (fit.x[-1] - fit.x[0]) == pytest.approx(slope, rel=1e-6)
    assert (fit.x[0], fit.x[-1]) == (2012, 2019) == (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1)


def test_years_with_too_few_points_are_said_and_drawn_without_a_fit(cards: dict[str, digit_models.Card]) -> None:
    years = (1960, 1961)
    count = sum(bool(one.compute) for one in milestones.milestones() if years[0] <= one.date.year <= years[1])
    assert count < 3 and f"only {count} points" in refit.growth_sentence("compute", years)
    figure = figures.milestones("compute", 0, cards, fitted=years)
    assert not [one for one in figure.data if one.name == EN["charts.fit"]]


@pytest.mark.parametrize(
    ("asked", "taken"), [("2012-2018", (2012, 2018)), ("2018-2012", None), ("1-9999", None), ("x", None), ("²-³", None)]
)
def test_the_marked_years_are_in_the_link(asked: str, taken: tuple[int, int] | None) -> None:
    app = visit("factors", years=asked)
    (slider,) = app.slider
    assert slider.value == (taken or refit.usual_years())
    assert refit.growth_sentence("compute", taken or refit.usual_years()) in said(app)
    slider.set_value((1990, 2005)).run()
    assert app.query_params["years"] == "1990-2005"
    assert refit.growth_sentence("compute", (1990, 2005)) in said(app)


def test_the_summary_has_no_numbers_and_leads_to_the_sections() -> None:
    for language in i18n.LANGUAGES:
        sections = essay.sections("factors_essay", language)
        assert next(iter(sections)) == "summary"
        text = "".join(sections["summary"].parts)
        assert not re.search(r"\d", text) and not sections["summary"].values
        assert {*re.findall(r"\]\(#(\w+)\)", text)} <= sections.keys()


def test_both_fits_are_one_entry_of_the_legend(cards: dict[str, digit_models.Card]) -> None:
    fits = [trace for trace in figures.milestones("compute", 0, cards).data if trace.name == EN["charts.fit"]]
    assert [trace.showlegend for trace in fits] == [True, False]


@pytest.mark.parametrize("measure", ["per_watt", "per_dollar"])
def test_chips_are_shown_by_their_makers(measure: str) -> None:
    rows, growth = milestones.accelerator_growth(measure)
    shown = marks(figures.accelerators(measure))
    assert sum(map(len, shown.values())) == growth.count
    for maker in figures.MAKERS:
        expected = [getattr(row, measure) for row in rows if row.maker == maker]
        assert [y for _, y, _, _ in shown.get(maker, [])] == expected


def test_misread_digits_stand_within_their_interval(cards: dict[str, digit_models.Card]) -> None:
    for trace, card in zip(figures.networks(cards).data, cards.values(), strict=True):
        wrong = 1 - card.accuracy.value
        assert (trace.x[0], trace.y[0]) == (milestones.training_compute(card), pytest.approx(wrong))
        ends = (trace.y[0] - trace.error_y.arrayminus[0], trace.y[0] + trace.error_y.array[0])
        assert ends == pytest.approx((1 - card.accuracy.high, 1 - card.accuracy.low))


# The page


def opened() -> AppTest:
    """The page with all its parts open."""
    app = visit("factors")
    for part in KEYS:
        app.session_state[PARTS.unfolded.at(part=part).key] = True
    return app.run()


def said(app: AppTest) -> str:
    return "\n".join(text.value for text in app.markdown)


def test_bill_follows_the_choices_and_the_assumptions() -> None:
    app = visit("factors")
    assert "GPT-3" in said(app) and "$661,000" in said(app)
    (assumed,) = [caption.value for caption in app.caption if "You can change these assumptions" in caption.value]
    assert all(f"]({source})" in assumed for source in cost.SOURCES.values())
    app.number_input(key="cost_utilisation_").set_value(80.0).run()
    assert "At 80% of its peak" in said(app) and "$331,000" in said(app)
    app.selectbox(key="cost_model_widget").set_value("Llama 3.1-405B").run()
    assert app.query_params["run"] == "Llama 3.1-405B"
    assert any("Meta reports 30.8\u00a0million" in caption.value for caption in app.caption)


def test_link_brings_model_chip_and_figures_and_opens_the_part_they_are_in() -> None:
    app = visit("factors", "zh", run="cnn", on="AMD Instinct MI300X", measure="cost", chip="per_dollar")
    assert "CNN（本项目）" in said(app) and "AMD Instinct MI300X" in said(app) and "不到一美分" in said(app)
    assert app.session_state["era_growing"] == "cost" and app.session_state["era_chips"] == "per_dollar"
    title = essay.sections("factors_essay", "zh")["hardware"].title
    assert [one.label for one in app.expander if one.proto.expanded] == [title]


def test_figures_wait_until_the_visitor_comes_near() -> None:
    app = opened()
    assert not app.get("plotly_chart"), "the summary comes first, and Plotly is large"
    app.session_state["era_chips_figure_near"] = {"near": True}
    (chart,) = app.run().get("plotly_chart")
    assert "NVIDIA" in chart.proto.spec and chart.proto.alt.startswith(EN["factors.per_watt"])
    hints = [one.value for one in app.html if EN["charts.hint"] in one.value]
    assert len(hints) == 3  # both figures of milestones and that of the accelerators


def test_forged_link_is_passed_over() -> None:
    app = visit("factors", run="../../etc", on="<b>", measure="x")
    assert app.session_state["cost_model"] == cost.FIRST_MODEL


def test_tables_open_with_sources() -> None:
    app = opened()
    for chart in ("era_milestones_False", "era_milestones_True", "era_chips_figure", "era_ours"):
        app.session_state[f"{chart}_numbers"] = True
    app.run()
    tables = "".join(str(one.value) for one in app.html if "<table" in one.value)
    assert 'href="https://arxiv.org/abs/2005.14165"' in tables and tables.count("<tr>") > 160
    card = digit_models.load().cards["cnn_deep"]
    assert f"{1 - card.accuracy.value:.2%}" in tables


def test_without_networks_the_essay_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    load: Any = digit_models.load
    monkeypatch.setattr(digit_models, "load", lambda: load(tmp_path))
    app = visit("factors")
    assert app.warning
