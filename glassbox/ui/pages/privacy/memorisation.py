"""How much of what the language models write stands word for word in their training text, as their cards measure it."""

from collections.abc import Mapping

from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.charts.tables import table
from glassbox.ui.frame import shell, texts, transformers
from glassbox.zoo.text_models import Copied, Memorisation

WRITERS = ("char_zh", "char_en")
QUOTED = (0.8, 20)
"""The temperature and the top-k whose shares the essay quotes: those that the page on writing opens with."""


def measured() -> dict[str, Memorisation]:
    """Return what the cards of WRITERS say of it, by name; nothing of one that may not be used or was not measured."""
    cards = texts.zoo().writers
    found = {name: cards[name].memorisation for name in WRITERS if name in cards}
    return {name: one for name, one in found.items() if one and one.at(*QUOTED)}


def measured_of_transformers() -> dict[str, Memorisation]:
    """Return the same of the transformers, of which the essay says nothing."""
    cards = transformers.zoo().cards.values()
    return {card.name: card.memorisation for card in cards if card.memorisation}


def memorisation_facts(measured: Mapping[str, Memorisation]) -> dict[str, str]:
    """Return the values that the essay quotes."""
    values: dict[str, str] = {}
    for name, one in measured.items():
        if sampled := one.at(*QUOTED):
            values |= {
                f"{name}.copied": formats.measured(sampled.share),
                f"{name}.unseen": formats.measured(one.held_out.share),
                f"{name}.coldest": formats.measured(min(one.sampled, key=lambda each: each.temperature).share),
                f"{name}.longest": str(sampled.longest),
                f"{name}.unseen_longest": str(one.held_out.longest),
                f"{name}.sentences": f"{texts.zoo().writers[name].dataset.train:,}",
                "copied.length": str(one.index.length),
                "copied.characters": f"{sampled.characters:,}",
            }
    return values


def memorisation_figure(measured: Mapping[str, Memorisation]) -> None:
    """Draw the shares at each setting beside those of unseen texts, and a link to the page on writing."""
    cards = measured.values()
    rows = [[t("privacy.copied_unseen"), *(_estimate(one.held_out) for one in cards)]]
    for temperature, top_k in {(each.temperature, each.top_k): None for one in cards for each in one.sampled}:
        rows.append([_setting(temperature, top_k), *(_estimate(one.at(temperature, top_k)) for one in cards)])
    heads = [t("privacy.copied_of", model=model_name(name), length=one.index.least) for name, one in measured.items()]
    table(t("privacy.copied_caption"), [t("privacy.copied_source"), *heads], rows)
    shell.link_to("writing", t("privacy.writing"))


def _estimate(copied: Copied | None) -> str:
    if copied is None:
        return "–"
    shares = {"value": copied.share, "low": copied.low, "high": copied.high}
    return t("charts.interval", **{key: formats.measured(share) for key, share in shares.items()})


def _setting(temperature: float, top_k: int | None) -> str:
    if top_k is None:
        return t("privacy.copied_all", temperature=f"{temperature:g}")
    return t("privacy.copied_top_k", temperature=f"{temperature:g}", top_k=top_k)
