"""The icon font without the icons that nothing shows: 54 kB instead of 375 kB before the first screen stands.

Material Symbols writes an icon as a ligature of its name's letters. Kept are the names that stand in Streamlit's own
scripts, in quotation marks, and in the dashboard's sources as its shortcode; more than are shown, never fewer.
"""

import re
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

_IN_SCRIPTS = re.compile(r"[\"'`/:]([a-z0-9_]{2,40})[\"'`:]")
_IN_SOURCES = re.compile(r":material/([a-z0-9_]+):")


def icons_of_scripts(scripts: Iterable[Path]) -> set[str]:
    """Return the words of Streamlit's scripts that can be names of icons."""
    return {name for file in scripts for name in _IN_SCRIPTS.findall(file.read_text(encoding="utf-8"))}


def icons_shown(sources: Iterable[Path]) -> set[str]:
    """Return the names of the icons that our sources show."""
    return {name for file in sources for name in _IN_SOURCES.findall(file.read_text(encoding="utf-8"))}


def with_icons(font: Path, names: set[str]) -> bytes:
    """Return `font`, a WOFF2 file, with the icons of `names` alone. Raises fontTools' TTLibError for another file."""
    from fontTools import subset, ttLib

    read = ttLib.TTFont(font)
    letters = {glyph: chr(code) for code, glyph in read.getBestCmap().items() if code < 128}
    icons = [
        ligature.LigGlyph
        for lookup in read["GSUB"].table.LookupList.Lookup
        for table in (getattr(one, "ExtSubTable", one) for one in lookup.SubTable)
        for first, ligatures in getattr(table, "ligatures", {}).items()
        for ligature in ligatures
        if "".join(letters.get(glyph, "") for glyph in (first, *ligature.Component)) in names
    ]
    options = subset.Options(layout_closure=False, layout_features=["*"], flavor="woff2", notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(glyphs=[*letters, *icons])
    subsetter.subset(read)
    written = BytesIO()
    subset.save_font(read, written, options)
    return written.getvalue()
