"""Confusion matrices as tables: true labels by rows, labels read by columns."""

from collections.abc import Sequence

from glassbox.ui.base.i18n import t
from glassbox.ui.charts.tables import Cell, Table

SHORT, FEW = 2, 4
"""Labels of more characters are set on end above their columns, where there are more of them than a few."""


def confusion(counts: Sequence[Sequence[int]], labels: Sequence[str], *, caption: str, colour: str) -> Table:
    """Return `counts` as a table. Shades follow the mistakes: the diagonal would outshine them."""
    most = max((times for i, row in enumerate(counts) for j, times in enumerate(row) if i != j), default=0) or 1

    def cell(i: int, j: int) -> str | Cell:
        if not (times := counts[i][j]):
            return ""
        said = t("charts.confusion.cell", true=labels[i], read=labels[j], times=f"{times:,}")
        return Cell(f"{times:,}", said, kind="strong") if i == j else Cell(f"{times:,}", said, shade=times / most)

    places = range(len(labels))
    return Table(
        caption,
        [t("charts.confusion.corner"), *labels],
        [[labels[i], *(cell(i, j) for j in places)] for i in places],
        colour=colour,
        upright=len(labels) > FEW and any(len(label) > SHORT for label in labels),
        show_caption=False,
    )
