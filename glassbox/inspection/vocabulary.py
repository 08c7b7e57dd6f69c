"""Text for a model whose inputs are numbers: through a vocabulary in the file's metadata."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.input_error import InputError
from glassbox.inspection.opening import Opened

KEYS = ("vocabulary", "vocab", "tokens", "characters", "alphabet", "labels_in")
"""Names under which files keep what their inputs' numbers stand for."""
UNKNOWN, PADDING = ("[UNK]", "<unk>", "<UNK>", "�"), ("[PAD]", "<pad>", "<PAD>", "")


def vocabulary(model: Opened) -> dict[str, int]:
    """Return the number of each token, by a list or an object in JSON, or lines, of the file's metadata; {} if it has
    none."""
    held = {entry.key.lower(): entry.value for entry in model.proto.metadata_props}
    for key in KEYS:
        if key in held and (found := _tokens(held[key])):
            return found
    return {}


def ids(model: Opened, name: str, lines: Sequence[str]) -> NDArray[np.int64]:
    """Return the numbers (lines, length) of each line's tokens, padded behind to the length of the longest or, where
    the input `name` has a fixed one, to it.

    A vocabulary of single characters is read character by character, another one word by word. Raises InputError
    `no_vocabulary` where the file carries none.
    """
    found = vocabulary(model)
    if not found:
        raise InputError("no_vocabulary", "The file carries no vocabulary that turns text into numbers.", name=name)
    single = sum(len(token) == 1 for token in found) > len(found) / 2
    unknown = next((found[token] for token in UNKNOWN if token in found), 0)
    padding = next((found[token] for token in PADDING if token in found), 0)
    rows = [[found.get(token, unknown) for token in (list(line) if single else line.split())] for line in lines]
    shape = model.shape(name) or ()
    last = shape[-1] if shape else None
    length = last if isinstance(last, int) else max(1, *map(len, rows))
    padded = [(row + [padding] * length)[:length] for row in rows]
    return np.array(padded, np.int64)


def _tokens(value: str) -> dict[str, int]:
    try:
        parsed: Any = json.loads(value)
    except (ValueError, RecursionError):
        parsed = value.splitlines()
    if isinstance(parsed, str):
        parsed = list(parsed)
    if isinstance(parsed, list):
        return {str(token): place for place, token in enumerate(parsed) if not isinstance(token, (list, dict))}
    if isinstance(parsed, dict):
        return {token: place for token, place in parsed.items() if type(place) is int and 0 <= place < 2**31}
    return {}
