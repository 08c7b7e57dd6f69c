"""A request to a model as a service beside its answer, byte by byte: the browser sends it, and times it."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.ui.base.i18n import t
from glassbox.ui.components.exchange.words import CALLED, FIELDS, PHASES, WORDS, name
from glassbox.ui.components.register import register

_component = register(__file__)


@dataclass(frozen=True)
class Request:
    """What is sent: `body` to `path`, a path of this server without a leading "/", with `headers`; the first
    `json_length` bytes of the body are JSON, by default all."""

    path: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    json_length: int | None = None


@dataclass(frozen=True)
class Expected:
    """What the page knows of the answer: `numbers`, float32 (labels,), that its own engine gives; the `labels`; the
    verdict that it shows, `label`; and in a sentence how the numbers become its percentage, `told`."""

    numbers: NDArray[np.float32]
    labels: Sequence[str]
    label: str
    told: str


def exchange(
    request: Request, digit: NDArray[np.uint8], expected: Expected, *, colour: str, key: str = "exchange"
) -> None:
    """Draw `request`, which carries `digit`, uint8 (28, 28), and let the browser send it to this server.

    `colour`: of the network, in CSS.
    """
    _component(
        key=key,
        data={
            "path": request.path,
            "headers": [list(header) for header in request.headers],
            "body": base64.b64encode(request.body).decode(),
            "json_length": request.json_length,
            "picture": base64.b64encode(digit.tobytes()).decode(),
            "expected": base64.b64encode(expected.numbers.astype("<f4").tobytes()).decode(),
            "labels": list(expected.labels),
            "label": expected.label,
            "told": expected.told,
            "colour": colour,
            "fields": {path: _explained(path, key) for path, key in FIELDS.items()},
            "words": {word: t(f"components.exchange.{word}") for word in WORDS},
            "phases": {
                phase: [t(f"components.exchange.phase_{phase}"), t(f"components.exchange.phase_{phase}_help")]
                for phase in PHASES
            },
        },
    )


def _explained(path: str, key: str) -> list[str]:
    """Return what a part is called, and what it is for."""
    called = t(f"components.exchange.{CALLED[path]}") if path in CALLED else name(path)
    return [called, t(f"components.exchange.{key}_help")]
