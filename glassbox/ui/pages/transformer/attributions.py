"""Three rival attributions of the next token, as shades under the characters, each with its scores."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import streamlit as st

from glassbox.explain.attribution import tokens
from glassbox.explain.attribution.faithfulness import Scores
from glassbox.explain.attribution.next_token import METHODS, NextToken, ScoredTokens, rivals
from glassbox.text.tokens import Token
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour
from glassbox.ui.base.results import Results, kept
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.components.passage import Passage, passages
from glassbox.ui.frame import transformers
from glassbox.ui.pages.transformer import figure
from glassbox.ui.pages.transformer.look import Changes, Look

_FOUND: Entry[Results] = declare("look_attributions", Kind.RESULTS, {})
UNSIGNED = ("attention",)
"""Methods that can't tell what speaks against a token."""


def draw(look: Look) -> None:
    """Draw what each method says of the token that is explained at the position that is pointed at."""
    first = look.card.front if look.at >= look.card.front else 0
    given = (look.card.name, look.provider, look.text.ids, look.changes, look.at, look.token, look.against, first)
    token = figure.shown(look.card.vocabulary[look.token])
    words = {"token": token, "sign": figure.named(look.signs[look.at])}
    if look.against is not None:
        words["against"] = figure.shown(look.card.vocabulary[look.against])
    with st.spinner(t("transformer.attributions.busy")):
        found, chance = _found.of(look.everybodys)(*given, look)
    st.markdown(t(f"transformer.attributions.{'lead' if look.against is None else 'lead_against'}", **words))
    best = max(found, key=lambda name: found[name].faithfulness)
    st.markdown(
        t(
            "transformer.attributions.best"
            if found[best].faithfulness > _faithfulness(chance)
            else "transformer.attributions.none",
            method=t(f"transformer.attributions.{best}"),
            score=formats.hundredths(found[best].faithfulness),
            chance=formats.hundredths(_faithfulness(chance)),
        )
    )
    shown = [_passage(look, name, found[name], first) for name in METHODS]
    passages(shown, hint=t("transformer.attributions.hint"), key="look_attributions_texts")
    st.caption(t("transformer.attributions.scores"))


@kept(_FOUND, shared=48, own=6)
def _found(
    name: str,
    provider: str,
    ids: tuple[int, ...],
    changes: Changes,
    at: int,
    token: int,
    against: int | None,
    first: int,
    _look: Look,
) -> tuple[dict[str, ScoredTokens], Scores]:
    """Return the rivals' maps by method, and what a map of chance scores."""
    text = NextToken(transformers.gradient(name, provider), _look.reading, at, token, against, first)
    return rivals(text), tokens.baseline(text)


def _faithfulness(scores: Scores) -> float:
    return scores.insertion.area - scores.deletion.area


def _passage(look: Look, name: str, found: ScoredTokens, first: int) -> Passage:
    """Return the characters in the colours of a map."""
    signs = [sign.text for sign in look.signs[first : look.at + 1]]
    largest = float(np.abs(found.map).max()) or 1.0
    scores = {
        "deletion": formats.hundredths(found.scores.deletion.area),
        "insertion": formats.hundredths(found.scores.insertion.area),
        "score": formats.hundredths(found.faithfulness),
    }
    said = [
        t("transformer.attributions.said", sign=sign, amount=formats.number(float(amount)))
        for sign, amount in zip(signs, found.map, strict=True)
    ]
    return Passage(
        name=name,
        title=t(f"transformer.attributions.{name}"),
        subtitle=t(f"transformer.attributions.{name}_paper"),
        tokens=_in_lines(signs),
        shades=found.map / largest,
        said=said,
        colour=model_colour(look.card.name),
        signed=name not in UNSIGNED,
        note=t("transformer.attributions.score", **scores),
        foot=t(f"transformer.attributions.{name}_help"),
    )


def _in_lines(signs: Sequence[str]) -> list[Token]:
    """Return the signs as tokens that follow each other without a space, a new line behind each line's end."""
    texts = [f"{sign}\n" if sign == "⏎" else sign for sign in signs]
    ends = list(accumulate(map(len, texts)))
    return [Token(text, 0, True, end - len(text), end) for text, end in zip(texts, ends, strict=True)]
