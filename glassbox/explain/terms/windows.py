"""Which cells of its input a convolution or a pooling reads for one cell of its output, axis by axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Window:
    """Along one axis: the input's cells (`cells`) and the kernel's taps over them (`taps`), paired; what lies in the
    padding is left out. `padded` counts the taps over the input or its declared padding."""

    cells: slice
    taps: slice
    padded: int

    @property
    def size(self) -> int:
        """How many cells of the input lie in the window."""
        return len(range(self.taps.start, self.taps.stop))


def windows(
    attributes: Mapping[str, Any], size: Sequence[int], kernel: Sequence[int], place: Sequence[int]
) -> list[Window]:
    """Return the window of the output cell at `place`, for an input of `size` and a `kernel`, all (axes,) without batch
    and channels. Attributes as ONNX's Conv, MaxPool and AveragePool have them: strides, dilations, pads, auto_pad.
    """
    axes = len(size)
    strides = attributes.get("strides") or [1] * axes
    dilations = attributes.get("dilations") or [1] * axes
    pads = attributes.get("pads") or [0] * (2 * axes)
    same = attributes.get("auto_pad", "NOTSET")
    found = []
    for axis in range(axes):
        stride, dilation, reach = strides[axis], dilations[axis], (kernel[axis] - 1) * dilations[axis] + 1
        begin, end = pads[axis], pads[axes + axis]
        if same.startswith("SAME"):
            total = max((_quotient_up(size[axis], stride) - 1) * stride + reach - size[axis], 0)
            begin = total - total // 2 if same == "SAME_LOWER" else total // 2
            end = total - begin
        elif same == "VALID":
            begin = end = 0
        start = place[axis] * stride - begin
        first = max(0, _quotient_up(-start, dilation))  # the first tap at or after cell 0
        stop = max(first, min(kernel[axis], _quotient_up(size[axis] - start, dilation)))
        padded = min(kernel[axis], _quotient_up(size[axis] + end - start, dilation))
        cells = slice(start + first * dilation, start + (stop - 1) * dilation + 1, dilation)
        found.append(Window(cells if stop > first else slice(0, 0), slice(first, stop), padded))
    return found


def _quotient_up(number: int, divisor: int) -> int:
    """Return the quotient, rounded up."""
    return -(-number // divisor)
