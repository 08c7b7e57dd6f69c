"""What the places of a model's output stand for, where the file says so in its metadata."""

import ast
import json
from collections.abc import Sequence
from typing import Any

from glassbox.inspection.answer import texts
from glassbox.inspection.opening import Opened
from glassbox.inspection.vocabulary import vocabulary

KEYS = ("names", "labels", "classes", "class_names", "id2label", "categories")
"""Names under which files keep them: Ultralytics writes `names`, Hugging Face `id2label`."""
CHARACTERS = "character"
"""The name under which PaddleOCR's models keep the characters that they read, one a line: behind a place for none of
them, the blank of connectionist temporal classification, and before the space."""
BLANK = ""
MOST, LONGEST = 50_000, 2_000_000
"""Labels that are taken, and characters of an entry that are read."""


def labels(model: Opened) -> list[str]:
    """Return the labels by their places: of a list, or an object from places or to places, in JSON or as Python writes
    them, of lines, or of words between commas; else the tokens, where the last axis of the first output has a place for
    each. [] where the file says none."""
    held = {entry.key.lower(): entry.value for entry in model.proto.metadata_props}
    for key in KEYS:
        if key in held and len(held[key]) <= LONGEST and (found := _read(held[key])):
            return texts(found[:MOST])
    tokens = vocabulary(model)
    shape = model.shape(model.proto.graph.output[0].name) if model.proto.graph.output else None
    places = shape[-1] if shape else None
    if CHARACTERS in held and len(held[CHARACTERS]) <= LONGEST:
        lines = held[CHARACTERS].split("\n")
        sets = ([BLANK, *lines, " "], [BLANK, *lines], lines)
        return texts(next((found for found in sets if len(found) == places), []))
    if tokens and places == len(tokens):
        return texts(sorted(tokens, key=lambda token: tokens[token]))
    return []


def read_off(model: Opened, rows: Sequence[int], labels: Sequence[str]) -> str:
    """Return what an output says row by row: of each row the label at the place with the largest number; of a model
    that reads lines of text, with repeated ones said once and blanks left out.

    Graves et al., Connectionist temporal classification, 2006, https://doi.org/10.1145/1143844.1143891.
    """
    if labels[0] != BLANK or CHARACTERS not in {entry.key.lower() for entry in model.proto.metadata_props}:
        return " ".join(labels[row] for row in rows)
    changed = [row for place, row in enumerate(rows) if not place or row != rows[place - 1]]
    return "".join(labels[row] for row in changed)


def _read(value: str) -> list[str]:
    for parse in (json.loads, ast.literal_eval):
        try:
            return _ordered(parse(value))
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    lines = value.splitlines() if "\n" in value.strip() else value.split(",")
    return [line.strip() for line in lines if line.strip()] if len(lines) > 1 else []


def _ordered(found: Any) -> list[str]:
    """Return the labels of what was parsed; [] for what is no list and does not number from 0 on."""
    if isinstance(found, dict):
        pairs = [(place, label) for place, label in found.items() if str(place).isdecimal()]
        pairs = pairs or [(place, label) for label, place in found.items() if str(place).isdecimal()]
        by_place = {int(place): label for place, label in pairs}
        found = [by_place[place] for place in sorted(by_place)] if sorted(by_place) == [*range(len(by_place))] else []
    return [str(one) for one in found if not isinstance(one, list | dict)] if isinstance(found, list | tuple) else []
