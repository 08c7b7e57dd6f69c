"""Amounts that lie many powers of ten apart, on one scale, each step ten times the one before: HTML for any screen."""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from glassbox.ui.base import palette


@dataclass(frozen=True)
class Rung:
    """An amount on the scale. `shown`: the `value`, above 0, as it is written; `about`: when and how it was found;
    `source`: the address of the publication, if any."""

    label: str
    value: float
    shown: str
    about: str = ""
    colour: str = palette.GREY
    source: str = ""


def ladder(rungs: Sequence[Rung], label: str, marks: Mapping[float, str] | None = None) -> str:
    """Return `rungs`, smallest first, as an HTML list of dots on a logarithmic scale with names and numbers.

    `label`: what the list is, for those who do not see it; `marks`: values named above the scale, with their names.
    """
    low, high = (math.log10(rung.value) for rung in (rungs[0], rungs[-1]))
    start, end = math.floor(low), max(math.ceil(high), math.floor(low) + 1)

    def place(value: float) -> str:
        return f"--at:{100 * (math.log10(value) - start) / (end - start):.1f}%"

    rows = "".join(_row(rung, place(rung.value)) for rung in rungs)
    named = "".join(f'<b style="{place(value)}">{html.escape(name)}</b>' for value, name in (marks or {}).items())
    above = f'<p aria-hidden="true"><span></span><i>{named}</i></p>' if named else ""
    return (
        f'<div class="gb-ladder" style="--decades:{end - start}">{above}'
        f'<ol aria-label="{html.escape(label, quote=True)}">{rows}</ol></div>'
    )


def _row(rung: Rung, place: str) -> str:
    label, about = html.escape(rung.label), html.escape(rung.about)
    if rung.source:
        label = f'<a href="{html.escape(rung.source, quote=True)}" target="_blank" rel="noopener">{label}</a>'
    return (
        f'<li><span class="gb-rung">{label} <small>{about}</small></span>'
        f'<i style="{place};--colour:{rung.colour}"></i><b>{rung.shown}</b></li>'
    )
