"""The values that the page quotes of the poet and of GPT-3: from the poet's card and from the tables, never typed."""

import math

from glassbox.history import language_models, milestones
from glassbox.history.language_models import Architecture
from glassbox.history.milestones import Milestone
from glassbox.trust.cost import carbon, footprint
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.frame.trainings import training_time
from glassbox.zoo.cards import Training
from glassbox.zoo.transformer_models import TransformerCard

POET = "poet_zh"
GPT3, INSTRUCTED = "GPT-3 175B (davinci)", "InstructGPT 175B"
MEASURES = ("parameters", "examples", "compute", "energy", "cost")
"""What the ladder can show."""
RUNGS = (
    "Neural LM",
    "RNN LM",
    "Transformer",
    "Megatron-LM (8.3B)",
    GPT3,
    "Chinchilla",
    "PaLM (540B)",
    "LLaMA-65B",
    "GPT-4 (Mar 2023)",
    "Qwen-72B",
    "Llama 3.1-405B",
    "Grok 4",
    "Qwen3-Max",
    "DeepSeek-V4-Pro",
)
"""The milestones on the ladder: language models that a reader has heard of, from several countries and years."""
SHAPE = ("layers", "heads", "width", "context", "vocabulary")
"""The numbers of an architecture."""
_DASH = "–"


def facts(card: TransformerCard | None) -> dict[str, str]:
    """Return the values by name; those of a poet that is missing are dashes."""
    gpt3, instructed = row(GPT3), row(INSTRUCTED)
    more = (instructed.compute or 0) / (gpt3.compute or math.inf) - 1
    return {
        **{f"gpt_{name}": value for name, value in _architecture(language_models.architectures()["GPT-3"]).items()},
        "llama_context": formats.count(language_models.architectures()["Llama 3.1 405B"].context),
        "gpt_parameters": formats.count(gpt3.parameters or 0),
        "gpt_examples": formats.count(gpt3.examples or 0),
        "instruct_examples": formats.count(instructed.examples or 0),
        "instruct_share": formats.rough(more),
        **_poet(card),
        **_growth(card),
        "times": times(gpt3.parameters or 0, card.parameters) if card else _DASH,
    }


def row(name: str) -> Milestone:
    """Return the milestone `name`. Raises KeyError where the table has none."""
    return {one.name: one for one in milestones.milestones()}[name]


def amounts(card: TransformerCard) -> dict[str, float]:
    """Return the poet's place on each of MEASURES: its weights, the tokens of its texts, and the FLOP, joules and US
    dollars (of electricity alone) of its training."""
    joules = footprint.training_joules(card.training)
    return {
        "parameters": float(card.parameters),
        "examples": language_models.training_tokens(card),
        "compute": language_models.training_compute(card),
        "energy": joules,
        "cost": language_models.electricity_cost(joules),
    }


def others(measure: str) -> list[tuple[str, int, float, str]]:
    """Return (name, year, amount, source) of other language models on `measure` (of MEASURES); the name of an energy is
    its key in published_energy.csv."""
    if measure == "energy":
        return [(one.key, one.year, one.joules, one.source) for one in carbon.published() if one.kind == "training"]
    rows = {one.name: one for one in milestones.milestones()}
    found = [(rows[name], getattr(rows[name], measure)) for name in RUNGS]
    return [(one.name, one.date.year, value, one.source) for one, value in found if value]


def times(larger: float, smaller: float) -> str:
    """Return how many times `smaller` goes into `larger`, as people count."""
    ratio = larger / smaller
    return formats.count(float(f"{ratio:.3g}")) if ratio >= 10 else formats.plain(ratio)


def _poet(card: TransformerCard | None) -> dict[str, str]:
    if card is None:
        names = (*SHAPE, "parameters", "examples", "epochs", "time", "energy", "taught")
        return {f"poet_{name}": _DASH for name in names}
    shape = _architecture(language_models.of_card(card))
    return {f"poet_{name}": value for name, value in shape.items()} | {
        "poet_parameters": formats.count(card.parameters),
        "poet_examples": formats.count(language_models.training_tokens(card)),
        "poet_epochs": formats.count(card.training.epochs),
        "poet_time": training_time(card.training),
        "poet_energy": formats.energy(footprint.training_joules(card.training)),
        "poet_taught": taught(card.training),
    }


def taught(training: Training) -> str:
    """Return a sentence on the network that the poet learned from, if any."""
    return t("gpt.taught", parameters=formats.count(training.teacher.parameters)) if training.teacher else ""


def _growth(card: TransformerCard | None) -> dict[str, str]:
    """Return how many times the largest of each number of the architectures is the poet's: the least, and the most."""
    if card is None:
        return {"grown_least": _DASH, "grown_most": _DASH}
    own, shapes = language_models.of_card(card), language_models.architectures().values()
    ratios = [max(getattr(one, name) for one in shapes) / getattr(own, name) for name in SHAPE]
    return {"grown_least": times(min(ratios), 1), "grown_most": times(max(ratios), 1)}


def _architecture(shape: Architecture) -> dict[str, str]:
    return {name: formats.count(getattr(shape, name)) for name in SHAPE}
