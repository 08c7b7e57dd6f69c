"""The cache of keys and values: how it grows as the network writes, and what it saves, measured here."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.text.cache_timing import ROUNDS, CacheTimes, cache_times
from glassbox.text.transformer import Cache
from glassbox.ui.base import formats, palette
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour
from glassbox.ui.base.results import Results, kept
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.components.curves import Axis, Curve, curves
from glassbox.ui.components.key_value_cache import Rows, key_value_cache
from glassbox.ui.frame import heavy_jobs, transformers
from glassbox.ui.pages.transformer import figure, state, writing
from glassbox.ui.pages.transformer.look import Look

_CACHES: Entry[Results] = declare("look_caches", Kind.RESULTS, {})
_TIMES: Entry[tuple[tuple[str, tuple[int, ...]], CacheTimes] | None] = declare("look_times", Kind.RESULTS, None)
"""The network and the tokens that were timed last, and how long they took."""


def draw(look: Look) -> None:
    """Draw the cache of the poem, the given text and what the network writes behind it, and the times if asked for."""
    written = writing.continuation(look)
    words = state.words(look.card)
    ids = (*look.text.ids, *map(words.id, written))[: look.card.context]
    signs = [*look.signs, *(figure.sign(sign, words.id(sign)) for sign in written)][: len(ids)]
    cache = _cache.of(look.everybodys)(look.card.name, look.provider, ids)
    layer, _ = state.HEAD.get() or (0, 0)
    each = sum(part[0, :, 0].nbytes for part in cache.values())
    layers = len(look.reading.reader.parts.layers)
    st.markdown(t("transformer.cache.lead", layers=layers, heads=look.card.heads, size=formats.size(each)))
    clicked = st.button(t("transformer.cache.measure"), icon=":material/timer:", key="look_measure_button")
    if clicked:
        _measure(look, ids)
    timed = _TIMES.get()
    times = timed[1] if timed and timed[0] == (look.card.name, ids) else None
    if times is not None:
        st.markdown(_saved(times))
    key_value_cache(
        Rows(
            signs=[sign.text for sign in signs],
            keys=_rows(cache[f"past_key{layer}"]),
            values=_rows(cache[f"past_value{layer}"]),
            sizes=[formats.size(each * count) for count in range(1, len(ids) + 1)],
            layer=layer + 1,
            colour=model_colour(look.card.name),
            seconds=_seconds(times) if times else (),
        )
    )
    if times is not None:
        _curves(look, times)


@kept(_CACHES, shared=12, own=2)
def _cache(name: str, provider: str, ids: tuple[int, ...]) -> Cache:
    """Return the keys and values that are kept of `ids`."""
    return transformers.cached(name, provider).start(ids).cache


def _measure(look: Look, ids: tuple[int, ...]) -> None:
    with heavy_jobs.turn():
        session = transformers.session(look.card.name, look.provider)
        _TIMES.set(
            ((look.card.name, ids), cache_times(session, transformers.cached(look.card.name, look.provider), ids))
        )


def _rows(kept: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return one row a token of (1, heads, tokens, size)."""
    return np.asarray(kept[0].transpose(1, 0, 2).reshape(kept.shape[2], -1))


def _saved(times: CacheTimes) -> str:
    """Return what the cache saves, in a sentence."""
    cached, uncached = (part.tolist() for part in (times.cached, times.uncached))
    details = {
        "first": formats.duration(uncached[0]),
        "last": formats.duration(uncached[-1]),
        "cached": formats.duration(cached[-1]),
        "count": len(cached),
        "all": formats.duration(sum(uncached)),
        "all_cached": formats.duration(sum(cached)),
        "rounds": ROUNDS,
    }
    return t("transformer.cache.saved", **details)


def _seconds(times: CacheTimes) -> list[tuple[tuple[str, float], tuple[str, float]]]:
    most = max(times.cached.max(), times.uncached.max())

    def told(seconds: float) -> tuple[str, float]:
        return formats.duration(seconds), round(float(seconds / most), 3)

    return [(told(one), told(other)) for one, other in zip(times.cached, times.uncached, strict=True)]


def _curves(look: Look, times: CacheTimes) -> None:
    drawn = [
        Curve(t("components.key_value_cache.with"), 1e3 * times.cached, model_colour(look.card.name)),
        Curve(t("components.key_value_cache.without"), 1e3 * times.uncached, palette.GREY, dash="5 3"),
    ]
    curves(
        np.arange(1, len(times.cached) + 1),
        drawn,
        across=Axis(t("transformer.cache.across")),
        up=Axis(t("transformer.cache.up"), low=0),
        alt=t("transformer.cache.alt"),
        key="look_cache_curves",
    )
