"""What a model is fed: the form in which the visitor says so, and the part of a request that comes of it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime.uploaded_file_manager import UploadedFile

from glassbox.digits import decoding
from glassbox.input_error import InputError, Reason
from glassbox.inspection import array_files
from glassbox.inspection.pictures import PRESETS
from glassbox.inspection.requests import Given, Picture, Source, Text
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Entry, Kind, bound, declare
from glassbox.ui.frame import uploads
from glassbox.ui.pages.own_model import asking, free_sizes, other_inputs
from glassbox.ui.pages.own_model.subject import Subject

DIGIT, PICTURE, TEXT, FILE, RANDOM = SOURCES = ("digit", "picture", "text", "file", "random")
PIXELS = "the visitor's picture"
"""The name of the picture among the arrays that go with a request: no input is called so."""
CUSTOM = "custom"
COLOURS = ("as_guessed", "grey", "rgb", "bgr")
MOST_CHANNELS = 4
MOST_TEXT = 2000
_CHOSEN_SOURCE = declare("own_model_source", Kind.CONTROL, "")
_PRESET = declare("own_model_preset", Kind.CONTROL, "")
_INVERT: Entry[bool | None] = declare("own_model_invert", Kind.CONTROL, None)
_COLOURS = declare("own_model_colours", Kind.CONTROL, "")
_MEAN: Entry[tuple[float, ...]] = declare("own_model_mean", Kind.CONTROL, (0.0,))
_STD: Entry[tuple[float, ...]] = declare("own_model_std", Kind.CONTROL, (1.0,))
_NUMBERS = declare("own_model_numbers_{name}", Kind.CONTROL, "")
_SEED = declare("own_model_seed", Kind.CONTROL, 0)
_TYPED, _TEXT = declare("own_model_typed", Kind.TEXTS, ""), declare("own_model_text", Kind.TEXTS, "")
_PIXELS: Entry[NDArray[np.uint8] | None] = declare("own_model_picture", Kind.FILES, None)
_ARRAYS: Entry[Mapping[str, NDArray[Any]]] = declare("own_model_arrays", Kind.FILES, {})
_PROBLEM: Entry[Reason | None] = declare("own_model_input_problem", Kind.FILES, None)


@dataclass(frozen=True)
class Feed:
    """The inputs of a request: where each comes from, the free sizes, the seed, and the arrays that go with it.

    `everybodys`: nothing of it is the visitor's own.
    """

    inputs: Mapping[str, Source] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    seed: int = 0
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    everybodys: bool = True

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a request that runs the model."""
        return {"inputs": dict(self.inputs), "sizes": dict(self.sizes), "seed": self.seed}


def offered(facts: Mapping[str, Any]) -> list[str]:
    """Return what the inputs of a model may be fed with, the likeliest first."""
    inputs = facts["inputs"]
    found = [DIGIT, PICTURE] if _pictured(inputs) else []
    found += [TEXT] if _worded(facts) else []
    return [*found, *([RANDOM, FILE] if all("free" in one for one in inputs) else [FILE])]


def current(subject: Subject) -> Feed:
    """Return what the form says, or would say at first."""
    inputs, main = subject.facts["inputs"], _main(subject)
    others, arrays = other_inputs.sources(_others(subject))
    untouched = not other_inputs.written(_others(subject))
    return Feed(
        {**others, **main.inputs},
        free_sizes.chosen(inputs),
        _SEED.get(),
        {**arrays, **main.arrays},
        main.everybodys and untouched,
    )


def _main(subject: Subject) -> Feed:
    """Return what the source that was chosen gives: a picture, a text, a file's arrays, or nothing of its own."""
    source, inputs = _source(subject), subject.facts["inputs"]
    pictured, worded = _pictured(inputs), _worded(subject.facts)
    if source in (DIGIT, PICTURE) and pictured is not None and (pixels := _picture(subject, source)) is not None:
        everybodys = source == DIGIT and subject.page.picture.everybodys
        return Feed({pictured["name"]: _how(pictured, source)}, arrays={PIXELS: pixels}, everybodys=everybodys)
    if source == TEXT and worded is not None:
        lines = tuple(line for line in _TEXT.get().splitlines() if line.strip()) or (t("own_model.feed.first_text"),)
        return Feed({worded["name"]: Text(lines=lines)}, everybodys=False)
    if source == FILE and _ARRAYS.get():
        named = _by_input(inputs, _ARRAYS.get())
        return Feed({name: Given(array=name) for name in named}, arrays=named, everybodys=False)
    return Feed()


def _source(subject: Subject) -> str:
    options = offered(subject.facts)
    return _CHOSEN_SOURCE.get() if _CHOSEN_SOURCE.get() in options else options[0]


def _others(subject: Subject) -> list[Mapping[str, Any]]:
    """Return the inputs that numbers are asked for: not what the source gives, nor how many there are of that."""
    inputs, main = subject.facts["inputs"], _main(subject)
    told = (
        []
        if _source(subject) == RANDOM or not main.inputs
        else [x["name"] for x in inputs if "len" in x["name"].lower()]
    )
    return other_inputs.asked(inputs, [*main.inputs, *told])


