"""Text for a model whose inputs are numbers: through a vocabulary or a tokenizer in the file's metadata."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from glassbox.input_error import InputError
from glassbox.inspection.answer import text
from glassbox.inspection.opening import Opened
from glassbox.inspection.subwords import CONTINUES, SPACE, byte_pairs, word_pieces
from glassbox.text.tokens import normalise, spans

KEYS = ("vocabulary", "vocab", "tokens", "characters", "alphabet", "labels_in")
"""Names under which files keep what their inputs' numbers stand for,"""
TOKENIZER_KEYS, MERGES_KEYS = ("tokenizer", "tokenizer.json", "tokenizer_json"), ("merges", "bpe_merges", "merges.txt")
"""a whole tokenizer as the `tokenizers` library writes it, and the pairs that byte-pair encoding joins."""
TOLD = 100
UNKNOWN, PADDING = ("[UNK]", "<unk>", "<UNK>", "<unknown>", "�"), ("[PAD]", "<pad>", "<PAD>", "<padding>", "")
Kind = Literal["characters", "words", "word_pieces", "byte_pairs", "unsupported"]


@dataclass(frozen=True)
class Tokenizer:
    """How a file cuts text: the number of each token, and the tokens before and behind each line.

    `kind` is "unsupported" for a way of cutting that isn't known here, as SentencePiece's.
    """

    kind: Kind
    numbers: Mapping[str, int]
    cut: Callable[[str], list[str]]
    start: Sequence[str] = ()
    end: Sequence[str] = ()

    def tokens(self, line: str) -> list[str]:
        """Return the tokens of a line."""
        return [*self.start, *self.cut(line), *self.end]

    def number(self, token: str) -> int | None:
        """Return the number of a token; of a word or a character as it is written, else in small letters. None where it
        has none."""
        other = self.numbers.get(token.lower()) if self.kind in ("characters", "words") else None
        return self.numbers.get(token, other)

    def first(self, names: Sequence[str]) -> int:
        """Return the number of the first token of `names` that there is, else 0."""
        return next((self.numbers[name] for name in names if name in self.numbers), 0)


def tokenizer(model: Opened) -> Tokenizer | None:
    """Return how the file's metadata say that text is cut; None where they don't."""
    if "tokenizer" not in model.kept:
        model.kept["tokenizer"] = _tokenizer({x.key.lower(): x.value for x in model.proto.metadata_props})
    found: Tokenizer | None = model.kept["tokenizer"]
    return found


def vocabulary(model: Opened) -> Mapping[str, int]:
    """Return the number of each token that the file's metadata tell of; {} if they tell of none."""
    found = tokenizer(model)
    return {} if found is None else found.numbers


