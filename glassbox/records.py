"""Cards and studies: JSON files read into dataclasses, every field's type checked."""

from typing import TypeVar

import msgspec

Record = TypeVar("Record")


def read(kind: type[Record], text: bytes) -> Record:
    """Return the JSON `text` as the dataclass `kind`, with the checks of its `__post_init__`.

    Types are strict: no text is taken for a number and no number for a truth value; fields that `kind` lacks are passed
    over. Raises ValueError naming the first field that is missing or wrong, as a path such as `$.input.range`.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error


def require(condition: bool, otherwise: str) -> None:
    """Raise ValueError saying `otherwise` unless `condition` holds."""
    if not condition:
        raise ValueError(otherwise)
