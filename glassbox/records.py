"""Files that Glassbox reads about itself: cards, studies and tables, each within a size, every field's type checked."""

import logging
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

_log = logging.getLogger(__name__)
Record = TypeVar("Record")
MOST_BYTES = 4_000_000
"""Of a card, a study or a table; the largest that is shipped has a tenth of it."""

Natural = Annotated[int, Meta(ge=0, lt=2**53)]
Positive = Annotated[int, Meta(gt=0, lt=2**53)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Amount = Annotated[float, Meta(ge=0, le=1e15)]
PositiveAmount = Annotated[float, Meta(gt=0, le=1e15)]


class DamagedFileError(ValueError):
    """A file of Glassbox's own is missing or is not what it should be: `file` is its name."""

    def __init__(self, path: Path, why: object, place: str = "") -> None:
        self.file = path.name
        super().__init__(f"{path.name}{place and f', {place}'}: {why}")


def read(kind: type[Record], text: bytes) -> Record:
    """Return the JSON `text` as the dataclass `kind`, with the checks of its `__post_init__`.

    Types are strict: no text is taken for a number and no number for a truth value; fields that `kind` lacks are passed
    over. Raises ValueError naming the first field that is missing or wrong, as a path such as `$.input.range`.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error


def load(kind: type[Record], path: Path) -> Record:
    """Return the JSON file `path` as the dataclass `kind`. Raises DamagedFileError where it is missing or not one."""
    try:
        return read(kind, contents(path))
    except (OSError, ValueError) as error:
        raise DamagedFileError(path, error) from error


def load_or_none(kind: type[Record], path: Path) -> Record | None:
    """Return what `load` returns; None, with the reason in the log, where it raises."""
    try:
        return load(kind, path)
    except DamagedFileError as error:
        _log.warning("the record can't be used: %s", error)
        return None


def contents(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the bytes of the file `path`. Raises OSError if there is none, ValueError if it has more than `most`.

    A device or a pipe, which might never end, is no file.
    """
    if path.exists() and not path.is_file():
        raise OSError(f"{path} is no file")
    with path.open("rb") as file:
        data = file.read(most + 1)
    require(len(data) <= most, f"it has more than {most:,} bytes")
    return data


def require(condition: bool, otherwise: str) -> None:
    """Raise ValueError saying `otherwise` unless `condition` holds."""
    if not condition:
        raise ValueError(otherwise)
