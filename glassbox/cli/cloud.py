"""What would keep a checkout from being served by Streamlit Community Cloud.

It installs the first file of dependencies that it knows in the repository, and runs dashboard.py there on its own port:
https://docs.streamlit.io/deploy/streamlit-community-cloud/deploy-your-app/app-dependencies

Only the standard library is imported at the top, so that a report can be made whatever is missing.
"""

import re
import socket
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

MEMORY = 690_000_000
"""Bytes that an app is granted for certain."""
PORT = 8501
FIRST = ("uv.lock", "Pipfile", "environment.yml")
"""Files of dependencies that are taken where they are there, and requirements.txt is not read then."""
FILES = ("dashboard.py", "requirements.txt", "constraints.txt", ".streamlit/config.toml")
_PIN = re.compile(r"(?P<name>[\w-]+)(\[[\w,]*\])?==(?P<version>[\w.]+)")


Installed = Callable[[str], str | None]
"""Returns the version of a package that is installed here, or None."""
Within = Callable[[str, str], bool]
"""Returns whether a version is among those wanted."""


def problems(
    root: Path, needed: Mapping[str, str], memory: int | None, installed: Installed, within: Within
) -> Iterator[str]:
    """Yield a line for each thing in the way of the checkout in `root`: `needed` are the versions that the app wants of
    each package, `memory` the bytes that it may take here, if they are known."""
    yield from (f"{name} is not in {root}" for name in FILES if not (root / name).is_file())
    yield from (f"{name} is taken instead of requirements.txt: delete it" for name in FIRST if (root / name).exists())
    yield from _misfit_packages(root / "requirements.txt", needed, installed, within)
    yield from _settings(root / ".streamlit" / "config.toml")
    if memory is not None and memory < MEMORY:
        yield f"{memory / 1e6:.0f} MB of memory are here, and the app may take {MEMORY / 1e6:.0f} MB"


def listening(port: int = PORT) -> bool:
    """Return whether a program of this machine listens on `port`."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _misfit_packages(file: Path, needed: Mapping[str, str], installed: Installed, within: Within) -> Iterator[str]:
    """Yield what requirements.txt lacks, and where this environment, in which one tries the app, is another one."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:  # and so reported
        return
    pins = {match["name"]: match["version"] for line in lines if (match := _PIN.match(line.strip()))}
    for name, wanted in needed.items():
        pin, here = pins.get(name), installed(name)
        if pin is None:
            yield f"requirements.txt does not pin {name}, which the app needs{wanted and f' ({wanted})'}"
        elif not within(pin, wanted):
            yield f"requirements.txt pins {name} to {pin}, and the app needs {wanted}"
        elif here is not None and here != pin:
            yield f"requirements.txt pins {name} to {pin}, and {here} is what you try the app with here"


def _settings(file: Path) -> Iterator[str]:
    """Yield the settings of Streamlit with which the app is not reached, or wastes what it has."""
    try:
        settings: Mapping[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError:  # and so reported
        return
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        yield f".streamlit/config.toml can't be read: {error}"
        return
    server = settings.get("server", {})
    if server.get("port", PORT) != PORT:
        yield f".streamlit/config.toml sets server.port to {server['port']}, and only {PORT} is asked there"
    if server.get("address") in ("localhost", "127.0.0.1"):
        yield f".streamlit/config.toml sets server.address to {server['address']}, where nobody else asks"
    if server.get("headless") is not True:
        yield ".streamlit/config.toml does not set server.headless = true: the server would wait for an answer"
    if server.get("fileWatcherType") != "none":
        yield '.streamlit/config.toml does not set server.fileWatcherType = "none": every file of the app is watched'
