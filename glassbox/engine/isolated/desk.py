"""How a child answers one call: the models are admitted, the command runs, and what it finds is held to its bounds."""

import hashlib
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from glassbox.engine.isolated import admission, confinement, messages
from glassbox.engine.isolated.messages import Call, Refusal, Reply
from glassbox.input_error import InputError

MOST_ADMITTED = 8
"""Models of which a child remembers that it has admitted them."""
_LONGEST = 400
"""Characters of what is said to be wrong."""
_NO_MEMORY = ("bad_alloc", "Failed to allocate memory", "out of memory")
"""What stands in the engine's errors when it gets none."""


class Desk:
    """Answers calls with the functions in `commands.COMMANDS`, by name: of (models, request, arrays), the request being
    of the form in `commands.REQUESTS`; each returns an object with `facts` and `arrays`."""

    def __init__(self, commands: Any, settings: Mapping[str, Any]) -> None:
        self._commands: Mapping[str, Callable[..., Any]] = commands.COMMANDS
        self._forms: Mapping[str, Any] = commands.REQUESTS
        self._settings = settings
        self._bounds = admission.Bounds(settings["model_bytes"], settings["memory"] // 2)
        self._admitted: dict[bytes, None] = {}  # at most MOST_ADMITTED digests, the one used last stands last

    def answer(self, asked: messages.Reader, answers: messages.Writer) -> bool:
        """Answer the next call; return False at the end of them."""
        call = messages.read(asked, Call)
        if call is None:
            return False
        models = messages.read_blobs(asked, call.models)
        arrays = messages.read_arrays(asked, call.arrays, self._settings["request_bytes"])
        seconds = messages.seconds_of_call(self._settings["seconds"], call.models)
        confinement.allow_seconds(seconds)
        self._wake(seconds + 1)
        head, blobs = self._reply(call, models, arrays)
        messages.write(answers, head, blobs)
        self._wake(0)
        return True

    @staticmethod
    def _wake(seconds: int) -> None:
        """End this process in `seconds`, should its parent not be there any more to do it; 0: do not."""
        if hasattr(signal, "alarm"):
            signal.alarm(seconds)

    def _reply(self, call: Call, models: Sequence[bytes], arrays: Mapping[str, Any]) -> tuple[bytes, Sequence[Any]]:
        """Return the head and the arrays of the answer. No exception is kept: it would hold the model."""
        try:
            found = self._run(call, models, arrays)
            places, blobs = messages.places(found.arrays)
            if sum(place.size for place in places) > self._settings["answer_bytes"]:
                raise messages.TooLarge
            return messages.head_bytes(Reply(found.facts, places)), blobs
        except Exception as error:
            refusal = self._refusal(error.with_traceback(None))
        try:
            return messages.head_bytes(Reply(refusal=refusal)), []
        except Exception:  # details that are no JSON, or too long
            return messages.head_bytes(Reply(refusal=_failed(refusal.code))), []

    def _run(self, call: Call, models: Sequence[bytes], arrays: Mapping[str, Any]) -> Any:
        if call.command not in self._commands:
            raise InputError("bad_request", f"There is no command {call.command!r}.", command=call.command[:80])
        try:
            request = msgspec.json.decode(call.request, type=self._forms[call.command])
        except msgspec.MsgspecError as error:
            raise InputError(
                "bad_request", f"Not a valid request for {call.command}: {error}", command=call.command
            ) from None
        for model in models:
            digest = hashlib.sha256(model).digest()
            if digest not in self._admitted:
                admission.admit(model, self._bounds)
            self._admitted.pop(digest, None)
            self._admitted[digest] = None
        for digest in list(self._admitted)[:-MOST_ADMITTED]:
            del self._admitted[digest]
        return self._commands[call.command](models, request, arrays)

    def _refusal(self, error: Exception) -> Refusal:
        """Why there is no answer: a command's own reason, or what none has foreseen, as the engine says it."""
        if isinstance(error, messages.TooLarge):
            limit = self._settings["answer_bytes"] >> 20
            return Refusal("answer_too_large", f"The answer takes more than the {limit} MB allowed.", {"limit": limit})
        problem = _plain(str(error) or type(error).__name__)
        code = error.code if isinstance(error, InputError) else ""
        no_memory = isinstance(error, MemoryError) or any(words in problem for words in _NO_MEMORY)
        if no_memory or code == "out_of_memory":
            limit = self._settings["memory"] >> 20
            return Refusal(
                "out_of_memory", f"The model needs more than the {limit} MB of memory allowed.", {"limit": limit}
            )
        return Refusal(code, problem, dict(error.details)) if isinstance(error, InputError) else _failed(problem)


def _failed(problem: str) -> Refusal:
    return Refusal("model_failed", f"The model can't be used: {problem}", {"problem": problem})


def _plain(text: str) -> str:
    """The first _LONGEST characters of `text` on one line, without those that control what shows it."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: 2 * _LONGEST])
    return " ".join(shown.split())[:_LONGEST]
