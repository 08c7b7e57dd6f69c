"""A shipped transformer beside large language models: their architectures, and what its training took.

The architectures are rows of glassbox/data/architectures.csv; sizes, data and cost those of `milestones`.
"""

from dataclasses import dataclass
from functools import cache

from glassbox import data
from glassbox.history.training_cost import Assumptions
from glassbox.paths import DATA
from glassbox.records import Positive
from glassbox.zoo.transformer_models import TransformerCard

ARCHITECTURES = DATA / "architectures.csv"
JOULES_PER_KWH = 3.6e6


@dataclass(frozen=True)
class Architecture:
    """A transformer's shape. `width`: numbers that stand for a token; `heads` a layer; `context`: tokens that it reads
    at most; `vocabulary`: tokens that it knows."""

    name: str
    layers: Positive
    width: Positive
    heads: Positive
    context: Positive
    vocabulary: Positive
    source: str
    year: Positive | None = None


@cache
def architectures() -> dict[str, Architecture]:
    """Return the rows of architectures.csv by name, the oldest first. Raises ValueError naming the row that is not
    right."""
    return {row.name: row for row in data.records(ARCHITECTURES, Architecture)}


def of_card(card: TransformerCard) -> Architecture:
    """Return the architecture of a shipped transformer."""
    return Architecture(
        name=card.name,
        layers=sum(layer.name.startswith("attention") for layer in card.layers),
        width=int(card.layers[0].output[-1] or 0),
        heads=card.heads,
        context=card.context,
        vocabulary=len(card.vocabulary),
        source=card.dataset.source,
    )


def training_tokens(card: TransformerCard) -> float:
    """Return an estimate of the tokens in the training texts: as many in each as in the held-out ones (mean)."""
    return card.dataset.train * card.held_out.tokens / card.dataset.test


def training_compute(card: TransformerCard) -> float:
    """Return an estimate of the FLOP of training: three times the forward pass for each token and epoch.

    As `milestones.training_compute` counts; Kaplan et al. 2020, https://arxiv.org/abs/2001.08361: 6 FLOP a parameter
    and token. A teacher that the network learned from counts too: its own training, and its forward pass for each token
    that the network learned. Left out: the tokens in front of a text, and the products of attention, which grow with
    its length.
    """
    epochs, teacher = card.training.epochs, card.training.teacher
    taught = 2.0 * teacher.parameters * (3 * teacher.epochs + epochs) if teacher else 0.0
    return (3.0 * card.flops * epochs + taught) * training_tokens(card)


def electricity_cost(joules: float) -> float:
    """Return what so much electricity costs, in US dollars, at the price that the bills of other models assume."""
    return joules / JOULES_PER_KWH * Assumptions().electricity
