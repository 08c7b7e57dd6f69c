"""What the page asks of a model: always of a child process of the sandbox, and what it answers is kept.

Nothing of a visitor's model is parsed in this process. Answers about examples are shared by all visitors; those about a
visitor's own file lie in the session.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any
from uuid import uuid4

import msgspec
import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from glassbox.engine import isolation
from glassbox.engine.isolated.messages import seconds_of_call
from glassbox.engine.isolation import Answer
from glassbox.input_error import InputError, Reason
from glassbox.inspection.requests import Request
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import strings, t
from glassbox.ui.base.quoting import listed, quoted
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.server import waiting

Arrays = Mapping[str, NDArray[Any]]
Key = tuple[tuple[str, ...], bytes, str]
"""What tells a question from others: the models, the request and the arrays."""
_ANSWERS: Entry[dict[Key, Answer]] = declare("own_model_answers", Kind.RESULTS, {})
_STOPPED: Entry[Key | None] = declare("own_model_stopped", Kind.INTERNAL, None)
"""The question that the visitor stopped: it is not asked again unasked."""
_REFUSED: Entry[tuple[Key, Reason] | None] = declare("own_model_refused", Kind.INTERNAL, None)
"""The last question that was refused after much work, and why: it is not asked again unasked either."""
COSTLY = ("model_too_slow", "out_of_memory", "model_crashed", "answer_too_large")
LOOK_SECONDS, PATIENCE_SECONDS = 0.25, 1.0
"""How often it is looked for an answer, and after how long a way to stop it is offered."""
_EXAMPLES: dict[Key, Answer] = {}
_KEEPING = Lock()
SHARED, OWN = 48, 12
"""Answers kept of examples and of a visitor's own files, mostly some 100 kB each,"""
SHARED_BYTES, OWN_BYTES = 64_000_000, 24_000_000
"""and what their arrays may take together: the last answer is always kept."""
_SENTENCES = frozenset(strings("en"))


@dataclass(frozen=True)
class Model:
    """A model to look into: the name it is shown by, its file, and whether it is one of the examples."""

    name: str
    data: bytes
    everybodys: bool = False

    @cached_property  # each question asks for it, and a file may have 100 MB
    def digest(self) -> str:
        """The SHA-256 of the file."""
        return hashlib.sha256(self.data).hexdigest()


def ask(
    models: Sequence[Model],
    request: Request,
    arrays: Arrays | None = None,
    everybodys: bool = True,
    quiet: bool = False,
) -> Answer | None:
    """Return the sandbox's answer about `models`; None if it is refused, with the reason on the page unless `quiet`.

    `everybodys`: nothing in the request and the arrays is a visitor's own.
    """
    try:
        return answer(models, request, arrays, everybodys)
    except InputError as error:
        if quiet:
            return None
        if error.code == "stopped":
            st.info(t("own_model.error.stopped"), icon=":material/stop_circle:")
        else:
            refused(error.reason)
        return None


def answer(models: Sequence[Model], request: Request, arrays: Arrays | None = None, everybodys: bool = True) -> Answer:
    """Return the sandbox's answer about `models`, saying so while the visitor waits. Raises InputError."""
    given = dict(arrays or {})
    key = (tuple(model.digest for model in models), msgspec.json.encode(request), _digest(given))
    shared = everybodys and all(model.everybodys for model in models)
    notice = st.empty()  # always there, so that what is drawn below keeps its place, and with it its state
    found: Answer | None = _EXAMPLES.get(key) if shared else _ANSWERS.get().get(key)
    if found is None:
        found = _asked(key, models, request, given, notice)
    if shared:
        _keep(_EXAMPLES, key, found, SHARED, SHARED_BYTES)
    else:
        kept = dict(_ANSWERS.get())
        _keep(kept, key, found, OWN, OWN_BYTES)
        _ANSWERS.set(kept)
    return found


def _asked(key: Key, models: Sequence[Model], request: Request, arrays: Arrays, notice: DeltaGenerator) -> Answer:
    """Ask the sandbox, and say in `notice` what is going on there, with a way to stop it.

    Another thread waits for the answer: Streamlit ends a run only where it draws something. The process that works for
    a visitor who stops it, asks for something else or leaves is ended.
    """
    if key == _STOPPED.get():
        raise InputError("stopped", "The visitor stopped this.")
    if (before := _REFUSED.get()) is not None and before[0] == key:
        raise InputError(before[1].code, before[1].sentence, **before[1].details)
    command = str(type(request).__struct_config__.tag)
    data = [model.data for model in models]
    question = Question(session(), command, data, request, arrays)
    limit = seconds_of_call(isolation.shared().limits.seconds, [len(one) for one in data])
    with notice.container():
        bar, button = st.empty(), st.empty()
        with st.spinner(t(f"own_model.working.{command}"), show_time=True):
            question.start()
            started, offered = monotonic(), False
            try:
                while not _answered(question):
                    waited = monotonic() - started
                    if waited < PATIENCE_SECONDS:
                        continue
                    if not offered:
                        button.button(
                            t("own_model.stop"),
                            icon=":material/stop_circle:",
                            on_click=_STOPPED.set,
                            args=(key,),
                            key=f"own_model_stop_{uuid4().hex}",  # a run may wait for several answers
                        )
                        offered = True
                    _tell(bar, question.place, waited, limit)
            except BaseException:  # how Streamlit ends a run
                question.leave()
                raise
    notice.empty()
    if question.reason is not None and question.reason.code in COSTLY:
        _REFUSED.set((key, question.reason))
    return question.answer()


