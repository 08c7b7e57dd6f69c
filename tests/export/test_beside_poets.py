"""The studies that leave files beside the card of a network that writes quatrains: what it has read, how it sounds."""

import gzip
import json
from pathlib import Path

import pytest

from export import quatrains, shakespeare
from export.run import Run
from export.studies import memorisation, prosody
from glassbox.records import DamagedFileError
from glassbox.zoo import transformer_models
from glassbox.zoo.text_models import INDEX
from glassbox.zoo.transformer_models import PROSODY
from tests import play_writers
from tests.export import small_poet

CHARACTERS = "春江花月夜风雪山水云天地人心日年一不来去归"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    small_poet.write(tmp_path, CHARACTERS)
    return Run(data=None, out=tmp_path / "models", text=tmp_path / "text", quick=True)


def test_what_a_poet_has_read_is_found_and_what_it_writes_is_measured(run: Run) -> None:
    memorisation.main(run)
    zoo = transformer_models.load(run.out)
    told, index = zoo.cards["small"].memorisation, zoo.training_index("small")
    read = quatrains.load(run.text)
    assert told is not None and index is not None and (told.index.length, told.index.least) == (7, 8)
    assert told.index.ngrams == len({poem.text[i : i + 7] for poem in read.train for i in range(14)})
    for poem in read.train:
        assert index.runs(poem.text, told.index.least) == ((0, 20),)
    found = [run for poem in read.test for run in index.runs(poem.text, told.index.least)]
    assert len(found) <= 1 and told.held_out.share == 0 and told.held_out.texts == len(read.test)
    assert [(one.temperature, one.top_k) for one in told.sampled] == [(0.2, 20), (0.8, 20), (1.0, None)]
    assert all(one.texts == told.held_out.texts and 0 < one.characters <= 32 * one.texts for one in told.sampled)
    (run.out / "small" / INDEX).write_bytes(b"0")
    with pytest.raises(DamagedFileError, match="sha256"):
        transformer_models.load(run.out).training_index("small")


def test_what_a_writer_of_plays_has_read_is_found_in_lower_case_line_by_line(tmp_path: Path) -> None:
    text = "To be, is the test:\nthe bishops are at noon.\n" * 1_000
    table = tmp_path / "text" / "en_shakespeare" / "input.txt.gz"
    table.parent.mkdir(parents=True)
    table.write_bytes(gzip.compress(text.encode()))
    vocabulary = shakespeare.load(tmp_path / "text").vocabulary
    play_writers.write(tmp_path / "models", vocabulary=vocabulary)
    memorisation.main(Run(data=None, out=tmp_path / "models", text=tmp_path / "text", quick=True))
    zoo = transformer_models.load(tmp_path / "models")
    told, index = zoo.cards["poet_en"].memorisation, zoo.training_index("poet_en")
    assert told is not None and index is not None and told.index.least == 12
    assert index.runs([*"to be, is the test:"]) == ((0, 19),) and not index.runs([*"test:\nthe bish"])
    assert told.held_out.share > 0.9 and told.held_out.characters == 400 * told.held_out.texts > 0
    assert all(one.characters == 3 * 400 and one.share < 0.1 for one in told.sampled)


@pytest.mark.export
def test_tones_and_rhymes_stand_beside_the_card(run: Run) -> None:
    pytest.importorskip("pypinyin", reason="needs export/requirements.txt")
    before = json.loads((run.out / "small" / "card.json").read_text(encoding="utf-8"))
    prosody.main(run)
    zoo = transformer_models.load(run.out)
    told, found = zoo.cards["small"].prosody, zoo.prosody("small")
    assert told is not None and found is not None
    assert (told.toned, told.rhymed) == (0, len(CHARACTERS))  # nobody marked a tone in the small table
    assert found.rhyme(("", "春", "", "人")) and not found.rhyme(("", "春", "", "天"))
    assert found.rhyme(("", "山", "", "天")) and not found.rhyme(("", "不", "", "一"))
    assert [found.readings[sign] for sign in "春天一"] == ["chūn", "tiān", "yī"]
    after = json.loads((run.out / "small" / "card.json").read_text(encoding="utf-8"))
    assert after | {"prosody": None} == before | {"prosody": None}
    (run.out / "small" / PROSODY).unlink()
    with pytest.raises(DamagedFileError, match="No such file"):
        transformer_models.load(run.out).prosody("small")
