"""Small checks of unfamiliar texts, each with its card."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

from glassbox.text.familiarity import places, runs


def model(known: Sequence[str], bits: int, hashes: int) -> ModelProto:
    """A filter with a byte a bit, as the contract of `glassbox.text.familiarity` has it."""
    held = np.zeros(bits, np.float32)
    held[places(known, bits, hashes)] = 1
    constants = {"held": held, "across": np.array([1], np.int64), "one": np.array(1, np.float32)}
    nodes = [
        helper.make_node("Gather", ["held", "places"], ["set"]),
        helper.make_node("ReduceMin", ["set", "across"], ["known"], keepdims=0),
        helper.make_node("Sub", ["one", "known"], ["new"]),
    ]
    given = [helper.make_tensor_value_info("places", TensorProto.INT64, ["R", hashes])]
    made = [helper.make_tensor_value_info("new", TensorProto.FLOAT, ["R"])]
    held_values = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "small", given, made, held_values)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def write(folder: Path, known: Sequence[str], name: str = "text_zh", **changes: Any) -> dict[str, Any]:
    """Write a check that knows the runs of two tokens in the texts `known`, and its card, with `changes` to the card;
    gives the card."""
    unit, bits, hashes = ("character" if name == "text_zh" else "word"), 4096, 3
    check = model([run for text in known for run in runs(text, unit, 2)], bits, hashes).SerializeToString()
    card: dict[str, Any] = {
        "name": f"{name}_familiarity",
        "role": "text_familiarity",
        "task": {"text_zh": "topic", "text_en": "sentiment", "text_en_intent": "scenario"}[name],
        "unit": unit,
        "filter": {"length": 2, "hashes": hashes, "bits": bits},
        "usual": {"share": 0.25, "tokens": 4},
        "threshold": 0.5,
        "quantiles": np.linspace(0, 1, 101).tolist(),
        "passed": 0.95,
        "own_passed": 0.9,
        "chosen_by": ["numbers"],
        "candidates": {"new runs of 2": 0.9, "new runs of 2, smoothed": 0.95, "energy": 0.6},
        "strange": [{"kind": "code", "count": 36, "auroc": 0.97, "refused": 0.9}],
        "dataset": {"name": "sentences", "licence": "CC BY 4.0", "source": "made up", "train": 80, "test": 20},
        "bytes": len(check),
        "sha256": hashlib.sha256(check).hexdigest(),
    } | changes
    path = folder / card["name"]
    (path / "1").mkdir(parents=True)
    (path / "1" / "model.onnx").write_bytes(check)
    (path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return card
