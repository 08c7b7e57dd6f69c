"""The transformers, loaded for all visitors while they are used: to be read from inside, through the logit lens, and
to write."""

import logging

import streamlit as st

from glassbox.engine.session import PROVIDERS, Session
from glassbox.explain.attribution.next_token import NextTokenGradient
from glassbox.explain.lens import LogitLens
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.records import DamagedFileError
from glassbox.text.memorisation import NgramIndex
from glassbox.text.plays import PlayWriter
from glassbox.text.poet import Poet
from glassbox.text.prosody import Prosody
from glassbox.text.tokens import Vocabulary
from glassbox.text.transformer import CachedTransformer
from glassbox.ui.server.while_used import while_used
from glassbox.zoo import transformer_models
from glassbox.zoo.transformer_models import TransformerZoo

_log = logging.getLogger(__name__)
KEPT = 8 * len(PROVIDERS)
"""Networks kept of a kind, some 20 MB each; fewer are shipped."""


@st.cache_resource(max_entries=1, show_spinner=False)
def zoo() -> TransformerZoo:
    """Return the transformers."""
    return transformer_models.load()


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def vocabulary(name: str) -> Vocabulary:
    """Return the tokens of the transformer `name` of the zoo, which are characters, with their ids."""
    return Vocabulary("character", zoo().cards[name].vocabulary)


@while_used(KEPT)
def reader(name: str, provider: str) -> TransformerReader:
    """Return what reads texts with the transformer `name` of the zoo on `provider`."""
    return TransformerReader(zoo().model_bytes(name), provider, means=zoo().means_or_none(name))


@while_used(KEPT)
def lens(name: str, provider: str) -> LogitLens:
    """Return the logit lens of the transformer `name` of the zoo on `provider`."""
    return LogitLens(reader(name, provider))


@while_used(KEPT)
def gradient(name: str, provider: str) -> NextTokenGradient:
    """Return the derivative of the logits of the transformer `name` of the zoo on `provider`."""
    return NextTokenGradient(reader(name, provider))


@while_used(KEPT)
def cached(name: str, provider: str) -> CachedTransformer:
    """Return the transformer `name` of the zoo on `provider` with a cache of keys and values."""
    return CachedTransformer(zoo().model_bytes(name), zoo().cards[name].context, provider)


@while_used(KEPT)
def session(name: str, provider: str) -> Session:
    """Return the transformer `name` of the zoo on `provider` as its file is."""
    return Session(zoo().model_bytes(name), provider)


@while_used(KEPT)
def poet(name: str, provider: str) -> Poet:
    """Return what writes quatrains with the transformer `name` of the zoo on `provider`."""
    return Poet(cached(name, provider), zoo().cards[name])


@while_used(KEPT)
def play_writer(name: str, provider: str) -> PlayWriter:
    """Return what writes plays with the transformer `name` of the zoo on `provider`."""
    return PlayWriter(cached(name, provider), zoo().cards[name])


@while_used(4)
def training_index(name: str) -> NgramIndex | None:
    """Return the index of what the transformer `name` has learned from, some 16 MB; None, with the reason in the log,
    where there is none that can be used."""
    try:
        return zoo().training_index(name)
    except DamagedFileError as error:
        _log.warning("the index can't be used: %s", error)
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def prosody(name: str) -> Prosody | None:
    """Return the tones, rhymes and readings of the characters of the transformer `name`; None, with the reason in the
    log, where there are none that can be used."""
    try:
        return zoo().prosody(name)
    except DamagedFileError as error:
        _log.warning("tones and rhymes can't be used: %s", error)
        return None
