"""The cards of transformers: what is accepted, and what of a card that can't be is refused."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from glassbox import records
from glassbox.paths import MODELS
from glassbox.records import DamagedFileError
from glassbox.zoo import digit_models, text_models, transformer_models
from glassbox.zoo.transformer_models import TransformerCard

CHECKPOINT = {"step": 100, "nats": 3.2, "accuracy": 0.1, "file": "100.onnx", "bytes": 10, "sha256": "0"}
SHARES = {
    "kind": "real",
    "form": "wujue",
    "rule": "",
    "count": 500,
    "right_form": 1.0,
    "rhyme": 0.9,
    "regulated": 0.5,
    "copied_lines": 0.0,
    "copied_runs": 0.0,
    "longest_run": 0,
}


def card(**changes: Any) -> dict[str, Any]:
    """The card of a shipped GRU as if it had been trained beside a transformer."""
    shipped = json.loads((MODELS / "char_en" / "card.json").read_text(encoding="utf-8"))
    return {
        **shipped,
        "role": "transformer",
        "task": "plays",
        "architecture": "gru",
        "context": 128,
        "front": 1,
        "heads": 0,
        "memorisation": None,
        "held_out": {"nats": 1.5, "accuracy": 0.5, "tokens": 1000, "unigram": 3.3},
        **changes,
    }


def read(**changes: Any) -> TransformerCard:
    return records.read(TransformerCard, json.dumps(card(**changes)).encode())


def test_a_card_tells_what_was_measured() -> None:
    found = read(
        poems={"temperature": 0.8, "top_k": 40, "run": 8, "shares": [SHARES]},
        checkpoints=[CHECKPOINT, CHECKPOINT | {"step": 200}],
    )
    assert found.poems is not None and found.poems.shares[0].rhyme == 0.9
    assert [checkpoint.step for checkpoint in found.checkpoints] == [100, 200]
    assert found.sums is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"role": "writing"}, "role"),
        ({"task": "prose"}, "task"),
        ({"architecture": "lstm"}, "architecture"),
        ({"vocabulary": ["<padding>", "<unknown>"]}, "output.shape"),
        ({"checkpoints": [CHECKPOINT, CHECKPOINT]}, "order of their steps"),
        ({"checkpoints": [CHECKPOINT | {"file": "../100.onnx"}]}, "checkpoints has the file"),
        ({"poems": {"temperature": 0.8, "top_k": 40, "run": 8, "shares": [SHARES | {"kind": "best"}]}}, "poems.kind"),
        ({"poems": {"temperature": 0.8, "top_k": 40, "run": 8, "shares": [SHARES | {"rhyme": 1.1}]}}, "rhyme"),
    ],
)
def test_a_card_that_cannot_be_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read(**changes)


def test_a_transformer_is_listed_by_no_page_for_digits_or_texts(tmp_path: Path) -> None:
    (tmp_path / "char_en" / "1").mkdir(parents=True)
    content = (MODELS / "char_en" / "1" / "model.onnx").read_bytes()
    (tmp_path / "char_en" / "1" / "model.onnx").write_bytes(content)
    (tmp_path / "char_en" / "card.json").write_text(json.dumps(card()), encoding="utf-8")
    assert set(transformer_models.load(tmp_path).cards) == {"char_en"}
    texts, digits = text_models.load(tmp_path), digit_models.load(tmp_path)
    assert not texts.cards and not texts.writers and not texts.refused
    assert not digits.cards and not digits.refused


def test_a_checkpoint_is_the_file_that_the_card_tells_of(tmp_path: Path) -> None:
    content = (MODELS / "char_en" / "1" / "model.onnx").read_bytes()
    told = CHECKPOINT | {"file": "kept/100.onnx", "sha256": hashlib.sha256(b"as it was").hexdigest()}
    for file, written in (("1/model.onnx", content), ("kept/100.onnx", b"as it was")):
        (tmp_path / "char_en" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "char_en" / file).write_bytes(written)
    (tmp_path / "char_en" / "card.json").write_text(json.dumps(card(checkpoints=[told])), encoding="utf-8")
    zoo = transformer_models.load(tmp_path)
    (checkpoint,) = zoo.cards["char_en"].checkpoints
    assert zoo.checkpoint("char_en", checkpoint) == b"as it was"
    (tmp_path / "char_en" / "kept" / "100.onnx").write_bytes(b"another")
    with pytest.raises(DamagedFileError, match="sha256"):
        zoo.checkpoint("char_en", checkpoint)
    (tmp_path / "char_en" / "kept" / "100.onnx").unlink()
    with pytest.raises(DamagedFileError):
        zoo.checkpoint("char_en", checkpoint)
