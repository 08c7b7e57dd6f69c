"""Text for a model whose inputs are numbers: through a vocabulary in the file's metadata."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.input_error import InputError
from glassbox.inspection.answer import text
from glassbox.inspection.opening import Opened
from glassbox.text.tokens import normalise, spans

KEYS = ("vocabulary", "vocab", "tokens", "characters", "alphabet", "labels_in")
"""Names under which files keep what their inputs' numbers stand for."""
TOLD = 100
UNKNOWN, PADDING = ("[UNK]", "<unk>", "<UNK>", "<unknown>", "�"), ("[PAD]", "<pad>", "<PAD>", "<padding>", "")


def vocabulary(model: Opened) -> dict[str, int]:
    """Return the number of each token, by a list or an object in JSON, or lines, of the file's metadata; {} if it has
    none."""
    held = {entry.key.lower(): entry.value for entry in model.proto.metadata_props}
    for key in KEYS:
        if key in held and (found := _tokens(held[key])):
            return found
    return {}


def ids(model: Opened, name: str, lines: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers (lines, length) of each line's tokens, padded behind to the length of the longest or, where
    the input `name` has a fixed one, to it; and how many tokens each line has (lines,).

    A vocabulary of single characters is read character by character, another one word by word, with signs apart if it
    has a full stop or a comma. What is not in it as it is written is looked up in small letters. Raises InputError
    `no_vocabulary` where the file carries none.
    """
    found = vocabulary(model)
    if not found:
        raise InputError("no_vocabulary", "The file carries no vocabulary that turns text into numbers.", name=name)
    unknown = next((found[token] for token in UNKNOWN if token in found), 0)
    padding = next((found[token] for token in PADDING if token in found), 0)
    rows = [[found.get(x, found.get(x.lower(), unknown)) for x in _cut(line, found)] for line in lines]
    shape = model.shape(name) or ()
    last = shape[-1] if shape else None
    length = last if isinstance(last, int) else max(1, *map(len, rows))
    padded = [(row + [padding] * length)[:length] for row in rows]
    return np.array(padded, np.int64), np.array([min(len(row), length) for row in rows], np.int64)


def told_tokens(model: Opened, line: str) -> list[list[Any]]:
    """Return as facts the first TOLD tokens of a line, each with its number; None where it is unknown."""
    found = vocabulary(model)
    return [[text(token), found.get(token, found.get(token.lower()))] for token in _cut(line, found)[:TOLD]]


def _cut(line: str, found: Mapping[str, int]) -> list[str]:
    """Return the tokens of a line."""
    plain = [token for token in found if token not in (*UNKNOWN, *PADDING) and token[:1] not in "<["]
    if sum(len(token) == 1 for token in plain) > len(plain) / 2:
        return list(line)
    if not {".", ","} & found.keys():
        return line.split()
    read = normalise(line)
    return [read[start:end] for start, end in spans(read, "word")]


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
