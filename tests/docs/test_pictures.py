"""The pictures in the READMEs: one of each page in each language, and the tables as the script writes them."""

import pytest
from PIL import Image

from docs import record
from glassbox.ui.base import i18n
from glassbox.ui.frame.places import PLACES

MOST = 4_000_000
"""Bytes of all pictures and animations."""


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_readme_shows_every_page(language: str) -> None:
    shown = record.READMES[language].read_text(encoding="utf-8").partition(record.BEGIN)[2].partition(record.END)[0]
    assert shown == record.table(language)
    assert shown.count("<img") == len(PLACES)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_pictures_are_there(language: str) -> None:
    for name in PLACES:
        with Image.open(record.OUT / f"{name}.{language}.webp") as picture:
            assert picture.width == record.SIDE
    with Image.open(record.OUT / f"{record.FILM}.{language}.webp") as film:
        assert getattr(film, "n_frames", 1) > 20
    assert sum(file.stat().st_size for file in record.OUT.iterdir()) < MOST
    assert {file.name.split(".")[0] for file in record.OUT.iterdir()} == {*PLACES, record.FILM}
