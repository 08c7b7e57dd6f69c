"""A request to a model as a service beside its answer, byte by byte, sent by the browser itself, and where its time went."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register
from glassbox.ui.components.exchange.words import FIELDS, PHASES, WORDS

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
    """What the page knows of the answer: `numbers`, float32 (labels,), that its own engine gives; the `labels`; and the
    verdict that it shows, `label`."""

    numbers: NDArray[np.float32]
    labels: Sequence[str]
    label: str


def exchange(
    request: Request, digit: NDArray[np.uint8], expected: Expected, *, base: str, colour: str, key: str = "exchange"
) -> None:
    """Draw `request`, which carries `digit`, uint8 (28, 28), and let the browser send it to `base`, the path under
    which this server has its pages, "/" at its end. `colour`: of the network, in CSS."""
    _component(
        key=key,
        data={
            "base": base,
            "path": request.path,
            "headers": [list(header) for header in request.headers],
            "body": base64.b64encode(request.body).decode(),
            "json_length": request.json_length,
            "picture": base64.b64encode(digit.tobytes()).decode(),
            "expected": base64.b64encode(expected.numbers.astype("<f4").tobytes()).decode(),
            "labels": list(expected.labels),
            "label": expected.label,
            "colour": colour,
            "fields": {
                path: [t(f"components.exchange.{name}"), t(f"components.exchange.{name}_help")]
                for path, name in FIELDS.items()
            },
            "words": {word: t(f"components.exchange.{word}") for word in WORDS}
            | {
                f"phase_{phase}{kind}": t(f"components.exchange.phase_{phase}{kind}")
                for phase in PHASES
                for kind in ("", "_help")
            },
        },
    )
