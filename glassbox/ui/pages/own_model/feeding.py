"""What a model is fed: the form in which the visitor says so, and the part of a request that comes of it."""

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
from glassbox.inspection.requests import Given, Source, Text
from glassbox.ui.base import style
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Entry, Kind, bound, declare
from glassbox.ui.frame import uploads
from glassbox.ui.pages.own_model import asking, free_sizes, other_inputs, picture_form
from glassbox.ui.pages.own_model.subject import Subject

DIGIT, PICTURE, TEXT, FILE, RANDOM = SOURCES = ("digit", "picture", "text", "file", "random")
READABLE = ("characters", "words", "word_pieces", "byte_pairs")
"""The kinds of tokenizers that text goes through, see `inspection.vocabulary`."""
MOST_TEXT, MOST_MEGABYTES = 2000, 10
_CHOSEN_SOURCE = declare("own_model_source", Kind.CONTROL, "")
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
        return Feed(
            {pictured["name"]: picture_form.request(pictured, drawn=source == DIGIT)},
            arrays={picture_form.PIXELS: pixels},
            everybodys=everybodys,
        )
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
    pictured = _pictured(subject.facts["inputs"])
    if source in (DIGIT, PICTURE) and pictured is not None:
        picture_form.form(pictured, drawn=source == DIGIT)
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
    others = _others(subject)
    other_inputs.form(others, _asked_for(subject, others))
    free_sizes.form(subject.facts["inputs"])
    if problem := _PROBLEM.get():
        asking.refused(problem)


def _pictured(inputs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return next((one for one in inputs if one.get("picture")), None)


def _worded(facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the input that takes text: the first of strings, else, of those that a table is looked up by, the one with
    the largest, if the file carries a vocabulary."""
    texts = [one for one in facts["inputs"] if one["type"] == "string"]
    if texts:
        return dict(texts[0])
    tables = [one for one in facts["inputs"] if one.get("vocabulary")] if facts["tokenizer"] in READABLE else []
    return dict(max(tables, key=lambda one: one["vocabulary"])) if tables else None


def _asked_for(subject: Subject, others: Sequence[Mapping[str, Any]]) -> str:
    """Return what is to be written for the inputs that the source leaves out."""
    facts = subject.facts
    if any(one.get("vocabulary") for one in others) and _worded(facts) is None:
        return t(f"own_model.feed.{'tokens' if not facts['tokenizer'] else 'tokens_unsupported'}")
    return t("own_model.feed.numbers" if len(facts["inputs"]) == 1 else "own_model.feed.others")


def _picture(subject: Subject, source: str) -> NDArray[np.uint8] | None:
    return subject.page.picture.digit if source == DIGIT else _PIXELS.get()


def _held(subject: Subject) -> None:
    arrays = _ARRAYS.get()
    if arrays:
        said = ", ".join(
            f"{asking.words(name)} {values.dtype.name} {list(values.shape)}" for name, values in arrays.items()
        )
        st.caption(t("own_model.feed.arrays", arrays=said))


def _upload(name: str, label: str, kinds: list[str], take: Any) -> None:
    style.uploader(
        name,
        button=t("own_model.file.button"),
        limit=t("own_model.feed.limit", most=MOST_MEGABYTES),
        refused=t("own_model.file.refused", most=MOST_MEGABYTES),
    )

    def widget(key: str) -> Sequence[UploadedFile]:
        file = st.file_uploader(label, type=kinds, max_upload_size=MOST_MEGABYTES, key=key)
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
