"""Chinese and English: every visible string comes from locale/*.toml, every page's prose from content/*.md."""

import tomllib

import streamlit as st

from glassbox.paths import CONTENT, LOCALE

LANGUAGES = {"zh": "中文", "en": "English"}


def _flatten(table: dict[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat


def strings(language: str) -> dict[str, str]:
    """Every string of a language, by its dotted key. Raises OSError without the file."""
    return _flatten(tomllib.loads((LOCALE / f"{language}.toml").read_text(encoding="utf-8")))


_STRINGS = {language: strings(language) for language in LANGUAGES}


def language() -> str:
    """The visitor's language: chosen here, else in the page's link (?lang=), else the browser's."""
    asked = st.query_params.get("lang")
    if asked in LANGUAGES and asked != st.session_state.get("language_seen"):
        st.session_state["language"] = st.session_state["language_seen"] = asked
    if "language" not in st.session_state:
        st.session_state["language"] = "zh" if (st.context.locale or "").lower().startswith("zh") else "en"
    return str(st.session_state["language"])


def t(key: str, **values: object) -> str:
    """The string of `key` in the visitor's language, its {names} filled in. Raises KeyError for an unknown key."""
    text = _STRINGS[language()][key]
    return text.format(**values) if values else text


def prose(name: str) -> str:
    """content/NAME.LANGUAGE.md. Raises OSError if it is missing."""
    return (CONTENT / f"{name}.{language()}.md").read_text(encoding="utf-8")
