"""The card of a network that writes quatrains, for what reads cards alone."""

import json

from glassbox import records
from glassbox.paths import MODELS
from glassbox.zoo.folder import Models
from glassbox.zoo.transformer_models import TransformerCard

POET = "poet_zh"


def poet(
    *,
    layers: int = 2,
    width: int = 16,
    heads: int = 2,
    context: int = 36,
    flops: int = 2_000_000,
    train: int = 90_000,
    test: int = 1_000,
    tokens: int = 30_000,
    epochs: int = 20,
    cpu_seconds: float = 1_800.0,
) -> TransformerCard:
    """Return a card with these figures; the rest of it is that of a shipped GRU."""
    shipped = json.loads((MODELS / "char_zh" / "card.json").read_text(encoding="utf-8"))
    vocabulary = ["<padding>", "<unknown>", "\n", "春", "风"]

    def layer(name: str, size: int) -> dict[str, object]:
        fixed = {"parameters": 10, "multiply_adds": 10, "keras_difference": 0.0}
        return {"name": name, "type": "Layer", "output": ["N", "T", size], **fixed}

    blocks = [layer(f"{kind}{i}", width) for i in range(layers) for kind in ("attention", "feedforward")]
    card = {
        **shipped,
        "name": POET,
        "role": "transformer",
        "task": "quatrains",
        "architecture": "transformer",
        "vocabulary": vocabulary,
        "context": context,
        "front": 5,
        "heads": heads,
        "memorisation": None,
        "output": {"name": "logits", "shape": ["N", "T", len(vocabulary)], "kind": "logits"},
        "layers": [layer("embedded", width), *blocks, layer("logits", len(vocabulary))],
        "parameters": 1_600_000,
        "flops": flops,
        "dataset": {**shipped["dataset"], "train": train, "test": test},
        "training": {**shipped["training"], "epochs": epochs, "cpu_seconds": cpu_seconds},
        "held_out": {"nats": 4.4, "accuracy": 0.26, "tokens": tokens, "unigram": 6.5},
    }
    return records.read(TransformerCard, json.dumps(card).encode())


def zoo(card: TransformerCard | None = None) -> Models[TransformerCard]:
    """Return a zoo with this card alone, or with none."""
    return Models({card.name: card} if card else {}, {}, {card.name: ""} if card else {"other": ""})
