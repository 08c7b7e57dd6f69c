"""Glassbox at the command line: `glassbox COMMAND`, or `python -m glassbox COMMAND`."""

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import glassbox

COMMANDS = ("predict", "classify", "inspect", "dashboard", "serve", "doctor")
"""Each is a module of glassbox.cli."""


def main(arguments: Sequence[str] | None = None, program: str = "glassbox") -> int:
    """Run the command that `arguments` (default: those of the process) name, and return the exit status.

    `program` is the name that the help and the errors call it by.
    """
    _open_output()
    parser = argparse.ArgumentParser(prog=program, description="See inside a neural network while it works.")
    parser.add_argument("--version", action="version", version=f"Glassbox {glassbox.__version__}")
    parser.set_defaults(passes_on=False)  # true for a command that passes unknown arguments on
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name in COMMANDS:
        _add(commands, name)
    options, unknown = parser.parse_known_args(arguments)
    if unknown and not options.passes_on:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    options.passed_on = unknown
    logging.basicConfig(format="%(message)s")  # warnings go to stderr in plain words
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output, as `head` does, has enough
        _drop_output()
        return 1
    except OSError as error:  # what is printed finds no room on the disk
        _drop_output()
        with suppress(OSError):
            print(f"{error.filename or 'the output'}: {error.strerror or str(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return status


def _open_output() -> None:
    """Let what is written to an output that is closed go nowhere; else a file or a connection would take its number."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (open as long as the process)


def _drop_output() -> None:
    """Let Python's last flush of what could not be printed go nowhere, so that it does not fail too."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _add(commands: Any, name: str) -> None:
    """Declare the command `name`; one whose packages are missing says so when it is run, and stops no other."""
    try:
        importlib.import_module(f"glassbox.cli.{name}").add(commands)
    except ImportError as error:
        problem = f"{name} can't run: {error}; `glassbox doctor` says what is missing"

        def run(options: argparse.Namespace) -> int:
            print(problem, file=sys.stderr)
            return 1

        commands.add_parser(name, help="can't run here: see doctor").set_defaults(run=run, passes_on=True)


if __name__ == "__main__":
    sys.exit(main(program="python -m glassbox"))
