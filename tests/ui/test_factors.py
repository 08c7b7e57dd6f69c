"""The four factors: tables by their rule, fits against NumPy's own and against published figures, the bill by hand."""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from export.studies import era as study
from glassbox.history import milestones
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


def row(name: str) -> milestones.Milestone:
    return next(one for one in milestones.milestones() if one.name == name)


def chip(name: str) -> milestones.Accelerator:
    return next(one for one in milestones.accelerators() if one.name == name)


# The fit


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [(1, 12.7062), (2, 4.3027), (3, 3.1824), (5, 2.5706), (10, 2.2281), (30, 2.0423), (120, 1.9799), (1000, 1.9623)],
)
def test_student_t_is_the_tables(freedom: int, quantile: float) -> None:
    """NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, upper 2.5 %."""
    assert milestones.student_t(freedom) == pytest.approx(quantile, abs=6e-5)


POINTS = st.lists(
    st.tuples(st.integers(0, 7500).map(lambda n: 1950 + n / 100), st.floats(-3, 27)), min_size=4, max_size=40
).filter(lambda points: np.ptp([x for x, _ in points]) > 1)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(POINTS)
def test_fit_and_its_errors_are_numpys(points: list[tuple[float, float]]) -> None:
    years, logs = np.array(points).T
    made = milestones.growth(years.tolist(), (10**logs).tolist())
    centred = years - years.mean()
    (slope, level), covariance = np.polyfit(centred, logs, 1, cov=True)
    assert made.slope == pytest.approx(slope, abs=1e-7)
    assert made.error == pytest.approx(math.sqrt(max(covariance[0, 0], 0)), abs=1e-6)
    ends = np.array([years.min(), years.max()])
    design = np.stack([ends - years.mean(), np.ones(2)])
    line = slope * design[0] + level
    half = made.quantile * np.sqrt(np.einsum("ij,ik,kj->j", design, covariance, design))
    for made_end, expected in zip(made.at(ends), (line, line - half, line + half), strict=True):
        assert np.log10(made_end) == pytest.approx(expected, abs=1e-4)


def test_what_doubles_every_year_is_said_to() -> None:
    made = milestones.growth([2000, 2001, 2002, 2003], [1, 2, 4, 8])
    assert made.factor == pytest.approx(2)
    assert made.interval == pytest.approx((2, 2))
    assert made.doubling == pytest.approx(12)


def test_doubling_time_is_endless_where_standstill_cannot_be_excluded() -> None:
    made = milestones.growth([2000, 2001, 2002, 2003], [1, 30, 1, 40])
    low, high = made.interval
    assert low < 1 < high
    assert made.doubling_interval[1] == math.inf and made.doubling_interval[0] < made.doubling
    assert milestones.growth([2000, 2001, 2002], [4, 2, 1]).doubling == math.inf


