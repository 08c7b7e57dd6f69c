"""What a visitor is told about the verdicts, in a sentence."""

import html
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import streamlit as st

from glassbox.digits.reader import Familiarity, Verdict
from glassbox.engine import choice
from glassbox.engine.engine_error import EngineError
from glassbox.input_error import Reason
from glassbox.records import DamagedFileError
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import sentences, t
from glassbox.ui.base.models import model_name
from glassbox.zoo.folder import Models

_log = logging.getLogger(__name__)


def summary(verdicts: Mapping[str, Verdict], familiarity: Familiarity | None) -> str:
    """Show where the networks agree or disagree, or that the picture is no digit; return the sentence."""
    if familiarity and not familiarity.familiar:
        kind, text = "gb-summary gb-notice", t("frame.familiarity.unlike")
    else:
        kind, text = "gb-summary", agreement(verdicts)
    st.html(f'<p class="{kind}">{html.escape(text)}</p>')
    return text


def refused(zoo: Models[Any], names: Collection[str] | None = None) -> None:
    """Warn of each model of the zoo that may not be used, or only of those in `names`, and say why.

    Warn too if there is no model at all.
    """
    if not zoo.files and not zoo.refused:
        st.warning(t("frame.refused.none"), icon=":material/gpp_bad:")
    for name in zoo.refused:
        if names is None or name in names:
            reason = t(f"frame.refused.{zoo.refused[name]}")
            st.warning(t("frame.refused.model", model=model_name(name), reason=reason), icon=":material/gpp_bad:")


@contextmanager
def unless_damaged() -> Iterator[None]:
    """Draw what follows; where a file that it is made from is missing or damaged, stop there and say so.

    Also a decorator, for fragments: these fail by themselves.
    """
    try:
        yield
    except DamagedFileError as error:
        _log.warning("left out: %s", error)
        damaged(error.file)


@contextmanager
def unless_engine_fails() -> Iterator[None]:
    """Draw what follows; where a remote engine fails, stop there and say so. Where the embedded engine answered in its
    place, say that below.

    Also a decorator, for fragments and callbacks.
    """
    server = choice.configured().server
    before = server.instead if server else 0
    try:
        yield
    except EngineError as error:
        _log.warning("no verdict: %s", error)
        if error.cause.code == "wrong_numbers":
            said = _other_numbers(error.cause, t("frame.engine.not_shown"))
        else:
            said = t(f"frame.engine.{'unavailable' if error.passes else 'wrong'}")
        st.warning(said, icon=":material/cloud_off:")
    if server and server.instead > before:
        failure = server.failure
        if failure and failure.code == "wrong_numbers":
            said = _other_numbers(failure, t("frame.engine.computed_here"))
        else:
            said = t("frame.engine.instead")
        st.warning(said, icon=":material/cloud_off:")


def _other_numbers(reason: Reason, done: str) -> str:
    """Return what is said of an engine whose numbers are not those of a model's file, and what was `done` about it."""
    address, model = reason.details["address"], model_name(reason.details["model"])
    return sentences(t("frame.engine.other_numbers", address=address, model=model), done, t("frame.engine.mend"))


def damaged(file: str) -> None:
    """Warn that a record or a table is missing or damaged, and that what is told from it is left out."""
    st.warning(t("frame.damaged", file=file), icon=":material/help:")


def agreement(verdicts: Mapping[str, Verdict], called: Callable[[str], str] = model_name) -> str:
    """Return a sentence: what the networks agree on, or who says what and how sure each is; `called`: a model's name
    -> what it is called."""
    by_label: dict[str, list[Verdict]] = {}
    for verdict in verdicts.values():
        by_label.setdefault(verdict.label, []).append(verdict)
    if len(by_label) == 1 and len(verdicts) > 1:
        least = min(verdicts.values(), key=lambda verdict: verdict.confidence)
        if least.confidence >= formats.NEARLY_CERTAIN:
            return t("frame.agreement.all_sure", label=least.label, share=formats.measured(0.999))
        return t(
            "frame.agreement.all", label=least.label, name=called(least.model), share=formats.percent(least.confidence)
        )
    majority_first = sorted(by_label.items(), key=lambda item: -len(item[1]))
    claims = t("frame.agreement.comma").join(
        t(
            "frame.agreement.claim",
            label=label,
            names=listed([_member(verdict, called) for verdict in group]),
        )
        for label, group in majority_first
    )
    return t("frame.agreement.disagree" if len(by_label) > 1 else "frame.agreement.one", claims=claims)


def listed(items: Sequence[str]) -> str:
    """Return `items` as a sentence lists them: "A, B and C"."""
    *first, last = items
    return t("frame.agreement.and").join([t("frame.agreement.between").join(first), last] if first else [last])


def _member(verdict: Verdict, called: Callable[[str], str]) -> str:
    return t("frame.agreement.member", name=called(verdict.model), share=formats.percent(verdict.confidence))
