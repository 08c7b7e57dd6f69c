"""Loaded into a server under test. On SIGUSR1 it writes what its objects hold of the canaries in $PROBE into there. On
SIGUSR2 it has the janitor sweep often, until SIGUSR1, and writes how often it has and how many visitors there are.

Every object that Python can reach is looked at, also those that wait to be collected.
"""

import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

OFTEN, SELDOM = 0.2, 10.0
"""Seconds between two sweeps."""


def held(texts: dict[str, str], number: float) -> list[str]:
    """Return which of `texts`, by their names, are in a string, bytes or array, and "number" if that is a float."""
    gc.unfreeze()  # what was frozen at the start may have been added to since
    waiting: list[Any] = [*gc.get_objects(), *(dict(frame.f_locals) for frame in sys._current_frames().values())]
    seen, found = {id(waiting), *map(id, texts.values()), id(number)}, set[str]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, str):
            found.update(name for name, text in texts.items() if text in one)
        elif isinstance(one, bytes | bytearray) or (type(one).__name__ == "ndarray" and one.dtype.kind in "biuf"):
            data = bytes(one)
            found.update(name for name, text in texts.items() if text.encode() in data)
        elif isinstance(one, float):
            if one == number:
                found.add("number")
        else:
            waiting.extend(gc.get_referents(one))
    return sorted(found)


def answer(*_: object) -> None:
    asked = json.loads((FOLDER / "asked.json").read_text(encoding="utf-8"))
    if "glassbox.ui.server.janitor" in sys.modules:
        sys.modules["glassbox.ui.server.janitor"].SWEEP_SECONDS = SELDOM  # type: ignore[attr-defined]
    _write(held(asked["texts"], asked["number"]))


def sweeps(*_: object) -> None:
    from streamlit.runtime import get_instance

    from glassbox import heap
    from glassbox.ui.server import janitor

    if not counted:
        counted.append(0)
        give_back = heap.give_back

        def count() -> None:
            give_back()
            counted[0] += 1

        heap.give_back = count
    janitor.SWEEP_SECONDS = OFTEN
    _write([counted[0], len(get_instance()._session_mgr.list_sessions())])


def _write(found: list[Any]) -> None:
    (FOLDER / "new.json").write_text(json.dumps(found), encoding="utf-8")
    (FOLDER / "new.json").rename(FOLDER / "answer.json")


if "PROBE" in os.environ:
    FOLDER, counted = Path(os.environ["PROBE"]), list[int]()
    signal.signal(signal.SIGUSR1, answer)
    signal.signal(signal.SIGUSR2, sweeps)
