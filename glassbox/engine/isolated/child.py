"""The sandbox's child: `python -I -S child.py SETTINGS`. It limits itself, imports, confines itself, and then answers.

What it is asked comes on its standard input, and its answers leave on its standard output; both are moved aside first,
as native code prints whatever it likes there.
"""

import gc
import importlib
import json
import os
import sys
from io import FileIO
from typing import Any


def main(settings: dict[str, Any]) -> None:
    """Answer what comes in until it ends. `settings`: see `process.Child`."""
    asked, answers = _own_pipes()
    sys.path[:] = settings["path"]
    from glassbox.engine.isolated import confinement

    held = confinement.limit(settings["memory"], settings["most_seconds"])
    from glassbox.engine import session
    from glassbox.engine.isolated import desk, messages

    commands = importlib.import_module(settings["commands"])
    held += confinement.confine(settings["readable"])
    session.be_strict(os.getcwd())
    messages.write(answers, messages.head_bytes(messages.Greeting(held)), [])
    at = desk.Desk(commands, settings)
    gc.freeze()
    while at.answer(asked, answers):
        gc.collect()


def _own_pipes() -> tuple[FileIO, FileIO]:
    """Return standard input and output under other numbers; at their own nothing is read or written any more."""
    asked, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)
    return FileIO(asked, "rb"), FileIO(answers, "wb")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
