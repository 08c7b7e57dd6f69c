"""Glassbox at the command line: `python -m glassbox COMMAND`."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from glassbox.cli import classify, predict


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` (the process's own when None) name; gives the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m glassbox", description="See inside a neural network while it works."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in (predict, classify):
        command.add(commands)
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s")  # warnings go to stderr in plain words
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output, as `head` does, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that Python's last flush does not fail too
        return 1
    except KeyboardInterrupt:
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main())
