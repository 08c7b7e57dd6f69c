"""A digit model is added by its folder alone: nothing else has to know its name."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from glassbox import paths
from glassbox.digits.reader import Reader
from glassbox.paths import MODELS, ROOT
from glassbox.ui.frame import shell
from glassbox.zoo import digit_models
from tests import small_zoo
from tests.ui.dashboard import component

DISPLAY = {
    "names": {"en": {"short": "Tiny", "long": "a network for this test"}, "zh": {"short": "小网络"}},
    "order": 4,
    "colour": "#A34A28",
}


@pytest.fixture
def with_tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The shipped models and one more."""
    folder = tmp_path / "models"
    shutil.copytree(MODELS, folder)
    small_zoo.write(folder, "tiny", display=DISPLAY)
    monkeypatch.setattr(paths, "MODELS", folder)
    shell.reader.clear()
    yield folder
    shell.reader.clear()


def visit(page: str, language: str = "en") -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.query_params["lang"] = language
    app.session_state["all_six"] = True
    app.run()
    return app if page == "dashboard.py" else app.switch_page(page).run()


def test_the_reader_reads_with_it_in_its_place(with_tiny: Path) -> None:
    zoo = digit_models.load()
    shipped = [name for name in digit_models.names(MODELS)]
    assert list(zoo.cards) == [*shipped[:4], "tiny", *shipped[4:]]
    verdict = Reader(zoo).read(small_zoo.digit(row_4=255), ["tiny"])["tiny"]
    assert verdict.label == "4"
    assert "tiny" not in zoo.article


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_first_screen_shows_its_verdict(with_tiny: Path, language: str) -> None:
    app = visit("dashboard.py", language)
    assert not app.exception and not app.warning
    (card,) = [card for card in component(app, "cards")["cards"] if card["name"] == "tiny"]
    assert card["title"] == {"en": "Tiny", "zh": "小网络"}[language]
    assert card["colour"] == DISPLAY["colour"]
    assert "model_zoo?" in card["href"] and "model=tiny" in card["href"]


def test_the_model_zoo_has_a_row_for_it(with_tiny: Path) -> None:
    app = visit("pages/model_zoo.py")
    assert not app.exception and not app.warning
    assert any("Tiny" in html.value for html in app.html)
    app.query_params["model"] = "tiny"
    app.run()
    assert not app.exception and app.session_state["model"] == "tiny"


@pytest.mark.parametrize(
    "page", ["explain", "explainability", "factors", "faq", "sustainability", "cnn", "rnn", "backprop", "privacy"]
)
def test_the_other_pages_open_with_it(with_tiny: Path, page: str) -> None:
    app = visit(f"pages/{page}.py")
    assert not app.exception and not app.error


def test_one_that_is_damaged_goes_by_its_folders_name(with_tiny: Path) -> None:
    (with_tiny / "tiny" / "card.json").write_text("{")
    app = visit("dashboard.py")
    assert not app.exception
    (warning,) = app.warning
    assert "tiny" in warning.value


def test_one_that_belongs_to_the_article_is_read_at_first(with_tiny: Path) -> None:
    path = with_tiny / "tiny" / "card.json"
    card = json.loads(path.read_text())
    card["display"]["article"] = True
    path.write_text(json.dumps(card))
    assert "tiny" in Reader(digit_models.load()).read(np.zeros((28, 28), np.uint8))
