"""Which engine runs the models: ONNX Runtime in this process (embedded), or a server of the Open Inference Protocol.

GLASSBOX_ENGINE says it: onnxruntime, the default, or the server's address. What needs a model's inner tensors or its
derivative runs on graphs of our own making, which no server has: that stays with the embedded engine.
"""

import functools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray

from glassbox.engine.session import Run, Session

if TYPE_CHECKING:
    from glassbox.engine.remote_server import Server

ENGINE, KEY, FALLBACK, SECONDS = (
    "GLASSBOX_ENGINE",
    "GLASSBOX_ENGINE_KEY",
    "GLASSBOX_ENGINE_FALLBACK",
    "GLASSBOX_ENGINE_SECONDS",
)
"""The environment variables: which engine; of a server the API key that it asks for, whether the "embedded" engine
answers where it fails, and the seconds that a run may take."""
_EMBEDDED = "onnxruntime"
REMOTE, INSTEAD = "remote", "cpu_instead"
"""What `Run.provider` says: a server, or the embedded engine in its place as it failed."""


class ModelSession(Protocol):
    """One model, ready to run, wherever it runs: see `glassbox.engine.session.Session`."""

    inputs: dict[str, tuple[int | str, ...]]
    outputs: tuple[str, ...]

    def run(self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None) -> Run:
        """Run the model on `feeds` (arrays by input name) and give `outputs` (names), or all of them."""

    def run_in_parts(self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None) -> Run:
        """As `run`, for many examples: so many at a time as are quickest."""


@dataclass(frozen=True)
class Engine:
    """What runs the models: the `server`, or this process where it is None."""

    server: "Server | None" = None

    def session(self, name: str, model: bytes, provider: str = "cpu") -> ModelSession:
        """Return the model `name`, ready to run; `model`: its ONNX file, `provider`: on what it runs in this process.

        Raises ValueError for a broken model.
        """
        embedded = Session(model, provider)
        if self.server is None:
            return embedded
        from glassbox.engine.remote import RemoteSession  # it loads urllib3, which the embedded engine does not need

        return RemoteSession(name, embedded, self.server)


EMBEDDED = Engine()


@functools.cache
def configured() -> Engine:
    """Return the engine that the environment asks for, one for the whole process. Raises ValueError like
    `from_environment`."""
    return from_environment(os.environ)


def from_environment(variables: Mapping[str, str]) -> Engine:
    """Return the engine that environment variables ask for. Raises ValueError, naming it, for one that is wrong."""
    address = variables.get(ENGINE, "") or _EMBEDDED
    if address == _EMBEDDED:
        return EMBEDDED
    from glassbox.engine.remote_server import Server, Settings  # as above

    fallback = variables.get(FALLBACK, "")
    if fallback not in ("", "embedded"):
        raise ValueError(f"{FALLBACK} is {fallback!r}; it may be embedded, or nothing")
    try:
        seconds = float(variables.get(SECONDS) or Settings.seconds)
        settings = Settings(address, variables.get(KEY, ""), seconds, bool(fallback))
    except ValueError as error:
        raise ValueError(f"{ENGINE} is {_EMBEDDED} or an address, {SECONDS} a number: {error}") from error
    return Engine(Server(settings))
