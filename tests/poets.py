"""A small transformer that writes quatrains: random weights, but that lines of five end where they should."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from glassbox.graph.transformer_writer import write_transformer
from glassbox.text import memorisation
from glassbox.text.prosody import EITHER, LEVEL, OBLIQUE, Prosody, Tones
from glassbox.text.quatrains import ASKED, END, FORMS, FRONT, LINES
from glassbox.zoo.text_models import INDEX
from glassbox.zoo.transformer_models import PROSODY
from tests.transformers import Array, Shape, weights
from tests.zoo.test_transformer_models import card

CHARACTERS = "春江花月夜风雪山水云天地人心日年一不来去归"
VOCABULARY = ("<padding>", "<unknown>", END, *ASKED, *CHARACTERS)
CONTEXT = FRONT + LINES * (max(FORMS.values()) + 1) - 1
LENGTH = FORMS["wujue"]
"""Characters of each line that it writes, whatever form is asked for."""
SHAPE = Shape(len(VOCABULARY), CONTEXT, layers=2, heads=3, size=4, width=16, neurons=20)


def held(seed: int = 0) -> dict[str, Array]:
    """The weights: the place before a line's end writes the line end's embedding, the others take it away."""
    found = weights(SHAPE, seed)
    end = found["embedding"][VOCABULARY.index(END)]
    ends = (np.arange(CONTEXT) - FRONT + 1) % (LENGTH + 1) == LENGTH
    found["places"] += np.where(ends, 60, -30)[:, None].astype(np.float32) * end
    return found


def write(folder: Path, name: str = "poet_zh", seed: int = 0, **changes: Any) -> None:
    """Write the model and its card into `folder`/`name`, the card with `changes`."""
    content = write_transformer(held(seed), name).SerializeToString()
    (folder / name / "1").mkdir(parents=True)
    (folder / name / "1" / "model.onnx").write_bytes(content)
    described = card(
        name=name,
        task="quatrains",
        architecture="transformer",
        vocabulary=VOCABULARY,
        context=CONTEXT,
        front=FRONT,
        heads=SHAPE.heads,
        input={"name": "ids", "shape": ["N", "T"], "dtype": "int64", "range": [0, len(VOCABULARY) - 1]},
        output={"name": "logits", "shape": ["N", "T", len(VOCABULARY)], "kind": "logits"},
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    (folder / name / "card.json").write_text(json.dumps(described | changes), encoding="utf-8")


SOUNDS = Prosody(
    Tones({sign: (LEVEL, OBLIQUE, EITHER)[place % 3] for place, sign in enumerate(CHARACTERS)}),
    {sign: frozenset({place % 4}) for place, sign in enumerate(CHARACTERS)},
)
"""Tones and rhymes of CHARACTERS, none of them as they are spoken."""
READ = ("".join(CHARACTERS), "春江花月夜" * 4)
"""Poems that the network is said to have read."""


def write_sounds_and_index(folder: Path, name: str = "poet_zh") -> None:
    """Write SOUNDS and the index of READ beside the card in `folder`/`name`, which is told of them."""
    index = memorisation.index(READ, 4, bits=30)
    files = {INDEX: index.to_bytes(), PROSODY: SOUNDS.to_bytes(VOCABULARY)}
    told: dict[str, dict[str, Any]] = {}
    for file, content in files.items():
        (folder / name / file).write_bytes(content)
        told[file] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    measured = {"texts": 100, "characters": 2_000, "share": 0.25, "low": 0.2, "high": 0.3, "longest": 12}
    path = folder / name / "card.json"
    path.write_text(
        json.dumps(
            json.loads(path.read_text(encoding="utf-8"))
            | {
                "prosody": told[PROSODY] | {"toned": len(CHARACTERS), "rhymed": len(CHARACTERS)},
                "memorisation": {
                    "index": told[INDEX]
                    | {
                        "length": 4,
                        "run": 5,
                        "ngrams": len(index.hashes),
                        "false_positive_rate": index.false_positive_rate,
                        "absent": 100,
                        "false_positives": 0,
                    },
                    "held_out": measured,
                    "sampled": [measured | {"temperature": 0.8, "top_k": 20, "seed": 1, "share": 0.22}],
                },
            }
        ),
        encoding="utf-8",
    )
