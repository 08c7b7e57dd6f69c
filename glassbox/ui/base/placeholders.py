r"""The one syntax of what is filled in: in locale/*/*.toml, in content/*.md, and in the words that JavaScript fills.

    {mlp.accuracy}          a value, by its name
    {term:token}            a link to a term of the glossary
    {term:token|tokens}     the same, with the words that suit the sentence
    $\frac{a}{b}$, $$...$$  a formula, whose braces are its own

A formula's first $ has neither space nor brace after it, its last no space before it: "${low} to ${high}" is money.
"""

import re
from collections.abc import Callable, Mapping

_NAME = r"(?P<name>[a-z][a-z0-9_.]*)"
_TERM = r"term:(?P<term>[a-z0-9-]+)(?:\|(?P<words>[^{}]+))?"
FORMULA = r"\$\$.+?\$\$|\$(?![\s{])[^$]+?(?<![\s$])\$(?!\d)"
_PATTERN = re.compile(rf"(?P<formula>{FORMULA})|\{{(?:{_TERM}|{_NAME})\}}", re.DOTALL)


def fill(text: str, values: Mapping[str, object], link: Callable[[str, str | None], str] | None = None) -> str:
    """Return `text` with its values, and its terms as `link(term, words)` writes them.

    Raises KeyError for a value that is not in `values`. Without `link`, terms stay as they are.
    """

    def filled(found: re.Match[str]) -> str:
        if found["formula"] or (found["term"] and link is None):
            return found[0]
        return link(found["term"], found["words"]) if found["term"] and link else str(values[found["name"]])

    return _PATTERN.sub(filled, text)


def names(text: str) -> set[str]:
    """Return the names of the values that `text` asks for."""
    return {found["name"] for found in _PATTERN.finditer(text) if found["name"]}


def terms(text: str) -> set[str]:
    """Return the keys of the terms that `text` links to."""
    return {found["term"] for found in _PATTERN.finditer(text) if found["term"]}
