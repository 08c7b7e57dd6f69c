"""The figures show what the cards say."""

import math
from pathlib import Path

import plotly.graph_objects as go
import pytest

from glassbox.paths import ROOT
from glassbox.ui.base import models, palette, style
from glassbox.ui.base.models import model_colour
from glassbox.ui.charts import figures, model_zoo
from glassbox.ui.charts.confusion import confusion
from glassbox.ui.charts.dots import Dot
from glassbox.ui.charts.reliability import reliability, reliability_table
from glassbox.ui.charts.tables import Cell
from glassbox.ui.pages.model_zoo import view
from glassbox.zoo import digit_models
from glassbox.zoo.cards import Accuracy
from glassbox.zoo.digit_models import Card
from tests import small_zoo


@pytest.fixture
def cards(tmp_path: Path) -> dict[str, Card]:
    small_zoo.write(tmp_path, "mlp")
    small_zoo.write(tmp_path, "cnn", accuracy={"value": 0.9, "low": 0.85, "high": 0.93, "correct": 90, "count": 100})
    return digit_models.load(tmp_path).cards


def test_accuracy_stands_within_its_interval_the_best_on_top(cards: dict[str, Card]) -> None:
    rows, ends = model_zoo.accuracy(cards)
    (better,), (worse,) = (row.dots for row in rows)
    assert isinstance(better, Dot) and isinstance(worse, Dot)
    assert (better.value, better.low, better.high, better.colour) == (0.9, 0.85, 0.93, model_colour("cnn"))
    assert worse.value == 0.8 and ends[0] <= worse.low and ends[1] == 0.93


def test_calibration_leaves_empty_bins_out(cards: dict[str, Card]) -> None:
    _, before, after = reliability(cards["mlp"].calibration, "#2E7CC4").data
    for line in (before, after):
        assert (list(line.x), list(line.y)) == ([0.9], [0.8])
        assert list(map(list, line.customdata)) == [["100", "90.0%", "80.0%"]]


def test_bins_are_a_table_too_the_empty_ones_with_dashes(cards: dict[str, Card]) -> None:
    measured = cards["mlp"].calibration
    made = reliability_table(measured, "Title")
    assert len(made.rows) == len(measured.bins_after) and all(len(row) == len(made.heads) == 7 for row in made.rows)
    for row, before, after in zip(made.rows, measured.bins_before, measured.bins_after, strict=True):
        assert (row[1], row[4]) == (str(before.count), str(after.count))
        assert (row[5] == "–") == (after.count == 0)
    assert sum(row[6] == "80.0%" for row in made.rows) == 1


def test_a_figure_is_a_table_of_its_curves_with_their_intervals() -> None:
    figure = go.Figure()
    found = [Accuracy(0.5, 0.4, 0.6, 5, 10), Accuracy(0.25, 0.2, 0.3, 5, 20)]
    band, text = ([0.4, 0.2], [0.6, 0.3]), list(map(figures.interval, found))
    figures.add_curve(figure, "a", [1, 2], [0.5, 0.25], colour="red", band=band, text=text)
    figures.add_curve(figure, "b", [2, 3], [5.69e-5, math.nan], colour="blue")
    figure.add_scatter(x=[0, 9], y=[0, 9], name="guide", hoverinfo="skip")
    figure.update_xaxes(title="x")
    made = figures.numbers(figures.finished(figure), "Title")
    assert list(made.heads) == ["x", "a", "b"]
    assert [list(row) for row in made.rows] == [
        ["1", "50.0% (40.0% – 60.0%)", "–"],
        ["2", "25.0% (20.0% – 30.0%)", "5.69 × 10⁻⁵"],
        ["3", "–", "–"],
    ]


def test_confusion_shades_mistakes_and_prints_all(cards: dict[str, Card]) -> None:
    card = cards["mlp"]
    counts = [list(row) for row in card.confusion]
    counts[4][9], counts[2][3] = 1234, 617
    made = confusion(counts, card.labels, caption="Title", colour="#2E7CC4")
    assert all(
        row[1 + i] == Cell("8", said=f"a {i} read as {i}: 8 times", kind="strong") for i, row in enumerate(made.rows)
    )
    assert made.rows[4][10] == Cell("1,234", said="a 4 read as 9: 1,234 times", shade=1.0)
    assert made.rows[2][4] == Cell("617", said="a 2 read as 3: 617 times", shade=0.5) and made.rows[3][5] == ""
    assert not made.upright and confusion([[1] * 5] * 5, ["news"] * 5, caption="", colour="red").upright


@pytest.mark.parametrize("what", ["loss", "accuracy"])
def test_training_shows_both_curves_by_epoch(cards: dict[str, Card], what: str) -> None:
    seen, held = model_zoo.training(cards["mlp"], what).data
    history = cards["mlp"].training.history
    assert list(seen.x) == [1, 2]
    assert list(seen.y) == list(getattr(history, what))
    assert list(held.y) == list(getattr(history, f"val_{what}"))


def test_most_common_mistake_is_named(tmp_path: Path) -> None:
    confusion = [[8 if i == j else 0 for j in range(10)] for i in range(10)]
    confusion[4][9] = 3
    small_zoo.write(tmp_path, "rnn", confusion=confusion)
    assert "a 4 read as a 9, 3 times" in view.confusion_note(digit_models.load(tmp_path).cards["rnn"])


def test_no_mistake_at_all_is_said(cards: dict[str, Card]) -> None:
    assert "not one mistake" in view.confusion_note(cards["mlp"])


def test_colours_keep_their_contrast_on_both_papers() -> None:
    """WCAG 1.4.11: graphics need 3 : 1."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colour in (*(one.colour for one in models.displays().values() if one.colour), palette.GREY):
        for paper in style.PAPER.values():
            darker, lighter = sorted((luminance(colour), luminance(paper)))
            assert (lighter + 0.05) / (darker + 0.05) >= 3


def test_paper_is_the_themes() -> None:
    theme = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert all(f'backgroundColor = "{paper}"' in theme for paper in style.PAPER.values())
