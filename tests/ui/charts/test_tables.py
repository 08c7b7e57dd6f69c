"""HTML tables: escaped, shaded, read by screen readers, scrolled by the keyboard."""

import re

import pytest

from glassbox.ui.charts.tables import Cell, Table

EVIL = '<script>&"'


def test_no_text_can_become_markup() -> None:
    cell = Cell(EVIL, said=EVIL, shade=0.5)
    made = Table(EVIL, [EVIL] * 4, [[EVIL, EVIL, cell, cell]], links=[f"https://x/{EVIL}"], colour="#123456")
    shown = made.html()
    assert "<script" not in shown and '&"' not in shown and shown.count("&lt;script&gt;&amp;&quot;") == 14


def test_shade_follows_size_and_side() -> None:
    rows = [["r1", Cell("a", shade=0.25), Cell("b", shade=-0.5)], ["r2", Cell("c", shade=7), ""]]
    shown = Table("Title", ["", "c1", "c2"], rows, colour="#123456").html()
    assert re.findall(r"--share:(\d+)%", shown) == ["25", "50", "100"]
    assert shown.count("gb-below") == 1 and "--shade:#123456" in shown and "gb-upright" not in shown


def test_bars_go_to_their_side_and_end_at_the_edge() -> None:
    rows = [["r", Cell("1", bar=0.25), Cell("2", bar=-3.0)]]
    bars = re.findall(r'gb-bar gb-(\w+)" style="--share:([0-9.]+)', Table("Title", ["", "a", "b"], rows).html())
    assert bars == [("positive", "0.250"), ("negative", "1.000")]


def test_rows_are_named_lead_to_their_source_and_stand_out() -> None:
    rows = [["a", "1"], ["b", "2"], ["c", "3"]]
    shown = Table("Title", ["x", "y"], rows, links=["https://a", ""], marked=[1], totals=[2]).html()
    assert '<tr><th scope=row><a href="https://a" target="_blank" rel="noopener">a</a></th><td>1</td></tr>' in shown
    assert (
        '<tr class="gb-marked"><th scope=row>b</th>' in shown and '<tr class="gb-total"><th scope=row>c</th>' in shown
    )


@pytest.mark.parametrize(("columns", "focused"), [(2, False), (3, True)])
def test_table_that_may_scroll_sideways_can_be_focused_and_has_a_name(columns: int, focused: bool) -> None:
    shown = Table("Title", ["x"] * columns, [["1"] * columns]).html()
    assert ('tabindex="0" role="group" aria-label="Title"' in shown) == focused
    assert shown.count("<caption") == 1


@pytest.mark.parametrize("visible", [True, False])
def test_caption_is_always_there_for_screen_readers(visible: bool) -> None:
    shown = Table("Title", ["x"], [["1"]], show_caption=visible).html()
    assert '<caption class="gb-unseen">Title</caption>' in shown and ("gb-caption" in shown) == visible
