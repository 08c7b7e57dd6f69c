"""The networks for text, loaded for all visitors while they are used, and the messages about texts that these cannot
read."""

import logging

import streamlit as st

from glassbox.engine import choice
from glassbox.engine.session import PROVIDERS
from glassbox.input_error import Reason
from glassbox.records import DamagedFileError
from glassbox.text.memorisation import NgramIndex
from glassbox.text.reader import TextReader
from glassbox.text.writer import Writer
from glassbox.ui.base.i18n import t
from glassbox.ui.base.quoting import quoted
from glassbox.ui.server.while_used import while_used
from glassbox.zoo import text_models
from glassbox.zoo.text_models import TextZoo

_log = logging.getLogger(__name__)


@st.cache_resource(max_entries=1, show_spinner=False)
def zoo() -> TextZoo:
    """Return the networks for text."""
    return text_models.load()


@while_used(len(PROVIDERS))
def reader(provider: str) -> TextReader:
    """Return the reader that runs the classifiers on `provider`."""
    return TextReader(zoo(), provider)


@while_used(2 * len(PROVIDERS))
def writer(name: str, provider: str) -> Writer:
    """Return the language model `name` of the zoo's `writers`, ready to write on `provider`. Two are shipped."""
    return Writer(zoo().model_bytes(name), zoo().writers[name], provider, choice.configured())


@while_used(2)
def training_index(name: str) -> NgramIndex | None:
    """Return the index of what the language model `name` has learned from; None, with the reason in the log, where it
    can't be used. Two are shipped, with 9 MB together."""
    try:
        return zoo().training_index(name)
    except DamagedFileError as error:
        _log.warning("the index can't be used: %s", error)
        return None


def error_message(reason: Reason) -> str:
    """Return what is wrong with a text and what to do about it, in the visitor's language."""
    details = {name: f"{value:,}" if type(value) is int else value for name, value in reason.details.items()}
    if "characters" in details:  # the visitor's own
        details["characters"] = quoted(details["characters"])
    return t(f"frame.text_error.{reason.code}", **details)
