"""How much of what the language models write stands word for word in their training text, as their cards measure it."""

from collections.abc import Mapping

from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.charts.tables import table
from glassbox.ui.frame import shell, texts
from glassbox.zoo.text_models import Copied, Memorisation, SampledCopied

WRITERS = ("char_zh", "char_en")
QUOTED = (0.8, 20)
"""The temperature and the top-k whose shares the essay quotes: those that the page on writing opens with."""


def measured() -> dict[str, Memorisation]:
    """Return what the cards of WRITERS say of it, by name; nothing of one that may not be used or was not measured."""
    cards = texts.zoo().writers
    found = {name: cards[name].memorisation for name in WRITERS if name in cards}
    return {name: one for name, one in found.items() if one and one.at(*QUOTED)}


def memorisation_facts(measured: Mapping[str, Memorisation]) -> dict[str, str]:
    """Return the values that the essay quotes."""
    values: dict[str, str] = {}
    for name, one in measured.items():
        if sampled := one.at(*QUOTED):
            values |= {
                f"{name}.copied": formats.measured(sampled.share),
                f"{name}.unseen": formats.measured(one.held_out.share),
                f"{name}.coldest": formats.measured(min(one.sampled, key=lambda each: each.temperature).share),
                f"{name}.sentences": f"{texts.zoo().writers[name].dataset.train:,}",
                "copied.length": str(one.index.length),
                "copied.characters": f"{sampled.characters:,}",
            }
    return values


def memorisation_figure(measured: Mapping[str, Memorisation]) -> None:
    """Draw the shares at each setting beside those of unseen sentences, and a link to the page on writing."""
    rows = []
    for name, one in measured.items():
        for copied in (one.held_out, *one.sampled):
            shares = {"value": copied.share, "low": copied.low, "high": copied.high}
            estimate = t("privacy.estimate", **{key: formats.measured(share) for key, share in shares.items()})
            rows.append([model_name(name), _source(copied), estimate, str(copied.longest)])
    heads = [t("privacy.head_network"), *(t(f"privacy.copied_{head}") for head in ("source", "share", "longest"))]
    table(t("privacy.copied_caption"), heads, rows, words=(0, 1))
    shell.link_to("writing", t("privacy.writing"))


def _source(copied: Copied) -> str:
    """Return where the measured text is from: unseen sentences, or the network at some temperature and top-k."""
    if not isinstance(copied, SampledCopied):
        return t("privacy.copied_unseen")
    temperature = f"{copied.temperature:g}"
    if copied.top_k is None:
        return t("privacy.copied_all", temperature=temperature)
    return t("privacy.copied_top_k", temperature=temperature, top_k=copied.top_k)
