"""Streamlit's Markdown as HTML that needs no script: formulas become MathML, icons fall away."""

import html
import re
from functools import cache

from latex2mathml.converter import convert
from markdown_it import MarkdownIt

_FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$\w])\$(?![\s$])([^$\n]+?)(?<![\s\\])\$(?!\w)", re.DOTALL)
_ICON = re.compile(r":material/\w+:\s?")
_PLACE = "\ufff9{}\ufffb"
"""Stands for a formula while the words around it are made HTML: two characters of annotation that no text holds."""


def formula(latex: str, *, block: bool = True) -> str:
    """Return `latex` as MathML, on a line of its own if it is a `block`; as it was written where it can't be read."""
    try:
        made: str = convert(latex.strip(), display="block" if block else "inline")
    except Exception:  # of many kinds, for what is not LaTeX
        return f"<code>{html.escape(latex)}</code>"
    return made


def to_html(markdown: str) -> str:
    """Return `markdown` as HTML. HTML in it is shown as text, as Streamlit does."""
    formulas: list[str] = []

    def put_aside(found: re.Match[str]) -> str:
        formulas.append(formula(found[1] or found[2], block=found[1] is not None))
        return _PLACE.format(len(formulas) - 1)

    made: str = _markdown().render(_FORMULA.sub(put_aside, _ICON.sub("", markdown)))
    for number, one in enumerate(formulas):
        made = made.replace(_PLACE.format(number), one)
    return made.strip()


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
