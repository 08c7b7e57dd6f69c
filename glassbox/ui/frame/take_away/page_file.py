"""One HTML file of a page that works without a server: the page in each language, and all scripts that it needs."""

from __future__ import annotations

import gzip
import html
import json
import tomllib
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import plotly.offline

from glassbox.paths import ROOT
from glassbox.ui.base import palette, style
from glassbox.ui.base.models import displays
from glassbox.ui.frame.take_away.drawing import Code, Drawing
from glassbox.ui.frame.take_away.recording import Node

_TEMPLATE, _CSS, _JS = (Path(__file__).with_name(f"page.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;:=>?@^_`{|}~"
"""Base 85 as base64.b85encode writes it, with : instead of <, so that no text of it ends a script element."""
_THEME = {
    "primaryColor": "--st-primary-color",
    "backgroundColor": "--st-background-color",
    "secondaryBackgroundColor": "--st-secondary-background-color",
    "textColor": "--st-text-color",
    "linkColor": "--st-link-color",
    "borderColor": "--st-border-color",
}


@dataclass(frozen=True)
class Side:
    """A page in one language: the language's code, its tag, its own name, the page's title and what was drawn."""

    code: str
    tag: str
    name: str
    title: str
    markup: str
    parts: list[dict[str, Any]]
    charts: list[dict[str, Any]]
    codes: tuple[Code, ...]
    source: str
    """What leads back to the page on its server."""


def side(page: Node, *, code: str, tag: str, name: str, title: str, source: str) -> Side:
    """Return what was recorded as `page`, as HTML and data."""
    drawing = Drawing({})
    markup = drawing.of(page)
    return Side(code, tag, name, title, markup, drawing.parts, drawing.charts, tuple(drawing.codes), source)


def page_file(sides: tuple[Side, ...], *, address: str) -> bytes:
    """Return the file, which opens in the language of the last of `sides`. `address`: of the page on its server."""
    codes: dict[Code, int] = {}
    for one in sides:
        for code in one.codes:
            codes.setdefault(code, len(codes))
    shown = [
        {
            "code": one.code,
            "tag": one.tag,
            "name": one.name,
            "title": one.title,
            "markup": one.markup,
            "source": one.source,
            "parts": [{**part, "code": codes[one.codes[part["code"]]]} for part in one.parts],
            "charts": one.charts,
        }
        for one in sides
    ]
    page = {
        "sides": shown,
        "codes": [{"js": code.js, "css": code.css, "html": code.html, "isolated": code.isolated} for code in codes],
        "address": address,
    }
    packed = packed_text(json.dumps(page, ensure_ascii=False, separators=(",", ":")).encode())
    return _filled(
        TITLE=html.escape(sides[-1].title),
        TAG=sides[-1].tag,
        POLICY=b64encode(sha256(_JS.encode()).digest()).decode(),
        CSS=_theme() + style.EVERYWHERE + style.RULES + _CSS,
        PAGE=packed,
        PLOTLY=_plotly() if any(one.charts for one in sides) else "",
        JS=_JS,
    ).encode()


def packed_text(data: bytes) -> str:
    """Return `data` compressed by gzip, as text in base 85, a quarter longer than the bytes."""
    packed = gzip.compress(data, 9, mtime=0)
    words = np.frombuffer(packed + bytes(-len(packed) % 4), ">u4").astype(np.int64)
    digits = np.stack([words // 85**power % 85 for power in (4, 3, 2, 1, 0)], 1).astype(np.uint8)
    text = np.frombuffer(_ALPHABET, np.uint8)[digits].tobytes().decode()
    return text  # the zeros that fill the last word are passed over by whoever unpacks it


def _filled(**parts: str) -> str:
    text = _TEMPLATE
    for name, part in parts.items():
        before, _, after = text.rpartition(f"{{{{{name}}}}}")
        text = before + part + after
    return text


@cache
def _plotly() -> str:
    """Plotly's script, packed: 1.8 MB of text, made once a process."""
    return packed_text(plotly.offline.get_plotlyjs().encode())


@cache
def _theme() -> str:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    shared = {
        "--st-font": theme["font"],
        "--st-code-font": theme["codeFont"],
        "--st-base-radius": theme["baseRadius"],
        "--st-button-radius": theme["baseRadius"],
        "--gb-negative": palette.NEGATIVE,
        "--gb-positive": palette.POSITIVE,
        "--gb-grey": palette.GREY,
    }
    shared |= {f"--gb-{name.replace('_', '-')}": one.colour for name, one in displays().items() if one.page}
    light, dark = ({css: theme[mode][name] for name, css in _THEME.items()} for mode in ("light", "dark"))
    rules = f":root {{ color-scheme: light dark; {_variables(shared | light)} }}\n"
    return rules + f"@media (prefers-color-scheme: dark) {{ :root {{ {_variables(dark)} }} }}\n"


def _variables(values: dict[str, str]) -> str:
    return " ".join(f"{name}: {value};" for name, value in values.items())
