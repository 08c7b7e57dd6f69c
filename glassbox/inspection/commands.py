"""The commands: what answers each request. A command that can't answer raises an InputError, and nothing else."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from glassbox.input_error import InputError
from glassbox.inspection.answer import Answer, text
from glassbox.inspection.cell_terms import terms
from glassbox.inspection.comparison import compare
from glassbox.inspection.explanation import explain
from glassbox.inspection.making import make
from glassbox.inspection.reading import read
from glassbox.inspection.requests import REQUESTS, Request
from glassbox.inspection.running import run

__all__ = ["COMMANDS", "Answer", "Command"]
Command = Callable[[Sequence[bytes], Any, Mapping[str, NDArray[Any]]], Answer]
"""(models, one or two to compare; the request; arrays by name) -> the answer."""


def _guarded(name: str, command: Command, models: int = 1) -> Command:
    """Return the command with its models counted and every other exception turned into an InputError."""

    def answer(given: Sequence[bytes], request: Request, arrays: Mapping[str, NDArray[Any]]) -> Answer:
        if not isinstance(request, REQUESTS[name]) or len(given) != models:
            raise InputError("bad_request", f"The command {name} takes {models} model(s) and its own request.")
        try:
            return command(given, request, arrays)
        except InputError:
            raise
        except MemoryError:
            raise InputError("out_of_memory", "The memory that a model may take is not enough for this one.") from None
        except Exception as error:
            why = text(f"{error.__class__.__name__}: {error}")
            raise InputError("unexpected", f"This can't be answered: {why}", command=name, why=why) from None

    return answer


COMMANDS: Mapping[str, Command] = {
    "read": _guarded("read", read),
    "run": _guarded("run", run),
    "terms": _guarded("terms", terms),
    "explain": _guarded("explain", explain),
    "compare": _guarded("compare", compare, models=2),
    "make": _guarded("make", make),
}
