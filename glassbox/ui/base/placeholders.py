r"""The one syntax of what is filled in: in locale/*/*.toml, in content/*.md, and in the words that JavaScript fills.

    {mlp.accuracy}          a value, by its name
    {term:token}            a link to a term of the glossary
    {term:token|tokens}     the same, with the words that suit the sentence
    $\frac{a}{b}$, $$...$$  a formula, whose braces are its own

A value in Latin letters or digits stands apart from Chinese characters beside it, as in the rest of the text.
A formula's first $ has neither space nor brace after it, its last no space before it: "${low} to ${high}" is money.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

_NAME = r"(?P<name>[a-z][a-z0-9_.]*)"
_TERM = r"term:(?P<term>[a-z0-9-]+)(?:\|(?P<words>[^{}]+))?"
FORMULA = r"\$\$.+?\$\$|\$(?![\s{])[^$]+?(?<![\s$])\$(?!\d)"
_HAN, _LATIN = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z0-9%]")
_PATTERN = re.compile(rf"(?P<formula>{FORMULA})|\{{(?:{_TERM}|{_NAME})\}}", re.DOTALL)


class _Placeholder(NamedTuple):
    """A place of a text: its `source`, the `name` of a value or the key of a `term` with its `words`, and whether a
    Chinese character stands before and after it."""

    source: str
    name: str | None
    term: str | None
    words: str | None
    after_han: bool
    before_han: bool


def fill(text: str, values: Mapping[str, object], link: Callable[[str, str | None], str] | None = None) -> str:
    """Return `text` with its values, and its terms as `link(term, words)` writes them.

    Raises KeyError for a value that is not in `values`. Without `link`, terms stay as they are.
    """
    written = []
    for part in _parts(text):
        if isinstance(part, str):
            written.append(part)
        elif part.name:
            value = str(values[part.name])
            gaps = part.after_han and _LATIN.match(value[:1]), part.before_han and _LATIN.match(value[-1:])
            written += [" " if gaps[0] else "", value, " " if gaps[1] else ""]
        else:
            written.append(link(part.term, part.words) if link and part.term else part.source)
    return "".join(written)


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[str | _Placeholder, ...]:
    """Return what `text` consists of, kept for the texts last used: all of both languages are fewer."""
    parts: list[str | _Placeholder] = []
    end = 0
    for found in _PATTERN.finditer(text):
        if not found["formula"]:
            beside = text[max(found.start() - 1, 0) : found.start()], text[found.end() : found.end() + 1]
            hans = (bool(_HAN.match(character)) for character in beside)
            parts += [
                text[end : found.start()],
                _Placeholder(found[0], found["name"], found["term"], found["words"], *hans),
            ]
            end = found.end()
    return (*parts, text[end:])


def names(text: str) -> set[str]:
    """Return the names of the values that `text` asks for."""
    return {found["name"] for found in _PATTERN.finditer(text) if found["name"]}


def terms(text: str) -> set[str]:
    """Return the keys of the terms that `text` links to."""
    return {found["term"] for found in _PATTERN.finditer(text) if found["term"]}
