"""A text that a transformer has read, as the numbers of the page's main figure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.ledger import Ledger, ledger
from glassbox.explain.lens import Guess as LensGuess
from glassbox.explain.lens import LogitLens
from glassbox.explain.transformer_reader import TransformerReading
from glassbox.text.quatrains import ANY, END
from glassbox.text.read_text import ReadText
from glassbox.text.tokens import UNKNOWN
from glassbox.ui.base.i18n import t
from glassbox.ui.base.quoting import quoted
from glassbox.ui.charts.sum_table import CLOSE
from glassbox.ui.components.attention import Bar, Behind, Guess, Score, Sign
from glassbox.ui.pages.transformer.state import SHOWN

GUESSES = 5
"""Tokens shown behind each layer."""
NEURONS = 5
"""Neurons of a layer that are sent one by one."""
_PLAIN_PARTS = {"token", "position", "head", "neuron"}
Explained = Mapping[int, tuple[int | None, int | None]]
"""The token whose score is explained behind a position, None for the likeliest, and the one it is held against."""


def shown(token: str) -> str:
    """Return a token of the vocabulary as it is shown: a mark for what can't be seen, in words what asks for a poem."""
    if token in SHOWN:
        return SHOWN[token]
    return t(f"transformer.asked.{token[1:-1]}") if len(token) > 1 and token[0] == "<" else token


def named(sign: Sign) -> str:
    """Return a token as it can stand in Markdown: one that the network does not know can be any sign."""
    return quoted(sign.text) if sign.kind == "unknown" else sign.text


def signs(text: ReadText, readings: Mapping[str, str], copied: Collection[int] = ()) -> list[Sign]:
    """Return the tokens of a text as they are shown, those in front first, with their `readings` where there are;
    `copied`: the places, behind those in front, of what stands in the training text."""
    asked = [
        Sign(_asked(token, text.asked[: place + 1].count(token)), "asked") for place, token in enumerate(text.asked)
    ]
    return asked + [
        replace(sign(one, id), reading=readings.get(one, ""), copied=place in copied)
        for place, (one, id) in enumerate(zip(text.signs, text.ids[len(asked) :], strict=True))
    ]


def sign(character: str, id: int) -> Sign:
    """Return a character of a text, which has this `id`, as it is shown."""
    kinds: Mapping[str, Literal["end", "space"]] = {END: "end", " ": "space"}
    return Sign(shown(character), "unknown" if id == UNKNOWN else kinds.get(character, "sign"))


def _asked(token: str, count: int) -> str:
    """Return a token in front of a text in words; it is the `count`-th of its kind."""
    if token == END:
        return t("transformer.asked.line")
    return t("transformer.asked.any_of", number=count) if token == ANY else shown(token)


def behind(
    reading: TransformerReading,
    plain: TransformerReading,
    lens: LogitLens,
    vocabulary: Sequence[str],
    explained: Explained,
) -> list[Behind]:
    """Return what each position is followed by, and the score of the likeliest token there or of the one `explained`.

    `plain`: the same text read without interventions, by which a token is the likeliest; `reading` itself where none
    were made.
    """
    through = lens.read(reading)
    ids, found = reading.feeds[reading.reader.parts.ids][0], []
    for position, token in enumerate(explained_tokens(plain, explained)):
        against = explained.get(position, (None, None))[1]
        now, before = (_shares(one.logits[position]) for one in (reading, plain))
        top = through.top(position, GUESSES)
        likeliest = (guess.token for guess in top[-1])
        shown_tokens = dict.fromkeys([*likeliest, token, *(_likeliest(before) if plain is not reading else ())])
        found.append(
            Behind(
                normed=[_guesses(row, vocabulary) for row in top],
                raw=[_guesses(row, vocabulary) for row in through.top(position, GUESSES, with_norm=False)],
                bars=[Bar(shown(vocabulary[one]), float(now[one]), float(before[one])) for one in shown_tokens],
                score=_score(ledger(reading, position, token, against), vocabulary),
                follows=float(now[ids[position + 1]]) if position + 1 < reading.steps else None,
            )
        )
    return found


def attention(reading: TransformerReading) -> NDArray[np.float32]:
    """Return how much each head reads from each position, (layers, heads, T, T)."""
    layers = reading.reader.parts.layers
    return np.stack([reading.tensors[layer.attention.weights][0] for layer in layers])


def explained_tokens(plain: TransformerReading, explained: Explained) -> list[int]:
    """Return the token of each position whose score is shown: the likeliest, or the one that is `explained`."""
    chosen = [explained.get(position, (None, None))[0] for position in range(plain.steps)]
    likeliest = plain.logits.argmax(axis=-1).tolist()
    return [first if token is None else token for first, token in zip(likeliest, chosen, strict=True)]


def _shares(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the softmax of logits (..., vocabulary)."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True), dtype=np.float64)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def _likeliest(shares: NDArray[np.float64]) -> list[int]:
    tokens = np.argpartition(-shares, GUESSES)[:GUESSES].tolist() if len(shares) > GUESSES else range(len(shares))
    return sorted(tokens, key=lambda token: -shares[token])


def _score(found: Ledger, vocabulary: Sequence[str]) -> Score:
    layers = range(len(found.reading.reader.parts.layers))
    neurons = [_amounts(found, "neuron", layer) for layer in layers]
    rest = sum(float(part.amounts.sum()) for part in found.parts if part.kind not in _PLAIN_PARTS)
    return Score(
        token=shown(vocabulary[found.token]),
        against="" if found.against is None else shown(vocabulary[found.against]),
        embedding=float(found.part("token").amounts),
        place=float(found.part("position").amounts),
        rest=rest,
        heads=np.stack([found.part("head", layer).amounts[:, : found.position + 1] for layer in layers]),
        neurons=np.array([amounts.sum() for amounts in neurons]),
        largest=[_largest(amounts) for amounts in neurons],
        total=found.total,
        engine=found.engine,
        error=found.error,
        close=found.error <= CLOSE,
    )


def _amounts(found: Ledger, kind: str, layer: int) -> NDArray[np.float64]:
    """Return the amounts of a kind in a layer, none where a network has no such parts."""
    here = [part.amounts for part in found.parts if (part.kind, part.layer) == (kind, layer)]
    return here[0] if here else np.empty(0)


def _largest(amounts: NDArray[np.float64]) -> list[tuple[int, float]]:
    order = np.argsort(-np.abs(amounts), kind="stable")[:NEURONS].tolist()
    return [(neuron, float(amounts[neuron])) for neuron in order]


def _guesses(row: Sequence[LensGuess], vocabulary: Sequence[str]) -> list[Guess]:
    return [Guess(shown(vocabulary[guess.token]), guess.probability) for guess in row]
