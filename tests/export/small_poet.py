"""A small table of quatrains, and a network of random weights that could have learned from it."""

import gzip
import hashlib
import json
from pathlib import Path

import numpy as np

from export import quatrains
from glassbox.graph.transformer_writer import write_transformer
from glassbox.text.quatrains import FRONT
from tests.transformers import Shape, weights
from tests.zoo.test_transformer_models import card


def write(folder: Path, characters: str = "春江花月夜") -> None:
    """Write the table into `folder`/text, and the network, with its card, into `folder`/models/small."""
    rows = ["dynasty\tform\tauthor\ttitle\tlines\ttones"]
    rng = np.random.default_rng(1)
    for _ in range(120):
        lines = "/".join("".join(rng.choice(list(characters), 5)) for _ in range(4))
        rows.append(f"tang\twujue\t某\t春江\t{lines}\t")
    table = folder / "text" / "zh_quatrains" / "quatrains.tsv.gz"
    table.parent.mkdir(parents=True)
    table.write_bytes(gzip.compress("\n".join(rows).encode()))
    vocabulary = quatrains.load(folder / "text").vocabulary.entries
    shape = Shape(len(vocabulary), quatrains.CONTEXT, layers=2, heads=2, size=3, width=6, neurons=4)
    content = write_transformer(weights(shape)).SerializeToString()
    model = folder / "models" / "small"
    (model / "1").mkdir(parents=True)
    (model / "1" / "model.onnx").write_bytes(content)
    described = card(
        name="small",
        task="quatrains",
        architecture="transformer",
        vocabulary=vocabulary,
        context=quatrains.CONTEXT,
        front=FRONT,
        heads=2,
        input={"name": "ids", "shape": ["N", "T"], "dtype": "int64", "range": [0, len(vocabulary) - 1]},
        output={"name": "logits", "shape": ["N", "T", len(vocabulary)], "kind": "logits"},
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    (model / "card.json").write_text(json.dumps(described), encoding="utf-8")
