"""The dashboard's words: strings in locale/LANGUAGE/*.toml, prose in content/*.LANGUAGE.md.

A language is a folder of locale/; what it lacks is shown in English. The key of a string begins with the name of its
file: `rnn.question` stands in locale/LANGUAGE/rnn.toml.
"""

import re
import tomllib
from contextvars import ContextVar

import streamlit as st

from glassbox.paths import CONTENT, LOCALE
from glassbox.ui.base.placeholders import fill
from glassbox.ui.base.state import Kind, by_choice, declare

FALLBACK = "en"
"""The language of a visitor whose browser asks for none of ours, and of what another one lacks."""
CHOSEN = declare("language", Kind.CONTROL, FALLBACK, stays=True)
SEEN = declare("language_seen", Kind.INTERNAL, "", stays=True)
"""The language that the page's link was last seen to carry."""
FULL_STOPS = ("。", "！", "？")
"""What ends a Chinese sentence, as wide as a character, half of it empty."""
_BREAK_IN_CHINESE = re.compile(
    r"(?<=[\u2014-\u9fff\uff00-\uffef])\n(?=[\u2014-\u9fff\uff00-\uffef])"
    r"|(?<=[，。；：！？、）」』])\n(?=[A-Za-z[{]|\*\*|`(?!`)|\$(?!\$)|\d+(?![\d.]))"
)
"""A line break in a Chinese paragraph that Markdown would turn into a space: between two characters or after a stop."""
_OF_RUN: ContextVar[str | None] = ContextVar("language of this run", default=None)
"""Hundreds of strings are looked up a run, and each look into the session costs as much as ten of them. Streamlit gives
each run, or each row of runs of one visitor, a thread, and so a context of its own."""


def _flatten(table: dict[str, object], prefix: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat


def _read(language: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for file in sorted((LOCALE / language).glob("*.toml")):
        flat |= _flatten(tomllib.loads(file.read_text(encoding="utf-8")), f"{file.stem}.")
    return flat


_STRINGS = {folder.name: _read(folder.name) for folder in sorted(LOCALE.iterdir(), reverse=True) if folder.is_dir()}
LANGUAGES = {language: words.get("frame.language", language) for language, words in _STRINGS.items()}
"""Each language's own name for itself, by its code."""


def strings(language: str) -> dict[str, str]:
    """Return a copy of every string of a language by its dotted key; none if the language has no folder."""
    return dict(_STRINGS.get(language, {}))


def settle_language() -> None:
    """Settle this run's language: what the visitor chose here, else in the page's link (?lang=), else the browser's."""
    asked = st.query_params.get("lang")
    if asked in LANGUAGES and asked != SEEN.get() and not (SEEN.get() and by_choice()):
        CHOSEN.set(asked)
        SEEN.set(asked)
    if not CHOSEN.is_set:
        preferred = (st.context.locale or "").lower().partition("-")[0]
        CHOSEN.set(preferred if preferred in LANGUAGES else FALLBACK)
    _OF_RUN.set(CHOSEN.get())


def speak(language: str) -> None:
    """Have this run speak `language`, whatever the visitor's is."""
    _OF_RUN.set(language)


def language() -> str:
    """Return the visitor's language, as this run or an earlier one of the session settled it."""
    return _OF_RUN.get() or CHOSEN.get()


def t(key: str, **values: object) -> str:
    """Return the string of `key` in the visitor's language, with its values. Raises KeyError for an unknown key.

    Without `values` the placeholders stay, for JavaScript to fill.
    """
    text = _STRINGS[language()].get(key) or _STRINGS[FALLBACK][key]
    return fill(text, values) if values else text


def sentences(*said: str) -> str:
    """Return sentences as one text, without those that are empty: none has a space after a full-width stop."""
    text = ""
    for one in filter(None, said):
        text += one if not text or text.endswith(FULL_STOPS) else f" {one}"
    return text


def prose(name: str) -> str:
    """Return content/NAME.LANGUAGE.md in the visitor's language, else in English. Raises OSError if it is missing."""
    return prose_in(language(), name)


def prose_in(language: str, name: str) -> str:
    """Return content/NAME.LANGUAGE.md, else the English one, each Chinese sentence in one line. Raises OSError if there
    is neither."""
    file = CONTENT / f"{name}.{language}.md"
    text = (file if file.exists() else CONTENT / f"{name}.{FALLBACK}.md").read_text(encoding="utf-8")
    return _BREAK_IN_CHINESE.sub("", text)
