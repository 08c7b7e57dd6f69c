"""The verdicts of the networks side by side: label, confidence, ten probabilities, time and provider."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from glassbox.digits.reader import Verdict
from glassbox.text.reader import TextReading
from glassbox.ui.base import formats, payload
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import long_model_name, model_colour, model_name
from glassbox.ui.components.register import register

# Not in a shadow root: the verdicts are the page's main text, for readers, for its own search and for its tests.
_component = register(__file__, isolate_styles=False)
RAREST = 1e9  # a billion, as the words say
"""Cases, one of which is wrong, beyond which a probability of float32 tells no difference that means anything."""


class Link(NamedTuple):
    """A link: its address, relative to the first screen, and its words."""

    address: str
    words: str


class OwnCard(NamedTuple):
    """The card of a network that the visitor has taught: its `name` among the cards, its title and its last line."""

    name: str
    verdict: Verdict
    link: Link
    title: str
    foot: str


def verdict_cards(
    verdicts: Mapping[str, Verdict],
    links: Mapping[str, Link],
    summary: str,
    *,
    on_opened: Callable[[str], None],
    own: Sequence[OwnCard] = (),
    key: str = "cards",
) -> None:
    """Draw a card for each verdict; `on_opened` gets the network whose link is followed, or the name of an own one.

    `links`: where each network is shown from inside. `summary`: the sentence that screen readers say when the verdicts
    change. `own`: cards after the others.
    """
    names = {*verdicts, *(card.name for card in own)}

    def followed() -> None:
        name = payload.parse(payload.sent(key, "opened"), str)
        if name is not None and name in names:
            on_opened(name)

    _component(
        key=key,
        data={
            "cards": [
                *(_card(verdict, links[name]) for name, verdict in verdicts.items()),
                *(
                    _card(card.verdict, card.link)
                    | {"name": card.name, "title": card.title, "long_title": "", "foot": card.foot}
                    for card in own
                ),
            ],
            "words": {"chart": t("components.cards.chart"), "summary": summary},
        },
        on_opened_change=followed,
    )


def _card(verdict: Verdict, link: Link) -> dict[str, object]:
    return {
        "name": verdict.model,
        "title": model_name(verdict.model),
        "long_title": long_model_name(verdict.model),
        "colour": model_colour(verdict.model),
        "label": verdict.label,
        "share": formats.percent(verdict.confidence),
        "sure": t("components.cards.sure", share=formats.percent(verdict.confidence)),
        "shares": [round(float(p), 4) for p in verdict.probabilities],
        "values": [_probability(float(p)) for p in verdict.probabilities],
        "foot": foot(verdict),
        "href": link.address,
        "link": link.words,
    }


def _probability(p: float) -> str:
    """Return `p`, near 1 as how often a network this sure expects to be wrong: "once in 12,000"."""
    if formats.NEARLY_CERTAIN < p < 1:
        cases = float(f"{1 / (1 - p):.2g}")
        if cases > RAREST:
            return t("components.cards.nearly_never", share=formats.percent(p))
        return t("components.cards.nearly", share=formats.percent(p), count=formats.count(cases))
    return formats.probability(p)


def foot(verdict: Verdict | TextReading) -> str:
    """Return the words for how long a verdict took, and where it was computed."""
    provider, time = t(f"frame.provider.{verdict.provider}"), formats.duration(verdict.seconds)
    if verdict.runs == 1:
        return t("components.cards.foot_once", time=time, provider=provider)
    return t("components.cards.foot", time=time, runs=verdict.runs, provider=provider)
