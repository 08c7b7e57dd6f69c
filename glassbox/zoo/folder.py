"""A folder of models, each read with its card, or refused.

A model and its card lie in models/NAME/1/model.onnx and models/NAME/card.json. Which models there are is what stands in
the folder; nothing lists them in code.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import inf
from pathlib import Path
from typing import Any, Generic, TypeVar

from glassbox import paths, records
from glassbox.records import DamagedFileError, require
from glassbox.zoo.cards import ROLES, Display, ModelCard

_log = logging.getLogger(__name__)
AnyCard = TypeVar("AnyCard", bound=ModelCard)
MODEL = "1/model.onnx"
"""A model's file in its folder."""
MOST_BYTES = 20_000_000
"""Of a model's file; the largest that is shipped has 6.5 million."""


@dataclass(frozen=True)
class Models(Generic[AnyCard]):
    """The models that may be used, in their order, and those that may not, with the reason.

    `refused`, by name: "missing" (no model or card), "sha256" (the model is not the one the card was written for),
    "card" (the card lacks something or says something that can't be), "trial" (the model does not run as the card
    says). `files`: the sha256 of each accepted model's ONNX file under `folder`. The files themselves are not held: all
    of them have some 25 MB, and they are asked for when something is made of them.
    """

    cards: dict[str, AnyCard]
    refused: dict[str, str]
    files: dict[str, str] = field(default_factory=dict, repr=False)
    folder: Path = paths.MODELS

    def model_bytes(self, name: str) -> bytes:
        """Return the ONNX file of an accepted model, read anew.

        Raises ValueError for a model that is refused or unknown, DamagedFileError for a file that has changed since it
        was accepted.
        """
        if name in self.files:
            return side_file(self.folder / name, MODEL, self.files[name], MOST_BYTES)
        if name in self.refused:
            raise ValueError(f"the model {name} is refused ({self.refused[name]})")
        raise ValueError(f"no model is named {name!r}; there are {', '.join(self.files)}")


@dataclass(frozen=True)
class Listing:
    """What a card tells of its model before all of it is checked; `role` is "" where the card can't be read."""

    role: str = ""
    display: Display | None = None

    def __post_init__(self) -> None:
        require(self.role in ("", *ROLES), f"role is {self.role!r}")


def listings(folder: Path | None = None) -> Mapping[str, Listing]:
    """Return what the cards under `folder` (default: models/, read once) tell of their models, in the order they are
    shown in.

    A card that can't be read gives an empty listing: the model is there, but nobody knows what it is for.
    """
    return _read_listings(folder) if folder else _shipped(paths.MODELS)


@cache
def _shipped(models: Path) -> Mapping[str, Listing]:
    return _read_listings(models)


def _read_listings(folder: Path, names: Iterable[str] | None = None) -> Mapping[str, Listing]:
    try:
        if names is None:
            names = [path.name for path in folder.iterdir() if path.is_dir()] if folder.exists() else []
    except OSError as error:
        _log.warning("the models can't be read: %s", error)
        names = []
    found = {name: _listing(folder / name / "card.json") for name in names if not name.startswith(".")}
    return dict(sorted(found.items(), key=lambda item: (item[1].display.order if item[1].display else inf, item[0])))


def names(*roles: str, folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the models under `folder` that have one of `roles`, accepted or not, in their order."""
    return tuple(name for name, listing in listings(folder).items() if listing.role in roles)


def accept(
    kinds: Mapping[str, type[ModelCard]], folder: Path | None = None, names: Iterable[str] | None = None
) -> Models[Any]:
    """Read the models under `folder` (default: models/) that have a role of `kinds`, each with a card of its kind.

    `names`: of those alone, and no other card is looked into. One of another role is left out, as it is without them.
    A model whose role nobody knows, for its card can't be read, is among the refused. One that is refused stops no
    other, and is logged with the reason.
    """
    folder = folder or paths.MODELS
    cards: dict[str, Any] = {}
    refused: dict[str, str] = {}
    files: dict[str, str] = {}
    listed = listings(folder) if names is None else _read_listings(folder, names)
    for name, listing in listed.items():
        if listing.role and listing.role not in kinds:
            continue
        try:
            cards[name], _ = _accept(folder / name, kinds.get(listing.role, ModelCard))
            files[name] = cards[name].sha256
        except _RefusedError as refusal:
            refused[name] = refusal.reason
            _log.warning("the model %s is refused: %s", name, refusal)
    return Models(cards, refused, files, folder)


def accepted(name: str, kinds: Mapping[str, type[ModelCard]], folder: Path | None = None) -> tuple[ModelCard, bytes]:
    """Return the card and the file of the one model `name` under `folder` (default: models/).

    Raises ValueError, saying why, for one that `accept` would refuse.
    """
    folder = folder or paths.MODELS
    try:
        return _accept(folder / name, kinds.get(listings(folder)[name].role, ModelCard))
    except _RefusedError as refusal:
        raise ValueError(str(refusal)) from refusal


class _RefusedError(Exception):
    def __init__(self, reason: str, detail: object) -> None:
        super().__init__(detail)
        self.reason = reason


def problem(folder: Path, kinds: Mapping[str, type[ModelCard]]) -> str | None:
    """Return why the model in `folder` would be refused, None if it would not; `kinds`: of card, by role."""
    try:
        _accept(folder, kinds.get(_listing(folder / "card.json").role, ModelCard))
    except _RefusedError as refusal:
        return str(refusal)
    return None


def side_file(folder: Path, file: str, sha256: str, most: int = records.MOST_BYTES) -> bytes:
    """Return the contents of `file` beside the card in a model's `folder`.

    Raises DamagedFileError if it is missing, has more than `most` bytes, or is not the one that the card, with
    `sha256`, tells of.
    """
    try:
        found = records.contents(folder / file, most)
    except (OSError, ValueError) as error:
        raise DamagedFileError(folder / file, error, folder.name) from error
    if hashlib.sha256(found).hexdigest() != sha256:
        raise DamagedFileError(folder / file, "its sha256 is not the one in the card", folder.name)
    return found


def _listing(card: Path) -> Listing:
    try:
        return records.read(Listing, records.contents(card))
    except (OSError, ValueError):
        return Listing()


def _accept(folder: Path, kind: type[AnyCard]) -> tuple[AnyCard, bytes]:
    from glassbox.zoo import trial  # it loads the engine, which those who only list the models do not need

    try:
        card = records.read(kind, records.contents(folder / "card.json"))
        require(card.name == folder.name, f"it is the card of {card.name}")
    except OSError as error:
        raise _RefusedError("missing", error) from error
    except ValueError as error:
        raise _RefusedError("card", f"its card is not right: {error}") from error
    try:
        model = records.contents(folder / MODEL, MOST_BYTES)
        if hashlib.sha256(model).hexdigest() != card.sha256:
            raise _RefusedError("sha256", "its file's sha256 is not the one in its card")
        trial.run(model, card)
    except OSError as error:
        raise _RefusedError("missing", error) from error
    except ValueError as error:
        raise _RefusedError("trial", f"its file is not right: {error}") from error
    return card, model
