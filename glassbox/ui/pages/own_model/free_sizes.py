"""The sizes that a model's inputs leave open."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Entry, Kind, declare, held
from glassbox.ui.pages.own_model import asking

MOST_SIZES = 12
"""Free sizes that the form asks for; the others are as the model's inputs suggest."""
LARGEST_SIZE = 4096
_SIZES: Entry[Mapping[str, int]] = declare("own_model_sizes", Kind.CONTROL, {})


def chosen(inputs: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return the sizes that the visitor chose, by name."""
    free = {name for one in inputs for name in one.get("free", {})}
    return {name: size for name, size in _SIZES.get().items() if name in free}


def form(inputs: Sequence[Mapping[str, Any]]) -> None:
    """Ask for the sizes that the inputs leave open."""
    free = {name: size for one in inputs for name, size in one.get("free", {}).items()}
    sides = {
        name: t(f"own_model.feed.axis_{letter}")
        for one in inputs
        if one.get("picture")
        for name, letter in zip(one["shape"], one["picture"]["layout"], strict=True)
        if letter in ("N", "H", "W")
    }
    asked = list(free.items())[:MOST_SIZES]
    if not asked:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for place, (name, size) in enumerate(asked):
            value = min(max(int(_SIZES.get().get(name, size)), 1), LARGEST_SIZE)
            # A number that is set from outside is one the browser resets to the smallest at the next run.
            key = f"own_model_size_{place}_{size}"

            def take(name: str = name, key: str = key) -> None:
                _SIZES.set({**_SIZES.get(), name: int(held(key))})

            st.number_input(
                t("own_model.feed.size", axis=sides.get(name, t("own_model.feed.axis")), name=asking.words(name)),
                1,
                LARGEST_SIZE,
                value,
                step=1,
                width=170,
                key=key,
                on_change=take,
            )
