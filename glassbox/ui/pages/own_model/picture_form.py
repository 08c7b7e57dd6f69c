"""How a picture becomes a model's input: a common preparation, or the visitor's own."""

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st

from glassbox.inspection.pictures import PRESETS
from glassbox.inspection.requests import Picture
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Entry, Kind, bound, declare

PIXELS = "the visitor's picture"
"""The name of the picture among the arrays that go with a request: no input is called so."""
CUSTOM = "custom"
COLOURS = ("as_guessed", "grey", "rgb", "bgr")
MOST_CHANNELS = 4
_PRESET = declare("own_model_preset", Kind.CONTROL, "")
_INVERT: Entry[bool | None] = declare("own_model_invert", Kind.CONTROL, None)
_COLOURS = declare("own_model_colours", Kind.CONTROL, "")
_MEAN: Entry[tuple[float, ...]] = declare("own_model_mean", Kind.CONTROL, (0.0,))
_STD: Entry[tuple[float, ...]] = declare("own_model_std", Kind.CONTROL, (1.0,))
_NUMBERS = declare("own_model_numbers_{name}", Kind.CONTROL, "")


def request(one: Mapping[str, Any], drawn: bool) -> Picture:
    """Return how a picture becomes the input `one`; `drawn`: it is a digit, which is white on black already."""
    name, channels = _preset_name(one), one["picture"]["channels"]
    preset = PRESETS.get(name) or {"colours": None, "invert": False, "mean": _MEAN.get(), "std": _STD.get()}
    fits = len(preset["mean"]) in (1, channels) and len(preset["std"]) in (1, channels)
    inverted = preset["invert"] and not drawn
    colours: Any = _COLOURS.get() if name == CUSTOM and _COLOURS.get() in COLOURS[1:] else preset["colours"]
    return Picture(
        array=PIXELS,
        colours=colours if fits and not (channels == 3 and colours == "grey") else None,
        invert=inverted if _INVERT.get() is None else bool(_INVERT.get()),
        mean=preset["mean"] if fits else (0.0,),
        std=preset["std"] if fits else (1.0,),
    )


def form(one: Mapping[str, Any], drawn: bool) -> None:
    """Ask how the picture becomes the input `one`."""
    how, chosen, options = request(one, drawn), _preset_name(one), (*PRESETS, CUSTOM)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            t("own_model.feed.preset"),
            options,
            format_func=lambda name: t(f"own_model.feed.preset_{name}"),
            width=320,
            **bound("own_model_preset_box", chosen, lambda name: _take_preset(name, how), options),
        )
        st.checkbox(t("own_model.feed.invert"), **bound("own_model_invert_box", how.invert, _INVERT.set))
    if chosen == CUSTOM:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _numbers(_MEAN, t("own_model.feed.mean"))
            _numbers(_STD, t("own_model.feed.std"))
            choice(_COLOURS, t("own_model.feed.colours"), COLOURS, lambda name: t(f"own_model.feed.{name}"))


def _numbers(entry: Entry[tuple[float, ...]], label: str) -> None:
    """Ask for a number, or one a channel; what can't be read changes nothing."""

    def take(text: str) -> None:
        found = read_numbers(text)
        if found is not None:
            entry.set(found)

    shown = ", ".join(f"{value:g}" for value in entry.get())
    typed = _NUMBERS.at(name=entry.key)
    typed.set(shown)
    st.text_input(label, max_chars=60, width=200, key=typed.key, on_change=lambda: take(str(typed.get() or "")))


def read_numbers(text: str) -> tuple[float, ...] | None:
    """Return the numbers of "0.5, 0.5, 0.5"; None for anything else, and for more than four."""
    try:
        found = tuple(float(part) for part in text.replace("，", ",").split(","))
    except ValueError:
        return None
    return found if len(found) <= MOST_CHANNELS and all(map(math.isfinite, found)) else None


def _preset_name(one: Mapping[str, Any]) -> str:
    """Return the preparation chosen, at first the one that such inputs mostly have."""
    return _PRESET.get() if _PRESET.get() in (*PRESETS, CUSTOM) else str(one["picture"]["preset"])


def _take_preset(name: str, before: Picture) -> None:
    """Take a preparation; the visitor's own begins as the one before."""
    if name == CUSTOM:
        _MEAN.set(before.mean)
        _STD.set(before.std)
        _COLOURS.set(before.colours or COLOURS[0])
        _INVERT.set(before.invert)
    else:
        _INVERT.clear()
    _PRESET.set(name)
