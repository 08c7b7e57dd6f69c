"""The quatrains from their public home: the collection chinese-poetry, simplified and with its marks of tones."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from export.quatrains import Poem
from glassbox.text.quatrains import DYNASTIES, FORMS

COMMIT = "99ebbef7e1345c0985c44b9fd96a3f9e776f117b"
ARCHIVE = f"https://codeload.github.com/chinese-poetry/chinese-poetry/zip/{COMMIT}"
_STOPS = re.compile("[，。？！；：、]")
_CHARACTERS = re.compile("[\u3400-\u9fff]+")


def download() -> list[Poem]:
    """Return the quatrains of the collection as it was at COMMIT, about 300 MB, kept in Keras' cache."""
    import keras  # here: poems from a file need none

    return read(Path(keras.utils.get_file(f"chinese-poetry-{COMMIT}.zip", ARCHIVE, cache_subdir="datasets/glassbox")))


def read(archive: Path) -> list[Poem]:
    """Return the quatrains in a zip archive of the repository: poems of four lines of five or of seven characters,
    without gaps and notes, in simplified characters; of those that are the same, the first."""
    from opencc import OpenCC

    simplified = OpenCC("t2s").convert
    found: dict[tuple[str, ...], Poem] = {}
    with zipfile.ZipFile(archive) as files:
        names = {re.sub("^[^/]*/", "", name): name for name in files.namelist()}
        for dynasty in DYNASTIES:
            for number in _numbers(names, dynasty):
                poems = json.loads(files.read(names[f"全唐诗/poet.{dynasty}.{number}.json"]))
                marked = names.get(f"strains/json/poet.{dynasty}.{number}.json")
                tones = {entry["id"]: entry["strains"] for entry in json.loads(files.read(marked))} if marked else {}
                for poem in _quatrains(poems, tones, dynasty):
                    lines = tuple(simplified("/".join(poem.lines)).split("/"))
                    made = Poem(dynasty, poem.form, simplified(poem.title), lines, poem.tones)
                    found.setdefault(lines, made)
    return list(found.values())


def _numbers(names: dict[str, str], dynasty: str) -> list[str]:
    """Return the numbers of the files of a dynasty, as text and in its order: of poems that are the same, it says which
    is the first."""
    found = (re.fullmatch(rf"全唐诗/poet\.{dynasty}\.(\d+)\.json", name) for name in names)
    return sorted(match[1] for match in found if match)


def _quatrains(poems: list[dict[str, Any]], tones: dict[str, list[str]], dynasty: str) -> Iterator[Poem]:
    for poem in poems:
        lines = _lines(poem["paragraphs"])
        form = next((name for name, length in FORMS.items() if [len(line) for line in lines] == [length] * 4), None)
        if form and all(_CHARACTERS.fullmatch(line) for line in lines):
            marks = _lines(tones.get(poem["id"], []))
            fits = [len(mark) for mark in marks] == [len(line) for line in lines]
            yield Poem(dynasty, form, poem["title"], lines, "".join(marks) if fits else "")


def _lines(paragraphs: list[str]) -> tuple[str, ...]:
    return tuple(line for line in _STOPS.split("".join(paragraphs)) if line)
