"""Models, studies and tables that someone has changed, lost or replaced, made at test time."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

DEEP = 10_000
"""Lists in lists: deeper than parsers follow."""


def write_card(folder: Path, **changes: Any) -> None:
    """Change fields of the card in `folder`."""
    card = folder / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | changes))


def write_model(folder: Path, model: bytes) -> None:
    """Replace the model in `folder`, and let its card say that this is right."""
    (folder / "1" / "model.onnx").write_bytes(model)
    write_card(folder, sha256=hashlib.sha256(model).hexdigest())


def _deep_card(folder: Path) -> None:
    text = (folder / "card.json").read_text().rstrip().removesuffix("}")
    (folder / "card.json").write_text(text + ', "more": ' + "[" * DEEP + "]" * DEEP + "}")


def _huge_card(folder: Path) -> None:
    with (folder / "card.json").open("r+b") as file:
        file.truncate(100_000_000)


def _pipe(folder: Path) -> None:
    (folder / "card.json").unlink()
    os.mkfifo(folder / "card.json")


def _link_to_nothing(folder: Path) -> None:
    (folder / "1" / "model.onnx").unlink()
    (folder / "1" / "model.onnx").symlink_to("gone.onnx")


def _link_to_itself(folder: Path) -> None:
    (folder / "card.json").unlink()
    (folder / "card.json").symlink_to("card.json")


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def make_unreadable(file: Path) -> None:
    """Replace `file` by one that is there and opens, and whose first read fails with an input/output error."""
    file.unlink()
    file.symlink_to("/proc/self/mem")


def _other_model(folder: Path) -> None:
    write_model(folder, (folder.parent / "familiarity" / "1" / "model.onnx").read_bytes())


def _huge_model(folder: Path) -> None:
    with (folder / "1" / "model.onnx").open("r+b") as file:
        file.truncate(100_000_000)


MODELS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "deep_card": ("card", _deep_card),
    "huge_card": ("card", _huge_card),
    "empty_card": ("card", lambda folder: (folder / "card.json").write_bytes(b"")),
    "list_for_a_card": ("card", lambda folder: (folder / "card.json").write_text("[1]")),
    "no_number": ("card", lambda folder: (folder / "card.json").write_text('{"role": "digits", "bytes": NaN}')),
    "wrong_types": ("card", lambda folder: write_card(folder, parameters="many", training=7, labels=None)),
    "nothing_to_count": ("card", lambda folder: write_card(folder, flops=0)),
    "too_many_to_count": ("card", lambda folder: write_card(folder, parameters=10**400)),
    "no_layers": ("card", lambda folder: write_card(folder, layers=[])),
    "another_name": ("card", lambda folder: write_card(folder, name="other")),
    "unknown_role": ("card", lambda folder: write_card(folder, role="king")),
    "without_a_card": ("missing", lambda folder: (folder / "card.json").unlink()),
    "without_a_model": ("missing", lambda folder: (folder / "1" / "model.onnx").unlink()),
    "card_is_a_pipe": ("missing", _pipe),
    "card_links_to_itself": ("missing", _link_to_itself),
    "model_links_to_nothing": ("missing", _link_to_nothing),
    "card_unreadable": ("missing", lambda folder: make_unreadable(folder / "card.json")),
    "model_unreadable": ("missing", lambda folder: make_unreadable(folder / "1" / "model.onnx")),
    "garbage": ("trial", lambda folder: write_model(folder, b"garbage" * 1000)),
    "empty_model": ("trial", lambda folder: write_model(folder, b"")),
    "other_model": ("trial", _other_model),
    "huge_model": ("trial", _huge_model),
    "cut_model": ("sha256", lambda folder: cut(folder / "1" / "model.onnx")),
    "changed_model": ("sha256", lambda folder: (folder / "1" / "model.onnx").write_bytes(b"garbage")),
}
"""Ways to tamper with the folder of a model, with the reason for which it is refused then."""

FILES: dict[str, Callable[[Path], object]] = {
    "missing": lambda file: file.unlink(),
    "empty": lambda file: file.write_bytes(b""),
    "deep": lambda file: file.write_text("[" * DEEP + "]" * DEEP),
    "object": lambda file: file.write_text("{}"),
    "no_text": lambda file: file.write_bytes(bytes(range(256))),
    "huge": lambda file: os.truncate(file, 100_000_000),
}
"""Ways to damage a study or a table."""
