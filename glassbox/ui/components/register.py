"""Components of our own: NAME/NAME.html, NAME.css and NAME.js beside NAME/__init__.py, read once, without a build step.

NAME.js may import from other files beside it and in _shared: the browser gets them joined into one module. NAME.css may
import a style sheet of _shared likewise.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.bidi_component import ComponentResult

from glassbox.ui.base import palette, payload, style

_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.[^"]+)"\n', re.MULTILINE)
_CSS_IMPORT = re.compile(r'^@import "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|let|function|async function|class) )", re.MULTILINE)
_DEFAULT = re.compile(r"^export default function (?=\()", re.MULTILINE)
_NEWEST = Path(__file__).parent / "_shared" / "newest.js"
_COLOURS = (
    f":root, :host {{ --gb-negative: {palette.NEGATIVE}; --gb-positive: {palette.POSITIVE}; "
    f"--gb-grey: {palette.GREY}; }}\n"
)


def register(init: str, *, isolate_styles: bool = True) -> Callable[..., ComponentResult]:
    """Register the component whose package's __file__ is `init`. Raises OSError if one of its files is missing."""
    folder = Path(init).parent
    html, css = ((folder / f"{folder.name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css"))
    mount = st.components.v2.component(
        f"glassbox_{folder.name}",
        html=html,
        css=_COLOURS + style.EVERYWHERE + _CSS_IMPORT.sub(lambda found: (folder / found[1]).read_text("utf-8"), css),
        js=module(folder / f"{folder.name}.js"),
        isolate_styles=isolate_styles,
    )

    def mount_with(*, data: dict[str, Any], key: str, **options: Any) -> ComponentResult:
        return mount(data=[data, payload.last(key)], key=key, **options)

    return mount_with


def module(entry: Path) -> str:
    """Return the module that the browser gets for `entry`: what it imports joined to it, and with it what keeps the
    visitor's last choice until the data answer it (_shared/newest.js).

    Each component's data comes in a list with the number of the last event taken. Streamlit imports pandas (80 MB, half
    a second) to look for tables among the values of a dictionary, but does not look into a list.
    """
    joined, found = _DEFAULT.subn("function component", join(_NEWEST, entry))
    if found != 1:
        raise ValueError(f"{entry.name}: begins its component with `export default function (`")
    return f"{joined}\nexport default showNewest(component)\n"


def join(*entries: Path) -> str:
    """Return the modules `entries` with all that they import, directly or not, as one module without imports.

    Each file is there once, before those that import it; of its exports only `export default` remains. Names at the
    top of files that are joined must differ, and imports are written `import { name } from "./file.js"` at the start of
    a line. Raises ValueError for any other import and OSError for a file that is missing.
    """
    parts: dict[Path, str] = {}
    for entry in entries:
        _collect(entry.resolve(), parts)
    return "\n".join(parts.values())


def _collect(file: Path, parts: dict[Path, str]) -> None:
    if file in parts:
        return
    text = file.read_text(encoding="utf-8")
    for imported in _IMPORT.findall(text):
        _collect((file.parent / imported).resolve(), parts)
    own = _EXPORT.sub("", _IMPORT.sub("", text))
    if re.search(r"^import\b", own, re.MULTILINE):
        raise ValueError(f'{file.name}: imports are written import {{ name }} from "./file.js"')
    parts[file] = own
