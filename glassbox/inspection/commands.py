"""The commands: what answers each request. A command that can't answer raises an InputError, and nothing else.

What explains, compares and makes is imported when it is first asked for, as most processes read and run a file and do
nothing else.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from glassbox.input_error import InputError
from glassbox.inspection import reading, running  # noqa: F401 (before a process lets a file in)
from glassbox.inspection.answer import Answer, text
from glassbox.inspection.requests import REQUESTS, Request

__all__ = ["COMMANDS", "Answer", "Command"]
Command = Callable[[Sequence[bytes], Any, Mapping[str, NDArray[Any]]], Answer]
"""(models, one or two to compare; the request; arrays by name) -> the answer."""


def _guarded(name: str, module: str, models: int = 1) -> Command:
    """Return the function `name` of a module beside this one, with its models counted and every other exception turned
    into an InputError."""

    def answer(given: Sequence[bytes], request: Request, arrays: Mapping[str, NDArray[Any]]) -> Answer:
        if not isinstance(request, REQUESTS[name]) or len(given) != models:
            raise InputError("bad_request", f"The command {name} takes {models} model(s) and its own request.")
        try:
            command: Command = getattr(importlib.import_module(f"glassbox.inspection.{module}"), name)
            return command(given, request, arrays)
        except InputError:
            raise
        except MemoryError:
            raise InputError("out_of_memory", "The model needs more memory than is allowed.") from None
        except Exception as error:
            why = text(f"{error.__class__.__name__}: {error}")
            raise InputError("unexpected", f"This can't be answered: {why}", command=name, why=why) from None

    return answer


COMMANDS: Mapping[str, Command] = {
    "read": _guarded("read", "reading"),
    "run": _guarded("run", "running"),
    "terms": _guarded("terms", "cell_terms"),
    "explain": _guarded("explain", "explanation"),
    "compare": _guarded("compare", "comparison", models=2),
    "make": _guarded("make", "making"),
}
