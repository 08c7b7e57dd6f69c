"""Section "agreement": whether the methods of one network point at the same pixels."""

from typing import Literal

import numpy as np

from glassbox.explain.attribution import registry
from glassbox.explain.attribution.faithfulness import agreement
from glassbox.trust.scoreboard import NetworkExplanations
from glassbox.ui.base.formats import hundredths
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.charts.tables import POSITIVE, Cell, Table, show
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.explainability.estimates import correlation_cell
from glassbox.ui.pages.explainability.study import own_scores


def agreement_table(network: NetworkExplanations, part: Literal["whole", "ink"]) -> None:
    """Draw the rank correlation of each two maps, the edges' last, over all pixels or over the ink."""
    known = (*registry.METHODS, "edges")  # "random" agrees with none, as it should
    indices = [i for i, name in enumerate(network.maps) if name in known]
    names = {i: t(f"frame.method.{network.maps[i]}") for i in indices}
    correlations = getattr(network.agreement, part)

    def cell(i: int, j: int) -> str | Cell:
        return "" if i == j else correlation_cell(correlations[i][j], f"{names[i]}, {names[j]}")

    rows = [[names[i], *(cell(i, j) for j in indices)] for i in indices]
    caption = t(f"explainability.agreement_{part}")
    show(Table(caption, ["", *names.values()], rows, colour=POSITIVE, upright=True))


def agreement_sentences(page: Page, name: str, network: NetworkExplanations) -> list[str]:
    """Return sentences: how much the methods agree over the ink, which two most and least.

    A last one says how much on the visitor's picture, if it is scored.
    """
    methods = [i for i, method in enumerate(network.maps) if method in registry.METHODS]
    pairs = [(i, j) for i in methods for j in methods if i < j]
    ink = {(i, j): found.value for i, j in pairs if (found := network.agreement.ink[i][j])}
    whole = [found.value for i, j in pairs if (found := network.agreement.whole[i][j])]
    most, least = max(ink, key=ink.__getitem__), min(ink, key=ink.__getitem__)
    words = {"model": model_name(name)}
    sentences = [
        t(
            "explainability.agreement_said",
            ink=hundredths(float(np.mean(list(ink.values())))),
            whole=hundredths(float(np.mean(whole))),
            most=t("frame.agreement.and").join(t(f"frame.method.{network.maps[i]}") for i in most),
            most_value=hundredths(ink[most]),
            least=t("frame.agreement.and").join(t(f"frame.method.{network.maps[i]}") for i in least),
            least_value=hundredths(ink[least]),
            **words,
        )
    ]
    if own := own_scores(page, {name: network}).get(name):
        maps = np.stack([scored.map for scored in own.found.values()])
        correlations = agreement(maps[:, page.picture.digit > 0])
        pairwise = correlations[np.triu_indices(len(correlations), 1)]
        if not np.isnan(pairwise).all():  # a map may be constant over the ink
            sentences.append(t("explainability.agreement_own", value=hundredths(float(np.nanmean(pairwise))), **words))
    return sentences
