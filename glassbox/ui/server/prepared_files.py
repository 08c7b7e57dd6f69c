"""Streamlit's own scripts and styles, each compressed once: `python -m glassbox.ui.server.prepared_files FOLDER`.

The server has a child process do it, and sends the results from disk: done in the server, what it takes (fontTools,
its garbage, 13 MB of results) stays in memory for good.
"""

import gzip
import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from glassbox.paths import PACKAGE, ROOT
from glassbox.ui.server.icon_font import named_icons, with_icons

PREFIX = "/static/"
COMPRESSIBLE = (".js", ".css", ".svg", ".json")
"""Pictures and fonts are compressed already."""
IDENTITY = "identity"


def brotli(data: bytes) -> bytes:
    """Return `data` compressed for those who accept `br`: browsers do over HTTPS and from this machine."""
    from brotli import compress

    compressed: bytes = compress(data, quality=9)
    return compressed


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {"br": brotli, "gzip": partial(gzip.compress, compresslevel=9)}
"""Best first."""


class PreparedFiles:
    """The compressible files of the folder `source`, each compressed once an encoding and kept in the folder `made`:
    some 6 MB an encoding.

    `replaced`: files that are sent in another form, whatever the encoding, each by what makes it; until `prepare_all`
    has made one, Streamlit's own is sent. Without `made` nothing is sent from here.
    """

    def __init__(
        self, source: Path, made: Path | None = None, replaced: Mapping[str, Callable[[], bytes]] | None = None
    ) -> None:
        self.made = made
        self._files = {
            f"{PREFIX}{file.relative_to(source).as_posix()}": file
            for file in sorted(source.rglob("*"), key=lambda file: file.stat().st_size)
            if file.suffix in COMPRESSIBLE and file.is_file()
        }
        self._replaced = dict(replaced or {})

    def encoding(self, path: str, accepts: str) -> str | None:
        """Return in which encoding a file is sent to one who `accepts`; None if it is not sent from here."""
        if self.made is None:
            return None
        if path in self._replaced:
            return IDENTITY if self._place(path, IDENTITY).exists() else None
        return accepted(accepts) if path in self._files else None

    def ready(self, path: str, encoding: str) -> bytes | None:
        """Return the file as it is sent, if it has been made."""
        place = self._place(path, encoding)
        return place.read_bytes() if place.exists() else None

    def body(self, path: str, encoding: str) -> bytes:
        """Return the file as it is sent, made now if it has not been. Raises KeyError for a file that is not here."""
        if (there := self.ready(path, encoding)) is not None:
            return there
        make = self._replaced[path] if encoding == IDENTITY else partial(self._compressed, path, encoding)
        made = make()
        self._keep(self._place(path, encoding), made)  # two who ask at once may both make it: the same bytes
        return made

    def prepare_all(self) -> None:
        """Make every file for every encoding, the smallest first; a request for one of them may come between."""
        for encoding in ENCODINGS:
            for path in self._files:
                self.body(path, encoding)
        for path in self._replaced:
            self.body(path, IDENTITY)

    def _compressed(self, path: str, encoding: str) -> bytes:
        return ENCODINGS[encoding](self._files[path].read_bytes())

    def _place(self, path: str, encoding: str) -> Path:
        if self.made is None:
            raise ValueError("there is no folder for what is made")
        return self.made / f"{path.removeprefix(PREFIX).replace('/', '-')}.{encoding}"

    def _keep(self, place: Path, made: bytes) -> None:
        """Write a file that is there whole or not at all."""
        half = place.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        half.write_bytes(made)
        half.replace(place)


def streamlit_files(made: Path | None = None) -> PreparedFiles:
    """Return the files of the installed Streamlit's frontend, its icon font with the icons alone that are shown."""
    package = importlib.util.find_spec("streamlit")  # found, not imported: the child has no use for it
    if package is None or package.origin is None:
        raise ImportError("Streamlit is not installed")
    folder = Path(package.origin).parent / "static" / "static"
    icons = {
        f"{PREFIX}{font.relative_to(folder).as_posix()}": partial(_icons, folder, font)
        for font in folder.glob("media/MaterialSymbols-Rounded.*.woff2")
    }
    return PreparedFiles(folder, made, icons)


def _icons(folder: Path, font: Path) -> bytes:
    sources = (*PACKAGE.rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "dashboard.py")
    return with_icons(font, named_icons(folder.glob("js/*.js"), sources))


def accepted(header: str) -> str | None:
    """Return the best encoding that an Accept-Encoding header names; None if it accepts none of ours."""
    offers = (offer.strip().partition(";") for offer in header.split(","))
    named = {name.strip() for name, _, weight in offers if weight.replace(" ", "") not in ("q=0", "q=0.0")}
    return next((encoding for encoding in ENCODINGS if encoding in named), None)


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)  # visitors come first
    streamlit_files(Path(sys.argv[1])).prepare_all()