@pytest.mark.parametrize(
    ("years", "values", "said"),
    [([1, 2], [1, 2], "3 points"), ([1, 2, 3], [1, 0, 2], "above 0"), ([5, 5, 5], [1, 2, 3], "one time")],
)
def test_points_that_give_no_line_are_refused(years: list[float], values: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        milestones.growth(years, values)


def test_days_as_years() -> None:
    assert milestones.year(date(2020, 1, 1)) == 2020
    assert milestones.year(date(2020, 7, 1)) == pytest.approx(2020 + 182 / 366)


# The tables


def test_tables_are_within_their_limits_and_credited() -> None:
    assert 100 <= len(milestones.milestones()) <= study.MOST_MILESTONES == 120
    assert 30 <= len(milestones.accelerators()) <= study.MOST_ACCELERATORS == 40
    for path in (milestones.MILESTONES, milestones.ACCELERATORS):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("#") and "Epoch AI" in first and "CC BY" in first


def test_every_row_has_its_source_and_something_to_show() -> None:
    for one in (*milestones.milestones(), *milestones.accelerators()):
        assert one.source.startswith(("http://", "https://")), one.name
    assert all(one.compute for one in milestones.milestones())
    assert all(one.per_watt for one in milestones.accelerators())
    assert all(bool(one.rent) == bool(one.rent_source) for one in milestones.accelerators())
    names = [one.name for one in milestones.milestones()]
    assert len(set(names)) == len(names)
    assert [one.date for one in milestones.milestones()] == sorted(one.date for one in milestones.milestones())


def test_frontier_rows_keep_to_their_rule() -> None:
    """At most two of the milestones until then are larger: necessary, for all larger ones are milestones themselves."""
    rows = [one for one in milestones.milestones() if one.compute]
    for one in rows:
        if one.chosen == "frontier":
            assert sum((other.compute or 0) > (one.compute or 0) for other in rows if other.date < one.date) <= 2
        if one.chosen == "china":
            assert one.china


@pytest.mark.parametrize(
    ("name", "compute", "parameters"),
    [
        ("AlexNet", 4.7e17, 60e6),  # Krizhevsky et al. 2012: 60 million parameters
        ("GPT-3 175B (davinci)", 3.14e23, 175e9),  # Brown et al. 2020, table D.1
        ("Llama 3.1-405B", 3.8e25, 405e9),  # Llama team 2024, https://arxiv.org/abs/2407.21783
        ("LeNet-5", 2.8e12, 60e3),  # LeCun et al. 1998: 60,000 parameters
    ],
)
def test_well_known_models_are_as_their_papers_say(name: str, compute: float, parameters: float) -> None:
    assert row(name).compute == pytest.approx(compute, rel=0.02)
    assert row(name).parameters == pytest.approx(parameters, rel=0.01)


def test_h100_is_as_its_data_sheet_says() -> None:
    assert chip("NVIDIA H100 SXM5 80GB").flops == pytest.approx(989e12, rel=0.001)
    assert chip("NVIDIA H100 SXM5 80GB").per_watt == pytest.approx(989.4e12 / 700)


def test_a_row_that_is_not_right_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = milestones.MILESTONES.read_text(encoding="utf-8").splitlines()
    broken = tmp_path / "milestones.csv"
    broken.write_text("\n".join([*lines[:3], lines[3].replace(",other,", ",cooking,")]), encoding="utf-8")
    monkeypatch.setattr(milestones, "MILESTONES", broken)
    milestones.milestones.cache_clear()
    with pytest.raises(ValueError, match=r"milestones\.csv, row 2.*cooking"):
        milestones.milestones()
    milestones.milestones.cache_clear()


# Curated, whole, published


def test_growth_of_compute_is_that_of_the_whole_table_and_the_published() -> None:
    """Epoch AI: 4 to 5 times a year, 2010 to May 2024; 4.7 (90 % interval 4.3 to 5.2) in June 2024, of 428 models."""
    ours, whole = milestones.milestone_growth("compute")[1], milestones.growth_study().compute
    assert ours.interval[0] < whole.factor < ours.interval[1]
    assert 4 < ours.factor < 5 and 4 < whole.factor < 5
    assert whole.count > 3 * ours.count
    assert facts.agreement(ours, whole) == STRINGS["en"]["factors.agree"]


def test_growth_before_2010_was_that_of_chips() -> None:
    """Sevilla et al. 2022: doubling in 17 to 29 months before deep learning."""
    months = milestones.milestone_growth("compute", 0, milestones.DEEP)[1].doubling
    assert 17 < months < 29
    low, high = milestones.growth_study().before.low, milestones.growth_study().before.high
    assert low < 10 ** (12 * math.log10(2) / months) < high


@pytest.mark.parametrize("measure", ["parameters", "examples"])
def test_sizes_grow_as_in_the_whole_table(measure: str) -> None:
    low, high = milestones.milestone_growth(measure)[1].interval
    assert low < getattr(milestones.growth_study(), measure).factor < high


@pytest.mark.parametrize("measure", ["per_watt", "per_dollar"])
def test_chips_improve_as_in_the_whole_table(measure: str) -> None:
    low, high = milestones.accelerator_growth(measure)[1].interval
    whole = getattr(milestones.growth_study(), measure)
    assert low < whole.high and whole.low < high


def test_disagreement_would_be_said() -> None:
    whole = replace(milestones.growth_study().compute, factor=9.0, low=8.0, high=10.0)
    assert facts.agreement(milestones.milestone_growth("compute")[1], whole) == STRINGS["en"]["factors.differ"]


# Our networks


def test_training_compute_is_three_forward_passes_a_picture(cards: dict[str, digit_models.Card]) -> None:
    card = cards["mlp"]
    by_hand = 3 * 2 * (784 * 128 + 128 * 10) * card.dataset.train * card.training.epochs
    assert milestones.training_compute(card) == pytest.approx(by_hand, rel=0.01)  # the biases are the difference


def test_nearest_by_ratio() -> None:
    assert milestones.nearest_milestone(3.2e23).name in ("GPT-3 175B (davinci)", "InstructGPT 175B")
    assert milestones.nearest_milestone(1).name == "Theseus"


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
        (milestones.year(one.date), one.compute, one.source, "china" if one.china else "model") for one in rows
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
