"""Text cut into parts of words, as the vocabularies of BERT and of GPT-2 do it.

WordPiece: Wu et al., Google's neural machine translation system, 2016, https://arxiv.org/abs/1609.08144, with the basic
tokenizer of https://github.com/google-research/bert. Byte-pair encoding over bytes: Radford et al., Language models are
unsupervised multitask learners, 2019, https://github.com/openai/gpt-2/blob/master/src/encoder.py.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import pairwise

LONGEST_WORD = 100
"""Characters of a word that is looked up in pieces; a longer one is unknown."""
CONTINUES, SPACE = "##", "Ġ"
"""What a piece inside a word begins with in WordPiece, and how GPT-2's bytes write a space."""
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]")
# \p{L} and \p{N} of GPT-2's pattern as Python's own expressions have them: Roman numerals and the like go with letters.
_PARTS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def word_pieces(line: str, pieces: Collection[str], unknown: str) -> list[str]:
    """Return a line as WordPiece cuts it: each word into the longest pieces from its beginning, `unknown` for a word
    that these can't make. Where no piece has capitals, the line is read in small letters without accents."""
    if not any(piece[:1].isupper() for piece in pieces):
        apart = unicodedata.normalize("NFD", line.lower())
        line = "".join(letter for letter in apart if unicodedata.category(letter) != "Mn")
    return [piece for word in _words(line) for piece in _pieces(word, pieces) or [unknown]]


def _words(line: str) -> list[str]:
    """Return the words of a line, each sign and each Chinese character as one of its own."""
    return "".join(f" {letter} " if _stands_alone(letter) else letter for letter in line).split()


def _stands_alone(letter: str) -> bool:
    ascii_sign = letter.isascii() and letter.isprintable() and not letter.isalnum() and letter != " "
    return ascii_sign or unicodedata.category(letter).startswith("P") or bool(_HAN.match(letter))


def _pieces(word: str, known: Collection[str]) -> list[str]:
    """Return the pieces of a word; [] where they don't make it up."""
    found: list[str] = []
    start = 0
    while start < len(word) <= LONGEST_WORD:
        prefix = CONTINUES if start else ""
        ends = range(len(word), start, -1)
        end = next((end for end in ends if prefix + word[start:end] in known), start)
        if end == start:
            return []
        found.append(prefix + word[start:end])
        start = end
    return found


def byte_pairs(line: str, ranks: Mapping[tuple[str, str], int]) -> list[str]:
    """Return a line as GPT-2 cuts it: the bytes of each word, of which the pair that comes first in `ranks` is joined
    as long as there is one."""
    letters = _letters()
    found = []
    for word in _PARTS.findall(line):
        parts = [letters[byte] for byte in word.encode()]
        while len(parts) > 1:
            pair = min(pairwise(parts), key=lambda pair: ranks.get(pair, len(ranks)))
            if pair not in ranks:
                break
            parts = _joined(parts, pair)
        found += parts
    return found


def _joined(parts: Sequence[str], pair: tuple[str, str]) -> list[str]:
    made: list[str] = []
    place = 0
    while place < len(parts):
        both = tuple(parts[place : place + 2]) == pair
        made.append("".join(pair) if both else parts[place])
        place += 2 if both else 1
    return made


@cache  # of nothing: one table
def _letters() -> list[str]:
    """Return the letter that GPT-2 writes each byte as: itself where it can be printed, else one from 256 on."""
    printed = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    others = iter(range(256, 512))
    return [chr(byte) if byte in printed else chr(next(others)) for byte in range(256)]
