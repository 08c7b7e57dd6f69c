"""Every page in both languages, run without a browser on the shipped models."""

import pytest

from glassbox.paths import ROOT
from glassbox.ui.base import i18n
from glassbox.ui.frame import places
from tests.ui.dashboard import visit


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("key", places.PLACES)
def test_page_opens_in_its_language(key: str, language: str) -> None:
    app = visit(key, language)
    words = i18n.strings(language)
    assert app.title[0].value == words[f"{key}.question"]
    links = [link.value for link in app.page_link]
    assert all(words[f"{place}.name"] in links for place in places.PLACES)
    assert words["frame.foot.next"].format(page=words[f"{places.after(key).key}.question"]) in links
    assert not app.warning and not app.error


@pytest.mark.parametrize("key", places.PLACES)
def test_foot_explains_and_shows_its_source(key: str) -> None:
    app = visit(key, state={"gb_how": True})
    assert any("$$" in text.value for text in app.markdown)
    assert app.code[-1].value == (ROOT / places.PLACES[key].file).read_text(encoding="utf-8").rstrip()
