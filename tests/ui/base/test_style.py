"""The style sheets of all pages reach the browser, and what texts set in italics is what they are for."""

import re

import pytest

from glassbox.paths import CONTENT
from glassbox.ui.base import i18n, style

SHEETS = (style.EVERYWHERE, style.RULES)


@pytest.mark.parametrize("sheet", SHEETS)
def test_no_sheet_looks_like_html(sheet: str) -> None:
    """Streamlit's frontend drops a whole style element in which a tag seems to begin, in a comment too."""
    assert len(sheet) > 100 and not re.search(r"<[/\w!]", sheet)


def test_texts_set_variables_in_italics_and_words_in_bold() -> None:
    """A word in italics would be set in another family: see italics.css."""
    strings = [text for language in i18n.LANGUAGES for text in i18n.strings(language).values()]
    texts = [*strings, *(file.read_text(encoding="utf-8") for file in CONTENT.glob("*.md"))]
    words = re.compile(r"(?<![*\w\\])(?:\*(?![\s*])([^*\n]+?)(?<!\s)\*(?!\*)|_(?![\s_])([^_\n]+?)_(?!\w))")
    bare = [re.sub(r"`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|\{[^}]*\}", "", text, flags=re.DOTALL) for text in texts]
    found = [one or other for text in bare for one, other in words.findall(text)]
    assert len(found) >= 8
    assert [emphasised for emphasised in found if len(emphasised) > 3] == []
