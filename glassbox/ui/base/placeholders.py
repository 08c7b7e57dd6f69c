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

_NAME = r"(?P<name>[a-z][a-z0-9_.]*)"
_TERM = r"term:(?P<term>[a-z0-9-]+)(?:\|(?P<words>[^{}]+))?"
FORMULA = r"\$\$.+?\$\$|\$(?![\s{])[^$]+?(?<![\s$])\$(?!\d)"
_HAN, _LATIN = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z0-9%]")
_PATTERN = re.compile(rf"(?P<formula>{FORMULA})|\{{(?:{_TERM}|{_NAME})\}}", re.DOTALL)


def fill(text: str, values: Mapping[str, object], link: Callable[[str, str | None], str] | None = None) -> str:
    """Return `text` with its values, and its terms as `link(term, words)` writes them.

    Raises KeyError for a value that is not in `values`. Without `link`, terms stay as they are.
    """

    def filled(found: re.Match[str]) -> str:
        if found["formula"] or (found["term"] and link is None):
            return found[0]
        if found["term"] and link:
            return link(found["term"], found["words"])
        value = str(values[found["name"]])
        left = _gap(text[: found.start()][-1:], value[:1])
        return f"{left}{value}{_gap(text[found.end() :][:1], value[-1:])}"

    return _PATTERN.sub(filled, text)


def _gap(character: str, end: str) -> str:
    """Return the space between a character of the text and the `end` of a value beside it."""
    return " " if _HAN.match(character) and _LATIN.match(end) else ""


def names(text: str) -> set[str]:
    """Return the names of the values that `text` asks for."""
    return {found["name"] for found in _PATTERN.finditer(text) if found["name"]}


def terms(text: str) -> set[str]:
    """Return the keys of the terms that `text` links to."""
    return {found["term"] for found in _PATTERN.finditer(text) if found["term"]}
