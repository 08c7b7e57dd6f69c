"""A text as a transformer reads it: what each head looks at, what would come next behind each layer, and the score of
the next token as a sum.

All of it is sent at once: pointing happens in the browser. A click asks for more (`Asked`).
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from glassbox.ui.base import formats, payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

_WORDS = (
    *(
        "text",
        "explore",
        "asked",
        "line_end",
        "unknown",
        "copied",
        "reads",
        "reads_self",
        "comma",
        "head_looks",
        "expects",
    ),
    *(
        "heads",
        "heads_help",
        "head",
        "head_short",
        "looks",
        "matters",
        "off",
        "is_off",
        "switch_off",
        "switch_on",
        "all_on",
        "write",
    ),
    *("looks_short", "matters_short"),
    *("next", "written", "next_patched", "choose"),
    *("lens", "lens_help", "raw_note", "embedding", "layer", "with_norm", "without_norm"),
    *("score", "score_against", "score_lead", "part_told", "head_reads", "token", "place", "rest", "neurons", "neuron"),
    *("source", "other_sources", "other_neurons", "open", "against", "alone", "more", "fewer"),
    *("agrees", "differs", "tick", "gap"),
)
_component = register(__file__)


@dataclass(frozen=True)
class Sign:
    """A token: `text` as it is shown; `kind`: "asked" (in front of the text), "sign", "unknown", "space" or "end"; its
    `reading`, shown below it, for those who can't read the script; `copied`: whether it stands in the training text."""

    text: str
    kind: Literal["asked", "sign", "unknown", "space", "end"]
    reading: str = ""
    copied: bool = False


@dataclass(frozen=True)
class Guess:
    """A token that could come next, and its probability."""

    text: str
    share: float


@dataclass(frozen=True)
class Score:
    """The score (logit) of `token` behind a position, less that of `against` unless that is "", as a sum.

    `embedding`, `place`, `rest`: of the token there, of its position, of biases. `heads` (layers, heads, sources): what
    each head adds from each source. `neurons` (layers,): of all neurons of a layer; `largest`: of each layer some
    neurons with what they add. `total` is the sum, `engine` ONNX Runtime's number, `error` how far they are apart,
    relative to the sizes of all that is added; `close`: whether that is what rounding explains.
    """

    token: str
    against: str
    embedding: float
    place: float
    rest: float
    heads: NDArray[np.floating]
    neurons: NDArray[np.floating]
    largest: Sequence[Sequence[tuple[int, float]]]
    total: float
    engine: float
    error: float
    close: bool


@dataclass(frozen=True)
class Bar:
    """A token that could come next, its probability, and that with all heads on and nothing steered."""

    text: str
    share: float
    before: float


@dataclass(frozen=True)
class Behind:
    """What a position is followed by: the likeliest tokens behind the embedding and each layer, through the last norm
    and without it; `bars`: the model's own answer, the token explained with them; its `score`; the probability of what
    `follows` in the text, None at its end."""

    normed: Sequence[Sequence[Guess]]
    raw: Sequence[Sequence[Guess]]
    bars: Sequence[Bar]
    score: Score
    follows: float | None

    @cached_property  # they are kept with the text, and some hundred numbers for each of its positions are written
    def packed(self) -> dict[str, object]:
        """What is behind the position as plain data."""
        score = self.score
        return {
            "normed": [_guesses(row) for row in self.normed],
            "raw": [_guesses(row) for row in self.raw],
            "bars": [[bar.text, formats.shown(bar.share), formats.shown(bar.before)] for bar in self.bars],
            "follows": None if self.follows is None else formats.shown(self.follows),
            "token": score.token,
            "against": score.against,
            "plain": formats.shown(next(bar.before for bar in self.bars if bar.text == score.token)),
            "embedding": _short(score.embedding),
            "place": _short(score.place),
            "rest": _short(score.rest),
            "neurons": [_short(float(amount)) for amount in score.neurons],
            "largest": [[[neuron, _short(amount)] for neuron, amount in layer] for layer in score.largest],
            "total": float(f"{score.total:.7g}"),
            "engine": float(f"{score.engine:.7g}"),
            "error": formats.scientific(score.error) if score.error else "0",
            "close": score.close,
        }


