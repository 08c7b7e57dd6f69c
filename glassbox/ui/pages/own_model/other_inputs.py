"""The inputs beside the picture or the text: a number for all of one, several numbers, or random ones."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.inspection.requests import Given, Random, Source
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.frame.model_graph import shape_text
from glassbox.ui.pages.own_model import asking

MOST = 12
"""Inputs that are asked for; the others are as they most likely are."""
MOST_NUMBERS, LONGEST = 512, 4000
_VALUES: Entry[Mapping[str, str]] = declare("own_model_values", Kind.FILES, {})
"""What was written for each input, by name."""
_BOX = declare("own_model_value_{place}", Kind.FILES, "")


def asked(inputs: Sequence[Mapping[str, Any]], fed: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the inputs to ask for, those of numbers that are not `fed` otherwise; of a model with one input only a row
    of whole numbers, as tokens are."""
    asked = [one for one in inputs if one["name"] not in fed and "free" in one and one["type"] != "string"][:MOST]
    return asked if len(inputs) > 1 else [one for one in asked if in_rows(one)]


def in_rows(one: Mapping[str, Any]) -> bool:
    """Return whether an input is one or several rows of whole numbers."""
    return one["type"].startswith(("int", "uint")) and 1 <= len(one["shape"]) <= 2 and not one["picture"]


def form(inputs: Sequence[Mapping[str, Any]], caption: str) -> None:
    """Ask for numbers, under a caption."""
    if not inputs:
        return
    st.caption(caption)
    with st.container(horizontal=True):
        for place, one in enumerate(inputs):
            box = _BOX.at(place=place)
            box.set(_written(one))

            def take(name: str = one["name"], key: Entry[str] = box) -> None:
                _VALUES.set({**_VALUES.get(), name: str(key.get() or "")[:LONGEST]})

            st.text_input(
                f"{asking.words(one['name'])} · {one['type']} {shape_text(tuple(one['shape']))}",
                max_chars=LONGEST,
                placeholder=t("own_model.feed.at_random"),
                width=260,
                key=box.key,
                on_change=take,
            )
    if wrong := [one["name"] for one in inputs if _written(one).strip() and source(one) is None]:
        st.warning(t("own_model.feed.unreadable", name=asking.words(wrong[0])), icon=":material/warning:")


def sources(inputs: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Source], dict[str, NDArray[Any]]]:
    """Return what the form says: where each input's numbers come from, and the arrays that go with them."""
    found: dict[str, Source] = {}
    arrays: dict[str, NDArray[Any]] = {}
    for one in inputs:
        made = source(one)
        if isinstance(made, np.ndarray):
            arrays[one["name"]] = made
            found[one["name"]] = Given(array=one["name"])
        elif made is not None:
            found[one["name"]] = made
    return found, arrays


def written(inputs: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether the visitor wrote something for one of `inputs`."""
    return any(one["name"] in _VALUES.get() for one in inputs)


def source(one: Mapping[str, Any]) -> Source | NDArray[Any] | None:
    """Return what was written for an input: one number for all of it, an array, or random numbers for nothing; None for
    what can't be read or doesn't fit."""
    text = _written(one).strip()
    if not text:
        return Random()
    numbers = read(text)
    if numbers is None:
        return None
    if len(numbers) == 1:
        return Random(low=numbers[0], high=numbers[0])
    shape = one["shape"]
    whole = one["type"].startswith(("int", "uint"))
    values = np.array(numbers, np.int64 if whole else np.float64)
    if whole and any(value != round(value) for value in numbers):
        return None
    sizes = _filled(shape, len(numbers))
    return None if sizes is None else values.reshape(sizes)


def _filled(shape: Sequence[int | str], count: int) -> list[int] | None:
    """Return the sizes of an array of `count` numbers: of those that are free the last takes what the others leave, and
    they are 1. None where that doesn't come out even."""
    sizes = [1 if isinstance(size, str) else size for size in shape]
    free = [axis for axis, size in enumerate(shape) if isinstance(size, str)]
    fixed = math.prod(sizes)
    if free and fixed and count % fixed == 0:
        sizes[free[-1]] = count // fixed
    return sizes if math.prod(sizes) == count else None


def read(text: str) -> list[float] | None:
    """Return the numbers of a text, between commas or spaces; None for anything else, and for too many."""
    parts = text.replace("，", ",").replace(",", " ").split()
    try:
        found = [float(part) for part in parts]
    except ValueError:
        return None
    return found if 0 < len(found) <= MOST_NUMBERS and all(map(math.isfinite, found)) else None


def _written(one: Mapping[str, Any]) -> str:
    """Return what is written for an input: at first the number that it most likely holds."""
    likely = one.get("likely")
    return _VALUES.get().get(one["name"], "" if likely is None else f"{likely:.10g}")
