"""The two small networks of the page on circuits, from nothing to their cards, after a few steps of training."""

import hashlib

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs export/requirements.txt")

from export.models import addition, induction
from glassbox.explain import head_circuits
from glassbox.explain.head_circuits import Texts
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.text import repetition, sums
from glassbox.zoo import transformer_models
from glassbox.zoo.transformer_models import TransformerZoo
from tests.export.command import export_models

pytestmark = pytest.mark.export


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> TransformerZoo:
    folder = tmp_path_factory.mktemp("circuits")
    models, checkpoints = folder / "models", folder / "checkpoints"
    export_models("--quick", "--only", "induction", "addition", "--out", models, "--checkpoints", checkpoints)
    return transformer_models.load(models)


def test_the_app_accepts_both(exported: TransformerZoo) -> None:
    assert exported.refused == {} and set(exported.cards) == {"induction", "addition"}
    for name, made in (("induction", induction), ("addition", addition)):
        card = exported.cards[name]
        assert card.vocabulary == made.VOCABULARY and card.context == made.SIZES["context"]
        reader = TransformerReader(exported.model_bytes(name))
        assert len(head_circuits.heads(reader)) == made.SIZES["layers"] * made.SIZES["heads"]
    assert exported.cards["addition"].training.epochs == 1


def test_checkpoints_are_the_network_on_its_way(exported: TransformerZoo) -> None:
    first, last = exported.cards["induction"].checkpoints
    assert (first.step, last.step) == (2, 4)
    files = [exported.checkpoint("induction", one) for one in (first, last)]
    assert files[1] == exported.model_bytes("induction") != files[0]
    assert hashlib.sha256(files[0]).hexdigest() == first.sha256 and len(files[0]) == first.bytes
    held_out = exported.cards["induction"].held_out
    assert (last.nats, last.accuracy) == (held_out.nats, held_out.accuracy) and first.nats != last.nats


def test_the_card_counts_the_sums_that_come_out_right(exported: TransformerZoo) -> None:
    """Symbol by symbol, each written one read again, as a reading of whole sums would count only if all were right."""
    card = exported.cards["addition"]
    assert card.sums is not None and card.sums.count == addition.WATCHED
    a, b = sums.split(card.seed)[0][: addition.WATCHED].T
    texts = Texts(sums.encoded(a, b, addition.IDS), np.ones((len(a), sums.LENGTH - 1), bool))
    found = head_circuits.foreseen(TransformerReader(exported.model_bytes("addition")), texts)
    assert card.sums.correct == (found == texts.following)[:, sums.ASKED - 1 :].all(axis=1).sum()


def test_training_reads_no_sequence_that_is_held_out() -> None:
    batch = induction._sequences((1, 0, 5), 64)
    held_out = induction._sequences((1, 2), 64, True)
    assert batch.shape == held_out.shape == (64, repetition.LENGTH)
    assert not {row.tobytes() for row in batch} & {row.tobytes() for row in held_out}
