"""Section "mistakes": which digit one network takes for which, and how sure it is of it."""

from glassbox.trust.scoreboard import Mistakes
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.charts.tables import Cell, Table, show

_UNSURE = 1 / 3
"""The confidence that the faintest shade stands for."""


def mistakes_table(name: str, record: Mistakes) -> None:
    """Draw how often the row's digit was read as the column's: the more confident, the stronger the shade."""
    labels = [str(label) for label in range(10)]
    rows: list[list[str | Cell]] = [[label, *("" for _ in labels)] for label in labels]
    for mistake in record.cells:
        said = t(
            "explainability.mistake_cell",
            true=mistake.true,
            read=mistake.read,
            count=mistake.count,
            confidence=formats.measured(mistake.confidence, 0),
            sure=mistake.sure,
            level=formats.measured(record.sure, 0),
        )
        rows[mistake.true][1 + mistake.read] = Cell(str(mistake.count), said=said, shade=_shade(mistake.confidence))
    caption = t("explainability.mistakes_caption", model=model_name(name))
    heads = [t("charts.confusion.corner"), *labels]
    show(Table(caption, heads, rows, colour=model_colour(name)))


def _shade(confidence: float) -> float:
    """Return the share of the colour for a confidence: from 0.1 at _UNSURE to 0.8 at 1."""
    return 0.1 + 0.7 * min(max((confidence - _UNSURE) / (1 - _UNSURE), 0.0), 1.0)


def mistakes_sentences(name: str, record: Mistakes, count: int) -> list[str]:
    """Return sentences: how many of `count` digits the network misreads, and its most common mistake.

    Then how many of its mistakes are confident, and how often it is right when it is as confident.
    """
    words = {"model": model_name(name), "count": formats.count(count)}
    if not record.cells:
        return [t("explainability.mistakes_none", **words)]
    most = max(record.cells, key=lambda mistake: (mistake.count, mistake.confidence))
    surest = max(record.cells, key=lambda mistake: (mistake.sure, mistake.confidence))
    sure = sum(mistake.sure for mistake in record.cells)
    sentences = [
        t(
            "explainability.mistakes_said",
            mistakes=sum(mistake.count for mistake in record.cells),
            true=most.true,
            read=most.read,
            times=most.count,
            confidence=formats.measured(most.confidence, 0),
            **words,
        )
    ]
    level = formats.measured(record.sure, 0)
    if sure:
        right = formats.measured(1 - sure / record.sure_count, 2)
        cell = {"true": surest.true, "read": surest.read, "times": surest.sure}
        sentences.append(t("explainability.mistakes_sure", sure=sure, level=level, right=right, **cell, **words))
    else:
        sentences.append(t("explainability.mistakes_unsure", level=level, **words))
    return sentences
