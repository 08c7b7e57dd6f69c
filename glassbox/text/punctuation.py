"""Chinese punctuation as it is written: in full width, which NFKC normalisation turns into half width for the models.

https://unicode.org/reports/tr11/
"""

import re
from dataclasses import replace

from glassbox.text.reader import TextReading

_HALF_WIDTH = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])[,?!:;()]+")
_TO_FULL_WIDTH = str.maketrans(",?!:;()", "，？！：；（）")


def full_width(text: str) -> str:
    """Return `text` with the punctuation behind Chinese characters in full width; its length stays."""
    return _HALF_WIDTH.sub(lambda match: match.group().translate(_TO_FULL_WIDTH), text)


def in_full_width(reading: TextReading) -> TextReading:
    """Return `reading` with the punctuation of its text and tokens in full width behind Chinese characters."""
    text = full_width(reading.text)
    tokens = tuple(token._replace(text=text[token.start : token.end]) for token in reading.tokens)
    return replace(reading, text=text, tokens=tokens)
