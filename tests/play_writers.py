"""A small transformer that writes plays: random weights over a few letters."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from glassbox.graph.transformer_writer import write_transformer
from tests.transformers import Shape, weights
from tests.zoo.test_transformer_models import card

VOCABULARY = ("<padding>", "<unknown>", "\n", " ", *"':.,Tabehinorst")
CONTEXT = 24
SHAPE = Shape(len(VOCABULARY), CONTEXT, layers=2, heads=2, size=4, width=12, neurons=16)


def write(
    folder: Path, name: str = "poet_en", seed: int = 0, vocabulary: Sequence[str] = VOCABULARY, **changes: Any
) -> None:
    """Write the model and its card into `folder`/`name`, the card with `changes`."""
    content = write_transformer(weights(replace(SHAPE, vocabulary=len(vocabulary)), seed), name).SerializeToString()
    (folder / name / "1").mkdir(parents=True)
    (folder / name / "1" / "model.onnx").write_bytes(content)
    described = card(
        name=name,
        architecture="transformer",
        vocabulary=vocabulary,
        context=CONTEXT,
        front=1,
        heads=SHAPE.heads,
        input={"name": "ids", "shape": ["N", "T"], "dtype": "int64", "range": [0, len(vocabulary) - 1]},
        output={"name": "logits", "shape": ["N", "T", len(vocabulary)], "kind": "logits"},
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    (folder / name / "card.json").write_text(json.dumps(described | changes), encoding="utf-8")