def _answered(question: "Question") -> bool:
    """Wait LOOK_SECONDS for the answer, and return whether it is there. The work is a process's of its own."""
    with waiting.aside():
        return question.done.wait(LOOK_SECONDS)


def _tell(notice: DeltaGenerator, place: int, waited: float, limit: int) -> None:
    if place:
        notice.info(t("own_model.waiting", place=place), icon=":material/hourglass_top:")
    else:
        notice.progress(min(waited / limit, 1.0), t("own_model.at_most", seconds=limit))


class Question(Thread):
    """A question to the sandbox, which waits for its answer: `done` tells when it is there, `place` where it stands in
    the queue, 0 once its turn has come."""

    def __init__(self, session: str, command: str, models: Sequence[bytes], request: Request, arrays: Arrays) -> None:
        super().__init__(daemon=True)
        self.place, self.done = 0, Event()
        self._session, self._left = session, False
        self._asked = command, models, request, arrays
        self._answer: Answer | None = None
        self.reason: Reason | None = None

    def run(self) -> None:
        """Wait for the answer."""
        command, models, request, arrays = self._asked
        try:
            self._answer = isolation.shared().call(self._session, command, models, request, arrays, tell=self._told)
        except InputError as error:
            self.reason = error.reason
        except _Left:
            pass
        finally:
            self._asked = "", [], request, {}
            self.done.set()

    def _told(self, place: int) -> None:
        if self._left:
            raise _Left
        self.place = place

    def answer(self) -> Answer:
        """Return the answer. Raises InputError with the refusal."""
        if self._answer is not None:
            return self._answer
        reason = self.reason or Reason("unexpected", {"why": ""}, "there is no answer")
        raise InputError(reason.code, reason.sentence, **reason.details)

    def leave(self) -> None:
        """Give the place in the queue up, and end the process that works on this."""
        self._left = True
        isolation.shared().end(self._session)


class _Left(Exception):
    """Nobody waits for the answer any more."""


def stopped() -> bool:
    """Return whether the visitor stopped the last question."""
    return _STOPPED.get() is not None


def go_on() -> None:
    """Let the question be asked again that was stopped or refused."""
    _STOPPED.clear()
    _REFUSED.clear()


def _keep(kept: dict[Key, Answer], key: Key, found: Answer, most: int, octets: int) -> None:
    """Keep an answer as the one used last, and no more than `most`, with arrays of `octets` bytes beside it."""
    with _KEEPING:
        kept.pop(key, None)
        sizes = {name: sum(values.nbytes for values in answer.arrays.values()) for name, answer in kept.items()}
        while kept and (len(kept) >= most or sum(sizes.values()) > octets):
            oldest = next(iter(kept))
            del kept[oldest], sizes[oldest]
        kept[key] = found


def session() -> str:
    """Return the name of the visitor's session, by which the sandbox knows whose child is whose."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def prepare() -> None:
    """Start the process that will answer the visitor's questions, if one is free, without waiting for it."""
    with suppress(InputError):  # where none can be started, the first question says so
        isolation.shared().prepare(session())


def refused(reason: Reason) -> None:
    """Say why something was refused, in the visitor's language."""
    st.error(sentence(reason), icon=":material/error:")


def sentence(reason: Reason) -> str:
    """Return why something was refused and what to do; for a reason without a sentence here, the reason's own."""
    if f"own_model.error.{reason.code}" not in _SENTENCES:
        return t("own_model.error.other", why=quoted(reason.sentence, 300))
    return t(f"own_model.error.{reason.code}", **{name: shown(value) for name, value in reason.details.items()})


def words(text: str, limit: int = 60) -> str:
    """Return up to `limit` characters of words of the visitor's file as Markdown."""
    return quoted(text, limit)


def shown(value: object) -> str:
    """Return a detail of a reason or a finding as Markdown: the file's own words quoted."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | float):
        return formats.number(value) if isinstance(value, float) else f"{value:,}"
    if isinstance(value, list | tuple):
        return listed(map(str, value))
    return quoted(str(value), 300)


def _digest(arrays: Arrays) -> str:
    """Return what tells arrays from others."""
    if not arrays:
        return ""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name])
        digest.update(f"{name}\0{values.dtype.str}\0{values.shape}\0".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()
