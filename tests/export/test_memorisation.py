"""export.memorisation: what is written into a writer's card, by hand on a few sentences, and by the study."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from export import memorisation, sentences
from export.memorisation import NGRAM, SETTINGS
from export.sentences import Texts
from glassbox.paths import MODELS, ROOT
from glassbox.text.memorisation import characters_of, index
from glassbox.text.writer import BOUNDARY
from glassbox.zoo import text_models
from tests.export import text_sets

KNOWN = [
    "请问全聚德(前门店)的地址和电话是多少",
    "前门店)的地址和电话是多少呢?",
    "the film is not very good , but the music is",
]
TEXT = [*"我问 全聚德(前门店)的地址和电话是多少呢? the film is not"]


def test_what_is_found_is_what_stands_there() -> None:
    known = memorisation.training(KNOWN)
    found = known.found(TEXT)
    assert len(found) == len(TEXT) - NGRAM + 1
    assert found == [any("".join(TEXT[i : i + NGRAM]) in text for text in KNOWN) for i in range(len(found))]
    assert sum(found) == 6 + 2 + 4 and known.found(TEXT[:NGRAM]) == [False] and known.found(TEXT[:3]) == []


def test_the_longest_passage_stands_in_one_place() -> None:
    known = memorisation.training(KNOWN)
    assert known.longest(TEXT) == len("全聚德(前门店)的地址和电话是多少")
    assert known.longest([*KNOWN[0], BOUNDARY, *KNOWN[1]]) == len(KNOWN[0])
    assert known.longest([*KNOWN[2][3:16]]) == 13 and known.longest([*KNOWN[2][3:14]]) == 0


def test_the_share_and_its_interval_by_hand() -> None:
    texts = [[*KNOWN[2][:20]], [*KNOWN[2][8:20], *"x" * 8], [*"x" * 5, *KNOWN[2][:15]]]
    found = memorisation.copied(memorisation.training(KNOWN), texts)
    shares = [1, 0.6, 0.75]
    half = 1.96 * np.std(shares, ddof=1) / 3**0.5
    assert (found["texts"], found["characters"], found["longest"]) == (3, 60, 20)
    assert found["share"] == pytest.approx(np.mean(shares))
    assert found["low"] == pytest.approx(np.mean(shares) - half, abs=1e-4) and found["high"] == 1


def test_unseen_sentences_are_cut_as_a_writer_would_write_them() -> None:
    texts = [f"Sentence {number} of the test" for number in range(400)]
    whole = "".join(f"sentence {number} of the test\n" for number in range(400))
    pieces = memorisation.held_out(texts, 5)
    assert [len(piece) for piece in pieces] == [400] * 5
    starts = [whole.index("".join(piece)) for piece in pieces]
    assert starts == [400 * (place * (len(whole) // 400) // 5) for place in range(5)]
    assert len(memorisation.held_out(texts, 1000)) == len(whole) // 400


def test_an_index_that_lacks_an_ngram_is_refused() -> None:
    known = memorisation.training(KNOWN)
    assert memorisation.checked(index(KNOWN, NGRAM, 30), known, [TEXT]) == {
        "absent": len(TEXT) - NGRAM + 1 - 12,
        "false_positives": 0,
    }
    everything = memorisation.checked(index(KNOWN, NGRAM, 0), known, [[*map(chr, range(0x4E00, 0x4E00 + 500))]])
    assert everything["absent"] == 489 and everything["false_positives"] > 200  # at 0 bits most are found
    with pytest.raises(ValueError, match="lacks an n-gram"):
        memorisation.checked(index(KNOWN[1:], NGRAM, 30), known, [[*KNOWN[0]]])


def test_the_study_measures_a_writer_that_is_there_and_leaves_its_file(tmp_path: Path) -> None:
    text_sets.write(tmp_path / "text")
    models = tmp_path / "models"
    shutil.copytree(MODELS / "char_zh", models / "char_zh")
    before = json.loads((models / "char_zh" / "card.json").read_text("utf-8"))
    command = [sys.executable, "-m", "export", "--quick", "--study", "memorisation", "--text", tmp_path / "text"]
    subprocess.run([*command, "--out", models], cwd=ROOT, env={**os.environ, "PYTHONPATH": ""}, check=True, timeout=300)
    zoo = text_models.load(models)
    assert zoo.refused == {}
    told, found = zoo.writers["char_zh"].memorisation, zoo.training_index("char_zh")
    assert told is not None and told.index.false_positives <= 2
    assert [(one.temperature, one.top_k, one.texts, one.characters) for one in told.sampled] == [
        (temperature, top_k, 3, 1200) for temperature, top_k in SETTINGS
    ]
    texts: Texts = sentences.chinese(tmp_path / "text")
    assert found.runs(characters_of(max(texts.train, key=len))) != ()
    after = json.loads((models / "char_zh" / "card.json").read_text("utf-8"))
    assert {**after, "memorisation": None} == {**before, "memorisation": None}
    assert after["memorisation"] != before["memorisation"]
