"""The story of a first visit: where each page leads on, and why, by the verdicts on this visitor's digit."""

import numpy as np
import pytest

from glassbox.digits.reader import Verdict
from glassbox.ui.frame import story
from tests.ui.dashboard import visit


def verdicts(**read: tuple[str, float]) -> dict[str, Verdict]:
    return {
        name: Verdict(name, label, share, np.zeros(10), seconds=1e-5, runs=5, provider="cpu")
        for name, (label, share) in read.items()
    }


DIFFER = verdicts(mlp=("1", 0.98), cnn=("1", 0.93), rnn=("7", 0.53))
AGREE = verdicts(mlp=("3", 0.99), cnn=("3", 0.95), rnn=("3", 0.97))
ALL_DIFFERENT = verdicts(mlp=("4", 0.6), cnn=("9", 0.5), rnn=("7", 0.8))


@pytest.mark.parametrize(
    ("page", "read", "leads_to", "parameters", "said"),
    [
        ("read", DIFFER, "rnn", {}, "The RNN reads 7, but the MLP reads 1 and the CNN reads 1"),
        ("read", AGREE, "cnn", {}, "the CNN with the least confidence (95.0%)"),
        ("read", ALL_DIFFERENT, "cnn", {}, "The CNN reads 9, but the MLP reads 4 and the RNN reads 7"),
        ("cnn", DIFFER, "rnn", {}, "but the MLP reads 1 and the CNN reads 1"),
        ("mlp", AGREE, "rnn", {}, "The RNN reads 3 as well (97.0%)"),
        ("rnn", DIFFER, "backprop", {"model": "rnn", "label": "1"}, "If it is a 1, teach it"),
        ("rnn", AGREE, "backprop", {}, "All of them read 3"),
        ("backprop", DIFFER, "text", {}, "The RNN read a 7"),
    ],
)
def test_each_page_leads_on_for_a_reason(
    page: str, read: dict[str, Verdict], leads_to: str, parameters: dict[str, str], said: str
) -> None:
    step = story.onward(page, read)
    assert step is not None and page in story.PAGES
    assert (step.place.key, dict(step.parameters)) == (leads_to, parameters)
    assert said in step.reason


@pytest.mark.parametrize("page", ["text", "privacy"])
def test_a_page_outside_the_story_has_its_neighbour_alone(page: str) -> None:
    assert page not in story.PAGES and story.onward(page, DIFFER) is None


def test_the_first_screen_leads_inside_the_network_that_differs() -> None:
    app = visit()
    (link,) = [link for link in app.page_link if "look inside the RNN" in link.label]
    assert link.page == "rnn" and link.label.startswith("**The RNN reads 7")
