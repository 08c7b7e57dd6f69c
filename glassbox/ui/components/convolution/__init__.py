"""A convolution in the browser: its input, its kernels and its maps, linked, and the sum of the cell pointed at.

The arrays go to the browser once, as compressed float16 (the digit as its bytes, the weights as float32), at most 60 kB
a run; pointing at a cell needs no server.
"""

import base64
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.convolution import Stage
from glassbox.explain.kernel_patterns import pattern
from glassbox.ui.base import payload as payloads
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

MAX_WEIGHTS = 4_000
"""Up to so many weights all maps can be hovered at once; beyond, only the chosen map's weights are sent."""
_WORDS = (
    "input",
    "input_channel",
    "map",
    "maps",
    "where",
    "outside",
    "sum_one",
    "sum_many",
    "bias",
    "relu",
    "agrees",
    "differs",
    "error",
    "max",
    "average",
    "channels",
    "open",
    "play",
    "pause",
    "back",
    "step",
    "speed",
    "at_once",
    "keys",
    "scale",
    "weights",
    "products",
)

_component = register(__file__)


@dataclass(frozen=True)
class Cell:
    """A cell of a convolution's output, counted from 0."""

    map: int
    row: int
    column: int

    @property
    def index(self) -> tuple[int, int, int, int]:
        return 0, self.map, self.row, self.column


def convolution(
    stage: Stage,
    *,
    tensors: Mapping[str, NDArray[Any]],
    digit: NDArray[np.uint8],
    cell: Cell,
    on_chosen: Callable[[Cell], None],
    key: str = "grid",
) -> None:
    """Show the convolution `stage` with the tensors of one run (batch of one).

    `digit`: what the first stage reads, uint8 (28, 28); `cell`: the one picked now; `on_chosen` gets the one clicked.
    """

    def changed() -> None:
        chosen = parse(payloads.sent(key, "place"), tensors[stage.after].shape[1:])
        if chosen is not None:
            on_chosen(chosen)

    _component(
        key=key,
        data=payload(stage, tensors, digit, cell)
        | {
            "names": [t(f"components.convolution.pattern.{name}") for name in patterns(tensors[stage.kernel])],
            "words": {word: t(f"components.convolution.{word}") for word in _WORDS},
        },
        on_place_change=changed,
    )


def payload(
    stage: Stage, tensors: Mapping[str, NDArray[Any]], digit: NDArray[np.uint8], cell: Cell
) -> dict[str, object]:
    """Return what the browser needs of `stage`: shapes, settings and packed arrays. The digit goes as its bytes."""
    source, after, kernels = tensors[stage.source][0], tensors[stage.after][0], tensors[stage.kernel]
    first, sent = (0, kernels) if kernels.size <= MAX_WEIGHTS else (cell.map, kernels[cell.map : cell.map + 1])
    maps = kernels.shape[0]
    biases = tensors[stage.bias] if stage.bias else np.zeros(maps)
    pooling = stage.pooling
    return {
        "layer": stage.after,
        "input": {
            "shape": source.shape,
            "values": pack(digit if _is_digit(source) else source.astype(np.float16)),
        },
        "output": {"shape": after.shape, "values": pack(after.astype(np.float16))},
        "kernels": {"first": first, "shape": sent.shape, "values": pack(sent.astype(np.float32))},
        "biases": pack(biases.astype(np.float32)),
        "largest": {"weight": float(np.abs(kernels).max()), "input": float(source.max()), "output": float(after.max())},
        "strides": stage.strides,
        "padding": stage.padding,
        "dilations": stage.dilations,
        "relu": stage.relu,
        "pooling": pooling
        and {"max": pooling.operator == "MaxPool", "window": pooling.window, "strides": pooling.strides},
        "place": [cell.map, cell.row, cell.column],
    }


def patterns(kernels: NDArray[Any]) -> list[str]:
    """Return what each of `kernels` (maps, channels, height, width) responds to (explain.kernel_patterns); nothing
    where they read several channels."""
    return [pattern(kernel[0]) for kernel in kernels] if kernels.shape[1] == 1 else []


def _is_digit(source: NDArray[Any]) -> bool:
    return source.shape == (1, 28, 28)


def pack(values: NDArray[Any]) -> dict[str, str]:
    """Return an array of uint8, float16 or float32 as the browser unpacks it: its kind and its numbers.

    The numbers are little-endian, their first bytes together, then their second bytes..., which compresses best (as in
    HDF5's shuffle filter), then zlib and base64.
    """
    little = values.astype(values.dtype.newbyteorder("<"))
    planes = np.frombuffer(little.tobytes(), np.uint8).reshape(-1, values.dtype.itemsize).T
    return {"kind": values.dtype.name, "data": base64.b64encode(zlib.compress(planes.tobytes(), 6)).decode()}


def strongest(maps: NDArray[Any]) -> Cell:
    """Return the cell with the largest number of `maps` (1, maps, rows, columns)."""
    return Cell(*(int(i) for i in np.unravel_index(int(maps[0].argmax()), maps.shape[1:])))


def parse(value: object, shape: tuple[int, ...]) -> Cell | None:
    """Return the cell that a browser sent; None if maps of `shape` (maps, rows, columns) have no such cell."""
    cell = payloads.parse(value, tuple[payloads.Index, payloads.Index, payloads.Index])
    return Cell(*cell) if cell and all(i < size for i, size in zip(cell, shape, strict=True)) else None
