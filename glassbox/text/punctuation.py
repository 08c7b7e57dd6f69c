"""Chinese punctuation as it is written: in full width, which NFKC normalisation turns into half width for the models.

https://unicode.org/reports/tr11/
"""

import re
from dataclasses import replace

from glassbox.text.reader import TextReading

_HALF_WIDTH = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])[,?!:;()]+")
_HALF, _FULL = ",?!:;()", "，？！：；（）"
_TO_FULL_WIDTH, _TO_HALF_WIDTH = str.maketrans(_HALF, _FULL), str.maketrans(_FULL, _HALF)


def full_width(text: str) -> str:
    """Return `text` with the punctuation behind Chinese characters in full width; its length stays."""
    return _HALF_WIDTH.sub(lambda match: match.group().translate(_TO_FULL_WIDTH), text)


def half_width(text: str) -> str:
    """Return `text` as it was before `full_width`."""
    return text.translate(_TO_HALF_WIDTH)


def in_full_width(reading: TextReading) -> TextReading:
    """Return `reading` with the punctuation of its text and tokens in full width behind Chinese characters."""
    text = full_width(reading.text)
    tokens = tuple(token._replace(text=text[token.start : token.end]) for token in reading.tokens)
    return replace(reading, text=text, tokens=tokens)
