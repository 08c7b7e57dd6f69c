"""The words of strangers in Markdown: shown as they are written, and doing nothing."""

import re
from collections.abc import Iterable

SHOWN = 60
"""Characters shown of what is quoted, unless more are asked for."""
# Control characters and line ends, which would end the code span, and marks that have no width or turn the direction of
# writing, which would change what the rest of the sentence says.
_UNSEEN = re.compile(
    "[\0-\x20\x7f-\xa0\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]+"
)


def quoted(text: str, limit: int = SHOWN) -> str:
    """Return up to `limit` characters of `text` as code in one line of Markdown, in which no picture, link or formula
    comes about."""
    short = text if len(text) <= limit else f"{text[:limit]}…"
    plain = _UNSEEN.sub(" ", short).replace("`", "'")
    return f"`{plain or ' '}`"


def listed(texts: Iterable[str], limit: int = SHOWN) -> str:
    """Return each of `texts` quoted, between commas."""
    return ", ".join(quoted(text, limit) for text in texts)
