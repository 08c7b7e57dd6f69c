"""What the visitor looks at: which model, section and tensor; all but a file of the visitor's own is in the link."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import streamlit as st

from glassbox.graph.metadata import with_metadata
from glassbox.trust.cost.compression import CompressedCard
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.frame import texts, transformers
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.own_model.asking import Model
from glassbox.zoo import folder, tiny_models
from glassbox.zoo.folder import Models

OWN = "own"
"""The choice of the visitor's own file, among the names of examples."""
SECTIONS = ("read", "run", "explain", "compare", "make")
FIRST_EXAMPLE = "cnn"
VERSIONS = ("fp16", "int8_dynamic", "int8_static")
"""Compressed versions that are offered beside the network that they were made of."""
CHOSEN = declare("own_model_chosen", Kind.CONTROL, FIRST_EXAMPLE, parameter="model")
FILE: Entry[Model | None] = declare("own_model_file", Kind.FILES, None)
SECTION = declare("own_model_section", Kind.CONTROL, SECTIONS[0], parameter="section")
MEASURE = declare("own_model_measure", Kind.CONTROL, "multiply_adds", parameter="colour")
COMPARED_MEASURE = declare("own_model_compared_measure", Kind.CONTROL, "difference")
"""The same while two models are compared."""
TENSOR = declare("own_model_tensor", Kind.CONTROL, "", parameter="tensor")
"""The tensor clicked; of a body's tensor, its graph's place in the figure and ':' before the name."""
DEAREST = declare("own_model_dearest", Kind.INTERNAL, "")
"""The tensor that stands in front because nobody has chosen one."""
CONSTANTS = declare("own_model_constants", Kind.CONTROL, False)
"""Whether the operators are drawn that compute nothing but constants."""
WISH: Entry[tuple[int, str] | None] = declare("own_model_wish", Kind.INTERNAL, None)
"""The tensor that the figure is to go to, and how many such wishes there were: what is clicked there needs none."""


def examples(page: Page) -> dict[str, Callable[[], bytes]]:
    """Return how to get the file of each model to try, by name: three tiny ones, then those of this project."""
    found: dict[str, Callable[[], bytes]] = {}
    for zoo in (page.reader.zoo, texts.zoo(), transformers.zoo()):
        found |= {name: _file(_described(zoo), name) for name in zoo.cards}
    for name in _compressed().cards:
        if _version(name):
            found[name] = _file(_compressed().model_bytes, name)
    first = {FIRST_EXAMPLE: found.pop(FIRST_EXAMPLE)} if FIRST_EXAMPLE in found else {}
    return {**first, **{name: _file(_tiny, name) for name in tiny_models.TINY}, **found}


def _file(read: Callable[[str], bytes], name: str) -> Callable[[], bytes]:
    return lambda: read(name)


def _described(zoo: Any) -> Callable[[str], bytes]:
    """Return how to get a network's file with what its card knows of its input and output: tokens and labels."""

    def read(name: str) -> bytes:
        card = zoo.cards[name]
        entries = {key: getattr(card, key, ()) for key in ("vocabulary", "labels")}
        told = {key: json.dumps(list(held), ensure_ascii=False) for key, held in entries.items() if held}
        data: bytes = zoo.model_bytes(name)
        return with_metadata(data, told) if told else data

    return read


@cache  # of the names of tiny_models.TINY
def _tiny(name: str) -> bytes:
    return tiny_models.TINY[name]()


def example_name(name: str) -> str:
    """Return what an example is called."""
    if name in tiny_models.TINY:
        return t(f"own_model.example.{name}")
    of, kind = _version(name) or (name, "")
    return f"{model_name(of)} · {t(f'own_model.make.{kind}')}" if kind else model_name(name)


@st.cache_resource(max_entries=1, show_spinner=False)
def _compressed() -> Models[CompressedCard]:
    """Return the compressed versions of the networks, read once for all visitors."""
    return folder.accept({"compressed": CompressedCard})


def _version(name: str) -> tuple[str, str] | None:
    """Return the network that `name` is a compressed version of, and which; None for anything else."""
    for kind in VERSIONS:
        if name.endswith(f"_{kind}") and "narrow" not in name:
            return name.removesuffix(f"_{kind}"), kind
    return None


def follow_link(offered: Mapping[str, object]) -> None:
    """Take the model and the section of the page's link where it has changed."""
    before = CHOSEN.get()
    linked(CHOSEN, lambda asked: asked if asked in offered or (asked == OWN and FILE.get()) else None)
    if CHOSEN.get() != before:
        TENSOR.clear()
    linked(SECTION, lambda asked: asked if asked in SECTIONS else None)


def wish(tensor: str) -> None:
    """Have the figure go to a tensor, and the panel show it."""
    TENSOR.set(tensor)
    number = WISH.get()
    WISH.set((0 if number is None else number[0] + 1, tensor))


def pick(tensor: str) -> None:
    """Put the tensor in front that the visitor clicked in the figure."""
    TENSOR.set(tensor)
    DEAREST.clear()


def choose(name: str) -> None:
    """Look into another model."""
    CHOSEN.set(name)
    DEAREST.clear()
    TENSOR.set("")
    WISH.clear()


def model(offered: Mapping[str, Callable[[], bytes]]) -> Model:
    """Return the model that is looked into: the visitor's, else the example chosen, else the first."""
    own = FILE.get()
    if CHOSEN.get() == OWN and own is not None:
        return own
    if CHOSEN.get() not in offered:
        choose(next(iter(offered)))
    name = CHOSEN.get()
    return Model(example_name(name), offered[name](), everybodys=True)
