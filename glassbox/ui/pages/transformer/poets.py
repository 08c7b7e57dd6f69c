"""The two transformers that can be looked into, by what they write: what each reads at first and how it is steered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from glassbox.ui.base.i18n import language
from glassbox.ui.frame import transformers
from glassbox.zoo.transformer_models import TransformerCard


class Example(NamedTuple):
    """The beginning of a well-known passage, in the public domain; its `key` finds what is said of it."""

    key: str
    text: str


class Direction(NamedTuple):
    """The characters that steering leads `toward` and `away` from, by their names in the strings, and the `dose` that
    is shown at first."""

    names: tuple[str, str]
    toward: str
    away: str
    dose: float


@dataclass(frozen=True)
class Task:
    """What a transformer writes: its `language`, how its characters are set (`spaced`: in words with spaces between
    them), the examples, and the direction in which it is steered."""

    language: str
    spaced: bool
    examples: tuple[Example, ...]
    direction: Direction


NAMES = ("poet_zh", "poet_en")
"""The transformers that are shipped."""
QUATRAINS, PLAYS = "quatrains", "plays"
TASKS: Mapping[str, Task] = {
    QUATRAINS: Task(
        "zh",
        False,
        (
            Example("night", "床前明月光，疑是地上霜。举头望明月，低头思故"),
            Example("maple", "月落乌啼霜满天，江枫渔火对愁"),
            Example("wine", "葡萄美酒夜光杯，欲饮琵琶马上"),
            Example("baidi", "朝辞白帝彩云间，千里江陵一日"),
            Example("spring", "春眠不觉晓，处处闻啼"),
            Example("tower", "白日依山尽，黄河入海"),
        ),
        Direction(("moon", "war"), "月夜明", "战兵军", 0.3),
    ),
    PLAYS: Task(
        "en",
        True,
        (
            Example("romeo", "JULIET:\nO Romeo, Romeo! wherefore art thou Rom"),
            Example("winter", "GLOUCESTER:\nNow is the winter of our disconten"),
            Example("horse", "KING RICHARD III:\nA horse! a horse! my kingdom for a hor"),
            Example("stuff", "PROSPERO:\nWe are such stuff\nAs dreams are made o"),
            Example("breach", "Once more unto the breach, dear frien"),
            Example("question", "To be, or not to be: that is the questi"),
        ),
        Direction(("exclaiming", "telling"), "?!", ".,;:", 0.5),
    ),
}
"""By the task of the cards."""


def offered() -> dict[str, TransformerCard]:
    """Return the cards of the transformers that a visitor can choose from, that of the page's language first."""
    cards = [
        one for one in transformers.zoo().cards.values() if one.architecture == "transformer" and one.task in TASKS
    ]
    cards.sort(key=lambda card: TASKS[card.task].language != language())
    return {card.name: card for card in cards}
