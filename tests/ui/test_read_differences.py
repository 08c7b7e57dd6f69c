"""Why the networks disagree: the labels compared, the sentences and the way on to the lesson."""

import re

import numpy as np
import pytest

from glassbox.digits import images, links, strokes
from glassbox.digits.reader import Verdict
from glassbox.digits.tensors import rescaled
from glassbox.explain.attribution.methods import Network
from glassbox.ui.base import i18n
from glassbox.ui.frame.picture import FIRST_SAMPLE
from glassbox.ui.pages.read.differences import Difference, contested, sentence
from glassbox.zoo import digit_models
from tests.ui.dashboard import THREE, components, map_values, png, upload, visit

EN = i18n.strings("en")
EMPTY = np.zeros((28, 28))
PAPER = np.dstack(
    [255 - strokes.draw(strokes.SAMPLES[FIRST_SAMPLE].strokes)] * 3 + [np.full((280, 280), 255, np.uint8)]
)
"""What every visit begins with."""


def verdict(model: str, label: str, confidence: float = 0.9) -> Verdict:
    return Verdict(model, label, confidence, np.full(10, 0.1), 1e-5, 5, "cpu")


def test_the_two_labels_that_most_read_are_compared() -> None:
    read = {name: verdict(name, label) for name, label in (("a", "7"), ("b", "1"), ("c", "1"))}
    assert contested(read) == ("1", "7")
    assert contested({"a": verdict("a", "7", 0.6), "b": verdict("b", "1", 0.8)}) == ("1", "7")
    assert contested({"a": verdict("a", "7"), "b": verdict("b", "7")}) is None


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([7] * 28, "says 7 from the first row to the last"),
        ([1] * 14 + [7] * 14, "from row 1 to row 14 it would have said 1; row 15 turned that into 7"),
        ([0] * 5 + [1] + [7] * 22, "after row 6 it would have said 1; row 7 turned that into 7"),
    ],
)
def test_a_network_that_reads_row_by_row_is_told_by_its_last_turn(rows: list[int], said: str) -> None:
    whole = sentence(verdict("rnn", "7"), Difference(EMPTY, -1.0, tuple(rows)), ("1", "7"))
    assert said in whole and whole.endswith("Its score of 7 is 1 higher than that of 1.")


@pytest.mark.parametrize(("sign", "ahead", "behind"), [(1.0, "1", "7"), (-1.0, "7", "1")])
def test_the_other_networks_are_told_by_the_parts_that_weigh_most(sign: float, ahead: str, behind: str) -> None:
    """Whichever label is ahead: the part that speaks most for it comes first."""
    differences = EMPTY.copy()
    differences[2, 25], differences[25, 2] = 3.0 * sign, -1.0 * sign
    said = sentence(verdict("mlp", ahead), Difference(differences, 2.0 * sign), ("1", "7"))
    assert f"the score of {ahead} is 2 higher than that of {behind}" in said
    assert f"The upper right speaks most for {ahead} (+3), the lower left most against it (−1)" in said


def test_where_no_part_speaks_against_the_verdict_none_is_named() -> None:
    differences = EMPTY.copy()
    differences[2, 25] = 3.0
    said = sentence(verdict("mlp", "1"), Difference(differences, 2.0), ("1", "7"))
    assert "The upper right speaks most for 1 (+3), and no part of the picture against it" in said


def test_the_first_screen_says_why_in_the_networks_own_numbers() -> None:
    """The maps add up to what ONNX Runtime's scores gain on an empty sheet's, and the link leads to the lesson."""
    app = visit("read", state={"gb_differ": True})
    (shown,) = [one for one in components(app, "maps") if len(one["rows"][0]["tiles"]) == 3]
    zoo = digit_models.load()
    picture = rescaled(images.prepare_pixels(PAPER).digit)
    for tile, name in zip(shown["rows"][0]["tiles"], zoo.article, strict=True):
        scores = Network(zoo.model_bytes(name)).scores(np.stack([picture, np.zeros_like(picture)]))
        here, on_paper = scores[:, 1] - scores[:, 7]
        assert map_values(tile).sum() == pytest.approx(float(here - on_paper), abs=0.02 * float(np.ptp(scores)))
    said = "\n".join(one.value for one in app.markdown)
    assert re.search(r"RNN\*\* reads from the top: .* turned that into 7", said)
    (lesson,) = [link for link in app.get("page_link") if link.proto.label == "Teach the RNN that this is a 1"]
    assert "model=rnn" in lesson.proto.query_string and "label=1" in lesson.proto.query_string


def test_where_all_agree_there_is_nothing_to_explain() -> None:
    app = visit("read", state={"gb_differ": True, "way": "samples"})
    assert [one.label for one in app.expander if one.label == EN["read.differ.title"]]
    app = upload(visit("read"), **{"3.png": png(THREE)})
    assert not [one.label for one in app.expander if one.label == EN["read.differ.title"]]


def test_what_came_of_a_visitors_own_digit_lies_in_the_session_alone() -> None:
    """A digit that comes by a link is a visitor's own: nothing of it goes into what all visitors share."""
    sample = visit("read", state={"gb_differ": True})
    assert "read_differences" not in sample.session_state
    digit = images.prepare_pixels(PAPER).digit.copy()
    digit[27, 27] = 1  # the sample itself would still be everybody's
    own = visit("read", state={"gb_differ": True}, d=links.to_link(digit))
    assert len(own.session_state["read_differences"]) == 3