def ids(model: Opened, name: str, lines: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers (lines, length) of each line's tokens, padded behind to the length of the longest or, where
    the input `name` has a fixed one, to it; and how many tokens each line has (lines,).

    Raises InputError: `no_vocabulary` where the file carries none, `unknown_tokenizer` where it cuts text in a way that
    isn't known here.
    """
    found = tokenizer(model)
    if found is None:
        raise InputError("no_vocabulary", "The file carries no vocabulary that turns text into numbers.", name=name)
    if found.kind == "unsupported":
        raise InputError("unknown_tokenizer", "The file's tokenizer is of a kind that isn't known here.", name=name)
    unknown, padding = found.first(UNKNOWN), found.first(PADDING)
    rows = [
        [unknown if number is None else number for number in map(found.number, found.tokens(line))] for line in lines
    ]
    shape = model.shape(name) or ()
    last = shape[-1] if shape else None
    length = last if isinstance(last, int) else max(1, *map(len, rows))
    padded = [(row + [padding] * length)[:length] for row in rows]
    return np.array(padded, np.int64), np.array([min(len(row), length) for row in rows], np.int64)


def told_tokens(model: Opened, line: str) -> list[list[Any]]:
    """Return as facts the first TOLD tokens of a line, each with its number; None where it is unknown."""
    found = tokenizer(model)
    return [] if found is None else [[text(token), found.number(token)] for token in found.tokens(line)[:TOLD]]


def _tokenizer(held: Mapping[str, str]) -> Tokenizer | None:
    for key in TOKENIZER_KEYS:
        if key in held and (made := _whole(held[key])):
            return made
    numbers = next((found for key in KEYS if key in held and (found := _tokens(held[key]))), {})
    merges = next((_merges(held[key].splitlines()) for key in MERGES_KEYS if key in held), {})
    return _made(numbers, merges) if numbers else None


def _whole(value: str) -> Tokenizer | None:
    """Return a tokenizer of the `tokenizers` library: https://huggingface.co/docs/tokenizers, `Tokenizer.to_str`."""
    try:
        model = json.loads(value)["model"]
        numbers = _numbered(model["vocab"])
        merges = model.get("merges") or []
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return None
    if not numbers:
        listed = model["vocab"] if isinstance(model["vocab"], list) else []
        numbers = {str(entry[0]): place for place, entry in enumerate(listed) if isinstance(entry, list) and entry}
        return Tokenizer("unsupported", numbers, str.split) if numbers else None
    return _made(numbers, _merges(merges if isinstance(merges, list) else []))


def _made(numbers: Mapping[str, int], merges: Mapping[tuple[str, str], int]) -> Tokenizer:
    """Return the tokenizer that a vocabulary speaks for.

    One with pieces that continue a word is WordPiece's; one with merges is byte-pair encoding, over bytes if GPT-2's
    letter for a space is in it. One of single characters is read character by character, another one word by word,
    with signs apart if it has a full stop or a comma.
    """
    plain = [token for token in numbers if token not in (*UNKNOWN, *PADDING) and token[:1] not in "<["]
    if sum(token.startswith(CONTINUES) for token in plain) > 1:
        unknown = next((token for token in UNKNOWN if token in numbers), UNKNOWN[0])
        cut = partial(word_pieces, pieces=numbers.keys(), unknown=unknown)
        ends = [[token] if token in numbers else [] for token in ("[CLS]", "[SEP]")]
        return Tokenizer("word_pieces", numbers, cut, *ends)
    if merges and any(token.startswith(SPACE) for token in plain):
        return Tokenizer("byte_pairs", numbers, partial(byte_pairs, ranks=merges))
    if merges or sum(token.startswith("▁") for token in plain) > len(plain) / 10:
        return Tokenizer("unsupported", numbers, str.split)
    if sum(len(token) == 1 for token in plain) > len(plain) / 2:
        return Tokenizer("characters", numbers, list)
    return Tokenizer("words", numbers, _signs_apart if {".", ","} & numbers.keys() else str.split)


def _signs_apart(line: str) -> list[str]:
    read = normalise(line)
    return [read[start:end] for start, end in spans(read, "word")]


def _merges(found: Sequence[Any]) -> dict[tuple[str, str], int]:
    """Return the place of each pair that is joined, from "a b" or ["a", "b"]; the first line of a file may be its
    version."""
    pairs = [tuple(one.split(" ")) if isinstance(one, str) else tuple(map(str, one)) for one in found if one]
    kept = [pair for pair in pairs if len(pair) == 2 and not str(pair[0]).startswith("#version")]
    return {(str(pair[0]), str(pair[1])): place for place, pair in enumerate(kept)}


def _tokens(value: str) -> dict[str, int]:
    """Return the number of each token of a list or an object in JSON, or of lines."""
    try:
        parsed: Any = json.loads(value)
    except (ValueError, RecursionError):
        parsed = value.splitlines()
    if isinstance(parsed, str):
        parsed = list(parsed)
    if isinstance(parsed, list):
        return {str(token): place for place, token in enumerate(parsed) if not isinstance(token, (list, dict))}
    return _numbered(parsed)


def _numbered(parsed: Any) -> dict[str, int]:
    if not isinstance(parsed, dict):
        return {}
    return {token: place for token, place in parsed.items() if type(place) is int and 0 <= place < 2**31}