@dataclass(frozen=True)
class Chosen:
    """What is pointed at: a position, and a head by its layer and its number, all from 0."""

    position: int
    layer: int
    head: int


@dataclass(frozen=True)
class Board:
    """A text of T tokens, read.

    `attention` (layers, heads, T, T), by reading and then by read position; `effects` (layers, heads, T): the share of
    each position's explained token if that head alone were switched off; `off`: the heads that are switched off, by
    layer and head; `ways`: what they can be made to write, of which `way` is chosen; `changed`: in words, what
    was changed in the network as it read, "" for nothing; `spaced`: whether spaces stand between words, which are then
    kept whole; `colour`: of the network, in CSS.
    """

    signs: Sequence[Sign]
    attention: NDArray[np.floating]
    behind: Sequence[Behind]
    effects: NDArray[np.floating]
    off: Sequence[tuple[int, int]]
    ways: Sequence[str]
    way: str
    changed: str
    chosen: Chosen
    spaced: bool
    colour: str

    @property
    def packed(self) -> dict[str, object]:
        """The board as plain data, its arrays as float16 in base64, of each position only what it may look at."""
        layers, heads, steps, _ = self.attention.shape
        return {
            "signs": [[sign.text, sign.kind, sign.reading, sign.copied] for sign in self.signs],
            "layers": layers,
            "heads": heads,
            "attention": _packed(self.attention.reshape(layers * heads, steps, steps)[:, *np.tril_indices(steps)]),
            "added": _packed(
                np.concatenate([one.score.heads.reshape(layers * heads, -1) for one in self.behind], axis=1)
            ),
            "effects": _packed(self.effects.reshape(layers * heads, steps)),
            "behind": [one.packed for one in self.behind],
            "off": [list(head) for head in self.off],
            "changed": self.changed,
            "ways": [[way, t(f"components.attention.way_{way}")] for way in self.ways],
            "way": self.way,
            "chosen": asdict(self.chosen),
            "spaced": self.spaced,
            "colour": self.colour,
        }


class Asked(msgspec.Struct, frozen=True):
    """What a click asks for.

    - "point": `position`, `layer`, `head` are pointed at;
    - "switch": the head is switched off or on; "all_on": all are on again; "way": the heads that are off write `way`;
    - "explain", "against": the score of `token` is explained, or held against that of `token` ("": alone);
    - "open": an entry of the score is opened: `part` ("token", "position", "head", "neuron") in `layer`, its head or
      neuron `index` and the position `source` that a head reads.
    """

    kind: Literal["point", "switch", "all_on", "way", "explain", "against", "open"]
    position: payload.Index
    layer: payload.Index = 0
    head: payload.Index = 0
    token: str = ""
    way: Literal["zero", "mean"] = "zero"
    part: Literal["token", "position", "head", "neuron"] = "token"
    index: payload.Index = 0
    source: payload.Index = 0


def attention(board: Board, *, on_asked: Callable[[Asked], None], key: str = "attention") -> None:
    """Draw `board`; `on_asked` gets what is clicked, if the board has it."""

    def asked() -> None:
        if found := checked(payload.sent(key, "asked"), board.attention.shape):
            on_asked(found)

    words = {word: t(f"components.attention.{word}") for word in _WORDS}
    _component(key=key, data={**board.packed, "words": words}, on_asked_change=asked)


def checked(sent: object, shape: tuple[int, ...]) -> Asked | None:
    """Return what the browser asks of a board whose attention has `shape`; None if there is no such thing: it may be
    forged."""
    asked = payload.parse(sent, Asked)
    if asked is None:
        return None
    layers, heads, steps, _ = shape
    there = asked.position < steps and asked.layer < layers and asked.head < heads
    if asked.kind == "open":
        there = there and asked.source <= asked.position and (asked.part != "head" or asked.index < heads)
    return asked if there else None


def _packed(values: NDArray[np.floating]) -> str:
    return base64.b64encode(values.astype("<f2").tobytes()).decode()


def _guesses(row: Sequence[Guess]) -> list[list[object]]:
    return [[guess.text, formats.shown(guess.share)] for guess in row]


def _short(value: float) -> float:
    """Return what is enough to show three significant digits."""
    return float(f"{value:.4g}")