def form(subject: Subject) -> None:
    """Draw the form."""
    options = offered(subject.facts)
    source = choice(_CHOSEN_SOURCE, t("own_model.feed.source"), options, lambda name: t(f"own_model.feed.{name}"))
    if source == PICTURE:
        _upload(
            "own_model_picture_file",
            t("own_model.feed.picture_label"),
            ["png", "jpg", "jpeg", "webp", "bmp"],
            _take_picture,
        )
    if source in (DIGIT, PICTURE):
        _preset(subject, source)
    if source == TEXT:
        if not _TYPED.is_set:
            _TYPED.set(_TEXT.get())
        st.text_area(
            t("own_model.feed.text_label"),
            max_chars=MOST_TEXT,
            height=100,
            placeholder=t("own_model.feed.first_text"),
            key=_TYPED.key,
            on_change=lambda: _TEXT.set(str(_TYPED.get() or "")[:MOST_TEXT]),
        )
    if source == FILE:
        _upload("own_model_arrays_file", t("own_model.feed.file_label"), ["npz", "npy"], _take_arrays)
        _held(subject)
    if source == RANDOM:
        st.number_input(
            t("own_model.feed.seed"),
            0,
            2**32 - 1,
            step=1,
            width=200,
            **bound("own_model_seed_box", _SEED.get(), _SEED.set),
        )
    other_inputs.form(_others(subject))
    free_sizes.form(subject.facts["inputs"])
    if problem := _PROBLEM.get():
        asking.refused(problem)


def _pictured(inputs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return next((one for one in inputs if one.get("picture")), None)


def _worded(facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the first input that takes text: of strings, or of indices into a vocabulary that the file carries."""
    for one in facts["inputs"]:
        if one["type"] == "string" or (facts["tokens"] and one.get("vocabulary")):
            return dict(one)
    return None


def _picture(subject: Subject, source: str) -> NDArray[np.uint8] | None:
    return subject.page.picture.digit if source == DIGIT else _PIXELS.get()


def _how(one: Mapping[str, Any], source: str) -> Picture:
    """Return how a picture is made an input. The digit is white on black already."""
    name, channels = _preset_name(one), one["picture"]["channels"]
    preset = PRESETS.get(name) or {"colours": None, "invert": False, "mean": _MEAN.get(), "std": _STD.get()}
    fits = len(preset["mean"]) in (1, channels) and len(preset["std"]) in (1, channels)
    inverted = preset["invert"] and source != DIGIT
    colours: Any = _COLOURS.get() if name == CUSTOM and _COLOURS.get() in COLOURS[1:] else preset["colours"]
    return Picture(
        array=PIXELS,
        colours=colours if fits and not (channels == 3 and colours == "grey") else None,
        invert=inverted if _INVERT.get() is None else bool(_INVERT.get()),
        mean=preset["mean"] if fits else (0.0,),
        std=preset["std"] if fits else (1.0,),
    )


def _preset_name(one: Mapping[str, Any]) -> str:
    """Return the preparation chosen, at first the one that such inputs mostly have."""
    return _PRESET.get() if _PRESET.get() in (*PRESETS, CUSTOM) else str(one["picture"]["preset"])


def _preset(subject: Subject, source: str) -> None:
    one = _pictured(subject.facts["inputs"])
    if one is None:
        return
    how, chosen, options = _how(one, source), _preset_name(one), (*PRESETS, CUSTOM)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            t("own_model.feed.preset"),
            options,
            format_func=lambda name: t(f"own_model.feed.preset_{name}"),
            width=320,
            **bound("own_model_preset_box", chosen, _take_preset, options),
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


def _take_preset(name: str) -> None:
    _PRESET.set(name)
    _INVERT.clear()


def _held(subject: Subject) -> None:
    arrays = _ARRAYS.get()
    if arrays:
        said = ", ".join(
            f"{asking.words(name)} {values.dtype.name} {list(values.shape)}" for name, values in arrays.items()
        )
        st.caption(t("own_model.feed.arrays", arrays=said))


def _upload(name: str, label: str, kinds: list[str], take: Any) -> None:
    def widget(key: str) -> Sequence[UploadedFile]:
        file = st.file_uploader(label, type=kinds, max_upload_size=10, key=key)
        return [file] if file else []

    def read(files: Sequence[UploadedFile]) -> None:
        try:
            take(files[0].name, files[0].getvalue())
        except InputError as error:
            _PROBLEM.set(error.reason)
        else:
            _PROBLEM.set(None)

    with st.container(key=name):
        uploads.read_once(name, widget, read)


def _take_picture(name: str, data: bytes) -> None:
    _PIXELS.set(decoding.decode(data))


def _take_arrays(name: str, data: bytes) -> None:
    _ARRAYS.set(array_files.read(data))


def _by_input(inputs: Sequence[Mapping[str, Any]], arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the arrays by the inputs that they are for: those of the same name, else by their order."""
    names = [one["name"] for one in inputs]
    if any(name in names for name in arrays):
        return {name: values for name, values in arrays.items() if name in names}
    return dict(zip(names, arrays.values(), strict=False))
