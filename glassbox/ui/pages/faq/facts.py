"""The values that the questions and the programs quote: those of all texts, and more from the cards."""

from collections.abc import Mapping

from glassbox.history import milestones
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.frame import facts as frame_facts
from glassbox.zoo.digit_models import Card, Zoo

_DASH = "–"
_VALUES = (
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
    """Return the values of the FAQ's texts; a refused network's are dashes."""
    values = frame_facts.facts(zoo.cards)
    for name in frame_facts.quoted():
        values |= {f"{name}.{key}": value for key, value in _network(zoo.cards.get(name)).items()}
    auroc = zoo.familiarity.auroc if zoo.familiarity else None
    values["familiarity.auroc"] = _DASH if auroc is None else formats.percent(auroc)
    return values | _gpt3(zoo.cards)


def _network(card: Card | None) -> dict[str, str]:
    """Return the values of a network by the names _VALUES."""
    if card is None:
        return dict.fromkeys(_VALUES, _DASH)
    accuracy = card.accuracy
    return {
        "accuracy": formats.measured(accuracy.value),
        "interval": f"{formats.measured(accuracy.low)}–{formats.measured(accuracy.high)}",
        "tested": formats.count(accuracy.count),
        "pictures": formats.percent(card.pictures.accuracy) if card.pictures else _DASH,
        "flops": formats.count(card.flops),
        "size": formats.size(card.bytes),
        "epochs": str(card.training.epochs),
        "batch": str(card.training.batch_size),
        "ece_before": formats.measured(card.calibration.ece_before, 2),
        "ece_after": formats.measured(card.calibration.ece_after, 2),
        "break_even": formats.count(milestones.training_compute(card) / card.flops),
    }


def _gpt3(cards: Mapping[str, Card]) -> dict[str, str]:
    """Return the parameters of GPT-3, and how many times those of the MLP they are."""
    parameters = next(row.parameters for row in milestones.milestones() if row.name.startswith("GPT-3 ")) or 0
    ratio = _in_words(parameters / cards["mlp"].parameters) if "mlp" in cards else _DASH
    return {"gpt3.parameters": _in_words(parameters), "gpt3.ratio": ratio}


def _in_words(number: float) -> str:
    """Return a large number in the visitor's language: '175 billion'."""
    size, value = formats.scaled(number)
    return t(f"faq.{size}", value=value)
