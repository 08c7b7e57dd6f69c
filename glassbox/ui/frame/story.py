"""Where a first visit goes on from a page, with a reason taken from what the networks read in this visitor's digit.

From the digit it leads to the inside of a network, on to the RNN, to learning, and to networks that read text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from glassbox.digits.reader import Verdict
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.frame import notices, places
from glassbox.ui.frame.places import Place

PAGES = ("read", "forward", "mlp", "cnn", "rnn", "backprop")
"""The pages that the story leads on from."""
ROWS = "rnn"
"""The network of the article that reads row by row."""


@dataclass(frozen=True)
class Onward:
    """The next page of the story, why to go there, and what the link to it says beside the digit."""

    place: Place
    reason: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def onward(key: str, verdicts: Mapping[str, Verdict]) -> Onward | None:
    """Return where the story goes on from the page `key`, None from a page that is not in it.

    `verdicts`: those of the article's networks.
    """
    if not verdicts:
        return None
    if key == "read":
        return _inside(verdicts)
    if key in ("forward", "mlp", "cnn"):
        return _to("rnn", _rows(verdicts))
    if key == "rnn":
        return _learning(verdicts)
    if key == "backprop" and ROWS in verdicts:
        return _to("text", t("frame.story.text", label=verdicts[ROWS].label))
    return None


def odd_one_out(verdicts: Mapping[str, Verdict]) -> tuple[Verdict, list[Verdict]]:
    """Return the verdict that the fewest networks share, of equals the least sure one, and those that differ."""
    labels = [verdict.label for verdict in verdicts.values()]
    odd = min(verdicts.values(), key=lambda verdict: (labels.count(verdict.label), verdict.confidence))
    return odd, [verdict for verdict in verdicts.values() if verdict.label != odd.label]


def _inside(verdicts: Mapping[str, Verdict]) -> Onward:
    odd, others = odd_one_out(verdicts)
    place, parameters = places.of_model(odd.model)
    reason = t("frame.story.inside_differs" if others else "frame.story.inside_agrees", **_words(odd, others))
    return Onward(place, reason, parameters)


def _rows(verdicts: Mapping[str, Verdict]) -> str | None:
    if ROWS not in verdicts:
        return None
    rows = verdicts[ROWS]
    others = [verdict for verdict in verdicts.values() if verdict.label != rows.label]
    return t("frame.story.rows_differ" if others else "frame.story.rows_agree", **_words(rows, others))


def _learning(verdicts: Mapping[str, Verdict]) -> Onward | None:
    odd, others = odd_one_out(verdicts)
    if not others:
        return _to("backprop", t("frame.story.learn_agrees", label=odd.label))
    surest = max(others, key=lambda verdict: verdict.confidence).label
    reason = t("frame.story.learn_differs", model=model_name(odd.model), label=odd.label, other=surest)
    return _to("backprop", reason, {"model": odd.model, "label": surest})


def _words(verdict: Verdict, others: list[Verdict]) -> dict[str, str]:
    return {
        "model": model_name(verdict.model),
        "label": verdict.label,
        "share": formats.percent(verdict.confidence),
        "others": notices.listed([_other(one) for one in others]) if others else "",
    }


def _other(verdict: Verdict) -> str:
    return t("frame.story.other", model=model_name(verdict.model), label=verdict.label)


def _to(key: str, reason: str | None, parameters: Mapping[str, str] | None = None) -> Onward | None:
    place = places.PLACES.get(key)
    return Onward(place, reason, parameters or {}) if place and reason else None
