"""Plays as ids, and the network that learns to write them, from small data to its card."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs export/requirements.txt")

from export import shakespeare
from export.shakespeare import CONTEXT
from glassbox.paths import ROOT
from glassbox.zoo import transformer_models

pytestmark = pytest.mark.export
TEXT = "".join(f"{place} to be, or not\n" for place in range(400))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = tmp_path_factory.mktemp("text") / "en_shakespeare" / "input.txt.gz"
    table.parent.mkdir()
    table.write_bytes(gzip.compress(TEXT.encode()))
    return table.parents[1]


def test_the_last_tenth_is_held_out_and_nothing_is_lost(folder: Path) -> None:
    plays = shakespeare.load(folder)
    read = "".join(plays.vocabulary[token] for token in np.concatenate([plays.train, plays.test]))
    assert read == TEXT
    assert len(plays.test) == round(0.1 * len(TEXT))


def test_batches_are_of_the_training_text_and_the_same_again(folder: Path) -> None:
    plays = shakespeare.load(folder)
    batch = plays.batch(step=3, size=16, seed=1)
    text = "".join(plays.vocabulary[token] for token in plays.train)
    assert batch.shape == (16, CONTEXT + 1)
    assert all("".join(plays.vocabulary[token] for token in row) in text for row in batch)
    np.testing.assert_array_equal(batch, plays.batch(step=3, size=16, seed=1))
    assert (batch != plays.batch(step=4, size=16, seed=1)).any()


def test_windows_ask_for_every_token_but_the_first_once() -> None:
    ids = np.arange(3 * CONTEXT + 40)
    np.testing.assert_array_equal(shakespeare.windows(ids)[:, 1:].ravel(), ids[1 : 3 * CONTEXT + 1])


def test_the_app_accepts_the_network(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "export", "--quick", "--only", "poet_en", "--text", folder]
    command += ["--out", tmp_path / "models", "--checkpoints", tmp_path / "checkpoints", "--threads", "1"]
    subprocess.run(command, cwd=ROOT, check=True, timeout=900)
    found = transformer_models.load(tmp_path / "models")
    card = found.cards["poet_en"]
    assert found.refused == {}
    assert (card.task, card.architecture, card.context, card.front) == ("plays", "transformer", CONTEXT, 1)
    assert card.held_out.tokens == 4 * CONTEXT
