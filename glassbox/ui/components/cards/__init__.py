"""The verdicts of the networks side by side: label, confidence, ten probabilities, time and provider."""

from collections.abc import Mapping
from urllib.parse import urlencode

from glassbox.digits.reader import Verdict
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import long_model_name, model_colour, model_name
from glassbox.ui.components.register import register
from glassbox.ui.frame import places

# Not in a shadow root: the verdicts are the page's main text, for readers, for its own search and for its tests.
_component = register(__file__, isolate_styles=False)


def verdict_cards(
    verdicts: Mapping[str, Verdict], link: Mapping[str, str], summary: str, key: str = "cards"
) -> str | None:
    """Draw a card for each verdict and return the network whose link was just followed, if any.

    `link`: the parameters of every link, so that a card opened in a new tab shows the same digit. `summary`: the
    sentence that screen readers say when the verdicts change.
    """
    opened = _component(
        key=key,
        data={
            "cards": [_card(verdict, link) for verdict in verdicts.values()],
            "words": {"chart": t("components.cards.chart"), "summary": summary},
        },
        on_opened_change=lambda: None,
    ).opened
    return opened if isinstance(opened, str) and opened in verdicts else None


def _card(verdict: Verdict, link: Mapping[str, str]) -> dict[str, object]:
    place, parameters = places.of_model(verdict.model)
    return {
        "name": verdict.model,
        "title": model_name(verdict.model),
        "long_title": long_model_name(verdict.model),
        "colour": model_colour(verdict.model),
        "label": verdict.label,
        "sure": t("components.cards.sure", share=formats.percent(verdict.confidence)),
        "shares": [round(float(p), 4) for p in verdict.probabilities],
        "values": [formats.probability(float(p)) for p in verdict.probabilities],
        "foot": t(
            "components.cards.foot",
            time=formats.duration(verdict.seconds),
            runs=verdict.runs,
            provider=t(f"frame.provider.{verdict.provider}"),
        ),
        "href": f"{places.address(place)}?{urlencode({**link, **parameters})}",
        "link": t("components.cards.record" if place.key == "model_zoo" else "components.cards.inside"),
    }
