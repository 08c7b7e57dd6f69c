"""The argument --provider, which several commands take: what runs the networks."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glassbox.engine.choice import Engine
    from glassbox.engine.session import ProviderState

_NO_CUDA = {
    "not_built": "this onnxruntime has no CUDA in it; see requirements-gpu.txt",
    "not_loaded": "the CUDA libraries or an NVIDIA device are missing",
}


def add(parser: Any) -> None:
    """Declare --provider."""
    parser.add_argument("--provider", type=_provider, default="cpu", help="cpu or cuda: what runs them (default: cpu)")


def say_if_replaced(state: "ProviderState") -> None:
    """Tell on stderr that the CPU runs them after all, and why."""
    if state.reason:
        print(f"running on the CPU, not on CUDA: {_NO_CUDA[state.reason]}", file=sys.stderr)


def engine() -> "Engine":
    """Return the engine that the environment asks for; end the command with a sentence where there is no such."""
    from glassbox.engine import choice

    try:
        return choice.configured()
    except ValueError as error:
        print(str(error), file=sys.stderr)
        raise SystemExit(2) from error


def say_if_answered_instead(engine: "Engine") -> None:
    """Tell on stderr how many runs of a remote engine failed and were made by the embedded one."""
    if engine.server and (runs := engine.server.instead):
        verb = "run was" if runs == 1 else "runs were"
        print(f"{runs:,} {verb} made by the embedded engine, as the remote one failed", file=sys.stderr)


def _provider(text: str) -> str:
    from glassbox.engine.session import provider_state

    try:
        return provider_state(text).name
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
