"""The numbers in the questions and the programs: the essay's, and more from the cards, never typed."""

from collections.abc import Mapping

from glassbox.history import milestones
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.frame import facts as shared
from glassbox.zoo import digit_models
from glassbox.zoo.digit_models import Card, Zoo

_DASH = "–"
_CARD = (
    "accuracy",
    "interval",
    "tested",
    "pictures",
    "flops",
    "size",
    "epochs",
    "batch",
    "ece_before",
    "ece_after",
    "break_even",
)


def facts(zoo: Zoo) -> dict[str, str]:
    """The values of the FAQ's texts. Networks that were refused are shown by a dash."""
    found = shared.facts(zoo.cards)
    for name in digit_models.names():
        found |= {f"{name}.{key}": value for key, value in _network(zoo.cards.get(name)).items()}
    auroc = zoo.familiarity.auroc if zoo.familiarity else None
    found["familiarity.auroc"] = _DASH if auroc is None else formats.percent(auroc)
    return found | _gpt3(zoo.cards)


def _network(card: Card | None) -> dict[str, str]:
    if card is None:
        return dict.fromkeys(_CARD, _DASH)
    a = card.accuracy
    return {
        "accuracy": f"{a.value:.1%}".replace("%", f"{formats.NO_BREAK}%"),
        "interval": f"{100 * a.low:.1f}–{100 * a.high:.1f}{formats.NO_BREAK}%",
        "tested": formats.count(a.count),
        "pictures": formats.percent(card.pictures.accuracy) if card.pictures else _DASH,
        "flops": formats.count(card.flops),
        "size": formats.size(card.bytes),
        "epochs": str(card.training.epochs),
        "batch": str(card.training.batch_size),
        "ece_before": f"{card.calibration.ece_before:.2%}",
        "ece_after": f"{card.calibration.ece_after:.2%}",
        "break_even": formats.count(milestones.training_compute(card) / card.flops),
    }


def _gpt3(cards: Mapping[str, Card]) -> dict[str, str]:
    large = next(row.parameters for row in milestones.milestones() if row.name.startswith("GPT-3 ")) or 0
    ratio = _words(large / cards["mlp"].parameters) if "mlp" in cards else _DASH
    return {"gpt3.parameters": _words(large), "gpt3.ratio": ratio}


def _words(number: float) -> str:
    size, value = formats.scaled(number)
    return t(f"faq.{size}", value=value)
