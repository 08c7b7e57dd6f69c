"""The four factors: the essay's numbers, the figures and the page."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from glassbox.history import milestones
from glassbox.history.growth import decimal_year
from glassbox.history.study import growth_study
from glassbox.paths import ROOT
from glassbox.ui.base import i18n, placeholders
from glassbox.ui.components.scatter import Axis, Mark, Scatter, scatter
from glassbox.ui.frame import essay, shell
from glassbox.ui.pages.factors import cost, facts, figures
from glassbox.zoo import digit_models

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
    assert cards["mlp"].parameters == max(cards[name].parameters for name in digit_models.ARTICLE)
    assert min(digit_models.ARTICLE, key=wrong.__getitem__) != "mlp"


def test_figure_shows_the_rows_and_our_six(cards: dict[str, digit_models.Card]) -> None:
    figure = figures.milestones("compute", 0, cards)
    rows = [one for one in milestones.milestones() if one.compute]
    shown = {(mark.x, mark.y, mark.link, mark.kind) for mark in figure.marks if mark.kind != "ours"}
    assert shown == {
        (decimal_year(one.date), one.compute, one.source, "china" if one.china else "model") for one in rows
    }
    stars = [mark.y for mark in figure.marks if mark.kind == "ours"]
    assert stars == [milestones.training_compute(card) for card in cards.values()]
    assert all(figure.across.low <= mark.x <= figure.across.high for mark in figure.marks)
    assert all(figure.up.low <= mark.y <= figure.up.high for mark in figure.marks)
    gpt3 = next(mark for mark in figure.marks if mark.name == "GPT-3")
    assert gpt3.said == "GPT-3 175B (davinci) · OpenAI · 2020-05-28 · 3.14 × 10²³\u00a0FLOP · arxiv.org"
    assert not [mark for mark in figures.milestones("cost", 0, cards).marks if mark.kind == "ours"]


def test_figure_draws_the_fit_that_the_text_names(cards: dict[str, digit_models.Card]) -> None:
    trend = figures.milestones("compute", milestones.DEEP, cards).trends[0]
    years = trend.x[-1] - trend.x[0]
    factor = (trend.middle[-1] / trend.middle[0]) ** (1 / years)
    assert factor == pytest.approx(milestones.milestone_growth("compute")[1].factor, rel=1e-3)
    assert all(low < middle < high for low, middle, high in zip(trend.low, trend.middle, trend.high, strict=True))


@pytest.mark.parametrize("measure", ["per_watt", "per_dollar"])
def test_chips_are_shown_by_their_makers(measure: str) -> None:
    figure = figures.accelerators(measure)
    assert len(figure.marks) == milestones.accelerator_growth(measure)[1].count
    assert {mark.kind for mark in figure.marks} <= figure.kinds.keys()
    assert all(figure.up.low <= mark.y <= figure.up.high for mark in figure.marks)


def test_misread_digits_stand_within_their_interval(cards: dict[str, digit_models.Card]) -> None:
    for mark, card in zip(figures.ours(cards).marks, cards.values(), strict=True):
        assert (mark.x, mark.y) == (milestones.training_compute(card), pytest.approx(1 - card.accuracy.value))
        assert mark.ends == pytest.approx((1 - card.accuracy.high, 1 - card.accuracy.low))


def test_a_figure_of_too_many_marks_is_refused() -> None:
    crowd = Scatter([Mark(1, 1, "", "")] * 501, {"": ("", "circle")}, Axis("", 0, 2), Axis("", 0.1, 2))
    with pytest.raises(ValueError, match="at most 500"):
        scatter(crowd, alt="", key="crowd")


# The page


def visit(language: str = "en", **link: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.query_params["lang"] = language
    app.run().switch_page("pages/factors.py")
    app.query_params.update(link)
    return app.run()


def said(app: AppTest) -> str:
    return "\n".join(text.value for text in app.markdown)


def test_bill_follows_the_choices_and_the_assumptions() -> None:
    app = visit()
    assert "GPT-3" in said(app) and "$661,000" in said(app)
    (assumed,) = [caption.value for caption in app.caption if "yours to change" in caption.value]
    assert all(f"]({source})" in assumed for source in cost.SOURCES.values())
    app.number_input(key="cost_utilisation_").set_value(80.0).run()
    assert "At 80 % of its peak" in said(app) and "$331,000" in said(app)
    app.selectbox(key="cost_model_widget").set_value("Llama 3.1-405B").run()
    assert app.query_params["run"] == "Llama 3.1-405B"
    assert any("Meta reports 30.8 million" in caption.value for caption in app.caption)


def test_link_brings_model_chip_and_figures() -> None:
    app = visit("zh", run="cnn", on="AMD Instinct MI300X", measure="cost", chip="per_dollar")
    assert "CNN（本项目）" in said(app) and "AMD Instinct MI300X" in said(app) and "不到一美分" in said(app)
    assert app.session_state["era_growing"] == "cost" and app.session_state["era_chips"] == "per_dollar"


def test_forged_link_is_passed_over() -> None:
    app = visit(run="../../etc", on="<b>", measure="x")
    assert not app.exception
    assert app.session_state["cost_model"] == cost.FIRST_MODEL


def test_tables_open_with_sources() -> None:
    app = visit()
    for key in ("era_table_False", "era_chip_table", "era_ours_table"):
        app.session_state[key] = True
    app.run()
    assert not app.exception
    tables = "".join(str(one.value) for one in app.html if "<table" in one.value)
    assert 'href="https://arxiv.org/abs/2005.14165"' in tables and tables.count("<tr>") > 160
    card = digit_models.load().cards["cnn_deep"]
    assert f"{1 - card.accuracy.value:.2%}" in tables


def test_without_networks_the_essay_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    load: Any = digit_models.load
    monkeypatch.setattr(digit_models, "load", lambda: load(tmp_path))
    app = visit()
    assert not app.exception and app.warning
