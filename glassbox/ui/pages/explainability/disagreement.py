"""Section "disagreement": on how many test digits one network is right and another is wrong."""

from collections.abc import Sequence

from glassbox.trust.scoreboard import Disagreement
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.charts.tables import POSITIVE, Cell, Table, show
from glassbox.ui.frame import notices
from glassbox.ui.frame.shell import Page


def disagreement_table(record: Disagreement, names: Sequence[str]) -> None:
    """Draw, for each two networks, on how many test digits the row's is right and the column's is wrong."""
    indices = [record.networks.index(name) for name in names]
    words = [model_name(name) for name in names]
    most = max((record.right_where_wrong[i][j] for i in indices for j in indices), default=0) or 1
    cells = [[_cell(record, row=i, column=j, most=most) for j in indices] for i in indices]
    show(
        Table(
            t("explainability.disagreement_caption", count=formats.count(record.count)),
            [t("explainability.disagreement_corner"), *words],
            [[word, *row] for word, row in zip(words, cells, strict=True)],
            colour=POSITIVE,
        )
    )


def _cell(record: Disagreement, *, row: int, column: int, most: int) -> Cell:
    """Return a cell of the table, whose largest number is `most`."""
    if row == column:
        return Cell("")
    times = record.right_where_wrong[row][column]
    words = {"row": model_name(record.networks[row]), "column": model_name(record.networks[column])}
    said = t("explainability.disagreement_cell", times=times, differ=record.differ[row][column], **words)
    return Cell(formats.count(times), said=said, shade=0.8 * times / most)


def disagreement_sentences(page: Page, record: Disagreement, names: Sequence[str]) -> list[str]:
    """Return sentences: how often all networks are right or wrong, the two that differ most, and what they read in the
    visitor's digit."""
    indices = [record.networks.index(name) for name in names]
    sentences = [
        t(
            "explainability.disagreement_said",
            count=formats.count(record.count),
            all_right=formats.count(record.all_right),
            all_wrong=record.all_wrong,
            apart=formats.count(record.count - record.unanimous),
        )
    ]
    if len(names) > 1:
        pairs = [(i, j) for i in indices for j in indices if i != j]
        strong, weak = max(pairs, key=lambda pair: record.right_where_wrong[pair[0]][pair[1]])
        sentences.append(
            t(
                "explainability.disagreement_pair",
                strong=model_name(record.networks[strong]),
                weak=model_name(record.networks[weak]),
                strong_times=record.right_where_wrong[strong][weak],
                weak_times=record.right_where_wrong[weak][strong],
            )
        )
    verdicts = notices.agreement(page.reader.read(page.picture.digit, list(names)))
    return [*sentences, t("explainability.disagreement_own", verdicts=verdicts)]
