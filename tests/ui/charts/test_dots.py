"""Points on a common axis: where they stand, and that no text can become markup."""

import re
from dataclasses import replace

import pytest

from glassbox.ui.charts import dots
from glassbox.ui.charts.dots import Dot, Row
from glassbox.ui.charts.tables import Cell

DOT = Dot(0.5, 0.25, 0.75, "0.50", "half", "#123456", good=True)


def drawn(*cells: Dot | Cell, ends: tuple[float, float] = (0.0, 1.0), marked: bool = False) -> str:
    return dots.to_html("Title", ["One"], [Row("first", cells, marked)], ends, [("point", "mean")])


def left(html: str, kind: str) -> float:
    (found,) = re.findall(rf'<i class="gb-{kind}" style="left:([0-9.]+)%', html)
    return float(found)


def test_value_and_interval_stand_where_they_belong() -> None:
    html = drawn(DOT, ends=(0.0, 2.0))
    assert left(html, "point") == 25 and "left:12.5%;right:calc(100% - 37.5%)" in html
    assert '<td class="gb-strong" title="half">0.50<' in html and 'aria-label="half"' in html


@pytest.mark.parametrize(("value", "at"), [(-3.0, 0), (3.0, 100)])
def test_values_beyond_the_axis_stand_at_its_ends(value: float, at: float) -> None:
    assert left(drawn(replace(DOT, value=value)), "point") == at


def test_rivals_own_and_zero_are_drawn_only_where_there_are_any() -> None:
    bare = drawn(DOT)
    assert not any(f'class="gb-{kind}" style' in bare for kind in ("edges", "random", "yours", "band", "zero"))
    html = drawn(replace(DOT, good=False, marks=((0.4, "edges"),), yours=0.6, band=(0.1, 0.9)), ends=(-1.0, 1.0))
    assert (left(html, "edges"), left(html, "yours"), left(html, "zero"), left(html, "hollow")) == (70, 80, 50, 75)
    assert "gb-strong" not in html and 'gb-band" style="left:55.0%' in html


def test_empty_cell_says_why_and_own_row_is_marked() -> None:
    html = drawn(Cell("–", said="why", kind="missing"), marked=True)
    assert "gb-missing" in html and "–</td>" in html and 'title="why"' in html and '<tr class="gb-marked">' in html


def test_texts_are_escaped() -> None:
    evil = "<script>&"
    cell = Dot(0.5, 0.4, 0.6, evil, evil, "#123456", good=True, sign=evil)
    html = dots.to_html(evil, [evil], [Row(evil, (cell,))], (0, 1), [("point", evil)])
    assert "<script" not in html and html.count("&lt;script&gt;&amp;") == 8
