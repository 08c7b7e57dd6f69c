"""Chinese punctuation in its own width."""

import re

_HALF = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])[,?!:;()]+")
_FULL = str.maketrans(",?!:;()", "，？！：；（）")


def full_width(text: str) -> str:
    """Return `text` with the punctuation behind Chinese in its full width.

    The networks read both widths alike: NFKC makes them one.
    """
    return _HALF.sub(lambda found: found.group().translate(_FULL), text)
