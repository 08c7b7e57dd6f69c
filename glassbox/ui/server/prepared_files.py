"""Streamlit's own scripts and styles, each compressed once: `python -m glassbox.ui.server.prepared_files FOLDER`.

The server has a child process do it, and sends the results from disk: done in the server, what it takes (fontTools,
its garbage, 13 MB of results) stays in memory for good.
"""

import gzip
import hashlib
import importlib.util
import logging
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from glassbox.paths import PACKAGE, ROOT
from glassbox.ui.server.icon_font import icons_of_scripts, icons_shown, with_icons

_log = logging.getLogger(__name__)
PREFIX = "/static/"
COMPRESSIBLE = (".js", ".css", ".svg", ".json")
"""Pictures and fonts are compressed already."""
IDENTITY = "identity"
KEPT = 4
"""Streamlits whose files are kept on a machine, some 13 MB each, and icon fonts for each of them."""


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
    has made one, Streamlit's own is sent. `version` tells apart what they were made from. Without `made` nothing is
    sent from here; once `has_room` is false, as nothing more can be written there, only what has been made.
    """

    def __init__(
        self,
        source: Path,
        made: Path | None = None,
        replaced: Mapping[str, Callable[[], bytes]] | None = None,
        version: str = "",
    ) -> None:
        self.made = made
        self.version = version
        self.has_room = True
        self._files = {
            f"{PREFIX}{file.relative_to(source).as_posix()}": file
            for file in sorted(source.rglob("*"), key=lambda file: file.stat().st_size)
            if file.suffix in COMPRESSIBLE and file.is_file()
        }
        self._replaced = dict(replaced or {})

    @property
    def key(self) -> str:
        """What tells the files apart from those of another Streamlit: their names, which hold a hash, and sizes."""
        return digest(f"{path} {file.stat().st_size}" for path, file in sorted(self._files.items()))

    @property
    def is_whole(self) -> bool:
        """Whether `prepare_all` has made every file of this version."""
        return self.made is not None and self._place("whole", self.version).exists()

    def encoding(self, path: str, accepts: str) -> str | None:
        """Return in which encoding a file is sent to one who `accepts`; None if it is not sent from here."""
        if self.made is None:
            return None
        if path in self._replaced:
            return IDENTITY if self._place(path, IDENTITY).exists() else None
        encoding = accepted(accepts) if path in self._files else None
        return encoding if encoding and (self.has_room or self._place(path, encoding).exists()) else None

    def ready(self, path: str, encoding: str) -> bytes | None:
        """Return the file as it is sent, if it has been made."""
        try:
            return self._place(path, encoding).read_bytes()
        except OSError:
            return None

    def body(self, path: str, encoding: str) -> bytes:
        """Return the file as it is sent, made now if it has not been. Raises KeyError for a file that is not here."""
        if (there := self.ready(path, encoding)) is not None:
            return there
        make = self._replaced[path] if encoding == IDENTITY else partial(self._compressed, path, encoding)
        made = make()
        self._keep(self._place(path, encoding), made)  # two who ask at once may both make it: the same bytes
        return made

    def prepare_all(self) -> None:
        """Make every file for every encoding, the smallest first, while there is room; a request for one of them may
        come between."""
        wanted = [(path, encoding) for encoding in ENCODINGS for path in self._files]
        for path, encoding in [*wanted, *((path, IDENTITY) for path in self._replaced)]:
            if self.has_room:
                self.body(path, encoding)
        if self.has_room:
            self._keep(self._place("whole", self.version), b"")

    def drop_old(self) -> None:
        """Drop what was made from other versions and for other Streamlits, but the KEPT that were made last."""
        if self.made is None:
            return
        _drop_all_but(KEPT, self.made.parent.iterdir())
        for path in self._replaced:
            _drop_all_but(KEPT, self.made.glob(f"{self._place(path, IDENTITY).stem}.{IDENTITY}*"))
        _drop_all_but(KEPT, self.made.glob("whole.*"))

    def _compressed(self, path: str, encoding: str) -> bytes:
        return ENCODINGS[encoding](self._files[path].read_bytes())

    def _place(self, path: str, encoding: str) -> Path:
        if self.made is None:
            raise ValueError("there is no folder for what is made")
        ending = f"{IDENTITY}-{self.version}" if encoding == IDENTITY else encoding
        return self.made / f"{path.removeprefix(PREFIX).replace('/', '-')}.{ending}"

    def _keep(self, place: Path, made: bytes) -> None:
        """Write a file that is there whole or not at all, where there is room for it."""
        half = place.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        try:
            place.parent.mkdir(exist_ok=True)  # another server, or the system, may have tidied up
            half.write_bytes(made)
            half.replace(place)
        except OSError as error:
            self.has_room = False
            _log.warning("Streamlit's files that have not been compressed are sent as they are (%s)", error)
            with suppress(OSError):
                half.unlink(missing_ok=True)


def streamlit_files(made: Path | None = None) -> PreparedFiles:
    """Return the files of the installed Streamlit's frontend, its icon font with the icons alone that are shown."""
    package = importlib.util.find_spec("streamlit")  # found, not imported: the child has no use for it
    if package is None or package.origin is None:
        raise ImportError("Streamlit is not installed")
    folder = Path(package.origin).parent / "static" / "static"
    shown = icons_shown((*PACKAGE.rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "dashboard.py"))
    icons = {
        f"{PREFIX}{font.relative_to(folder).as_posix()}": partial(_icons, folder, font, shown)
        for font in folder.glob("media/MaterialSymbols-Rounded.*.woff2")
    }
    return PreparedFiles(folder, made, icons, digest(sorted(shown)))


def _icons(folder: Path, font: Path, shown: set[str]) -> bytes:
    return with_icons(font, shown | icons_of_scripts(folder.glob("js/*.js")))


def digest(lines: Iterable[str]) -> str:
    """Return a short name for what `lines` say."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _drop_all_but(most: int, paths: Iterable[Path]) -> None:
    """Drop the oldest of `paths`, files or folders, that no other process has dropped already."""
    ages = {path: path.stat().st_mtime for path in paths if path.exists()}
    for path in sorted(ages, key=lambda path: ages[path])[:-most]:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def accepted(header: str) -> str | None:
    """Return the best encoding that an Accept-Encoding header names; None if it accepts none of ours."""
    offers = (offer.strip().partition(";") for offer in header.split(","))
    named = {name.strip() for name, _, weight in offers if weight.replace(" ", "") not in ("q=0", "q=0.0")}
    return next((encoding for encoding in ENCODINGS if encoding in named), None)


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)  # visitors come first
    files = streamlit_files(Path(sys.argv[1]))
    files.prepare_all()
    files.drop_old()
