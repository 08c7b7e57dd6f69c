"""The tables of time against size as one picture: a panel for each, a curve for each runtime. Needs Matplotlib."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.tables import OURS, Table

STYLE = {"svg.fonttype": "none", "svg.hashsalt": "glassbox", "font.size": 9, "axes.spines.top": False}
"""Text stays text, and the same times give the same file."""


def draw(tables: Sequence[Table], file: Path) -> None:
    """Write the curves of `tables`, those that have any, to an SVG `file`: time over size, both on a log scale."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot, ticker

    drawn = [table for table in tables if table.curves]
    with matplotlib.rc_context(STYLE | {"axes.spines.right": False}):
        figure, panels = pyplot.subplots(1, len(drawn), figsize=(3.6 * len(drawn), 3.4), sharey=True, squeeze=False)
        for panel, table in zip(panels[0], drawn, strict=True):
            what, *sizes = table.columns
            for name, seconds in table.curves.items():
                microseconds = [1e6 * one for one in seconds]
                width, order = (2.4, 3) if name == OURS else (1.2, 2)
                panel.loglog(_numbers(sizes), microseconds, marker="o", ms=3, lw=width, zorder=order, label=name)
            panel.set(title=table.title, xlabel=what, xticks=_numbers(sizes), xticklabels=sizes)
            panel.minorticks_off()
            panel.grid(visible=True, lw=0.4, alpha=0.5)
        panels[0][0].set_ylabel("microseconds of processor time")
        panels[0][0].yaxis.set_major_formatter(ticker.StrMethodFormatter("{x:,.0f}"))
        figure.legend(*panels[0][0].get_legend_handles_labels(), loc="lower center", ncols=9, frameon=False)
        figure.tight_layout(rect=(0, 0.07, 1, 1))
        figure.savefig(file, format="svg", facecolor="white", metadata={"Date": None})
        pyplot.close(figure)


def _numbers(columns: Sequence[str]) -> list[int]:
    return [int(column) for column in columns]
