"""The line below a figure: what the mark is that was clicked, and where its source is."""

import plotly.graph_objects as go
import pytest

from glassbox.ui.base import i18n
from glassbox.ui.charts.figures import add_curve
from glassbox.ui.charts.marks import Mark, add_marks
from glassbox.ui.frame.interactive import source_line

EN = i18n.strings("en")


@pytest.fixture
def figure() -> go.Figure:
    made = go.Figure()
    add_curve(made, "fit", [1, 2], [1, 2], colour="red", band=([0, 1], [2, 3]))
    add_marks(made, "kind", "circle", [Mark(1, 1, "first <b>", link="https://a/?b&c"), Mark(2, 2, "second")])
    return made


def test_the_chosen_mark_is_named_and_leads_to_its_source(figure: go.Figure) -> None:
    shown = source_line(figure, [{"curve_number": 2, "point_index": 0}])
    assert "first &lt;b&gt;" in shown and 'href="https://a/?b&amp;c"' in shown and EN["charts.hint"] not in shown


def test_a_mark_without_a_source_is_only_named(figure: go.Figure) -> None:
    shown = source_line(figure, [{"curve_number": 2, "point_index": 1}])
    assert "second" in shown and "href" not in shown


@pytest.mark.parametrize(
    "chosen",
    [
        [],
        [{}],
        [{"curve_number": 0, "point_index": 0}],  # the band
        [{"curve_number": 1, "point_index": 0}],  # the curve, whose interval is no words
        [{"curve_number": 9, "point_index": 0}],
        [{"curve_number": 2, "point_index": 7}],
        [{"curve_number": "2", "point_index": None}],
    ],
)
def test_nothing_chosen_or_no_mark_shows_the_hint(figure: go.Figure, chosen: list[dict[str, object]]) -> None:
    assert EN["charts.hint"] in source_line(figure, chosen)
