"""Why a server that runs the models gave no answer."""

from typing import Any

from glassbox.input_error import Reason


class EngineError(RuntimeError):
    """The server gave no answer that can be used, for `reason`.

    Codes: unreachable, too_slow, paused (too many runs failed, the last `because` of a reason: it is left alone
    for a while), key, no_model, busy, refused or failed (an HTTP status), wrong_model (other inputs or outputs than the
    card's), wrong_answer, wrong_numbers (an answer of the right form, but not what the model's file gives here).
    """

    def __init__(self, code: str, sentence: str, **details: Any) -> None:
        super().__init__(sentence)
        self.reason = Reason(code, details, sentence)

    @property
    def cause(self) -> Reason:
        """The reason, or the one because of which the server is left alone."""
        because: Reason = self.reason.details.get("because", self.reason)
        return because

    def __reduce__(self) -> tuple[Any, ...]:
        """So that it can go from one process to another."""
        return _made, (type(self), self.reason)

    @property
    def passes(self) -> bool:
        """Whether it may be over in a while, without anyone doing anything about it."""
        return self.cause.code in ("unreachable", "too_slow", "paused", "busy", "failed")


def _made(kind: type[EngineError], reason: Reason) -> EngineError:
    return kind(reason.code, reason.sentence, **reason.details)
