"""The convolutions of a network in their order, with all that is needed to work one of their cells out by hand.

Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, https://arxiv.org/abs/1603.07285
"""

from collections.abc import Sequence
from dataclasses import dataclass

from onnx import NodeProto

from glassbox.graph.model import STANDARD, Model, attributes, read

_POOLS = ("MaxPool", "AveragePool", "GlobalAveragePool")
_PLAIN = ("auto_pad", "NOTSET"), ("ceil_mode", 0), ("count_include_pad", 0), ("storage_order", 0)


@dataclass(frozen=True)
class Pooling:
    """The unpadded pooling that reads a convolution's maps. `window` and `strides` are None where it takes all of a
    map (GlobalAveragePool)."""

    operator: str
    tensor: str
    window: tuple[int, int] | None
    strides: tuple[int, int] | None

    def place(self, row: int, column: int, size: tuple[int, int]) -> tuple[int, int] | None:
        """Return the pooled cell that the cell (row, column) of a map of `size` goes into, if a window reaches it.

        Where windows overlap, it is that of the last of them.
        """
        if self.window is None or self.strides is None:
            return 0, 0
        place = row // self.strides[0], column // self.strides[1]
        for cell, at, stride, window, cells in zip((row, column), place, self.strides, self.window, size, strict=True):
            if cell >= at * stride + window or at * stride + window > cells:
                return None
        return place


@dataclass(frozen=True)
class Stage:
    """One convolution over height and width, its activation and its pooling.

    `source` (N, C, H, W) is read with the weights `kernel` (M, C, h, w) and `bias` (M,), if any; `before`
    (N, M, H', W') is the sum and `after` what Relu makes of it (`before` itself where no Relu follows). `padding` is
    what lies above and to the left.
    """

    source: str
    kernel: str
    bias: str | None
    before: str
    after: str
    strides: tuple[int, int]
    padding: tuple[int, int]
    dilations: tuple[int, int]
    pooling: Pooling | None

    @property
    def relu(self) -> bool:
        """Whether a Relu follows."""
        return self.after != self.before


def stages(model: Model) -> tuple[Stage, ...]:
    """Return the two-dimensional convolutions of `model` that read all channels (group 1) with explicit padding.

    Raises ValueError for what is no ONNX model.
    """
    graph = read(model).graph
    readers: dict[str, list[NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    return tuple(_stage(node, readers) for node in graph.node if _is_plain(node))


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Return the size of a convolution's output along an axis of `size` cells, with `padding` added at both ends.

    floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, and 0 where it doesn't fit; relation 15 of the
    guide above. Raises ValueError for a size, kernel, stride or dilation below 1 or a padding below 0.
    """
    if min(size, kernel, stride, dilation) < 1 or padding < 0:
        raise ValueError(
            "size, kernel, stride and dilation are at least 1 and padding at least 0; "
            f"got {size}, {kernel}, {stride}, {dilation} and {padding}"
        )
    return max(0, (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1)


def _is_plain(node: NodeProto) -> bool:
    given = attributes(node)
    return (
        node.op_type == "Conv"
        and node.domain in STANDARD
        and given.get("group", 1) == 1
        and given.get("auto_pad", "NOTSET") == "NOTSET"
        and len(given.get("kernel_shape", ())) == 2
    )


def _stage(node: NodeProto, readers: dict[str, list[NodeProto]]) -> Stage:
    given = attributes(node)
    before = after = node.output[0]
    match readers.get(before, []):
        case [NodeProto(op_type="Relu") as relu]:
            after = relu.output[0]
    return Stage(
        source=node.input[0],
        kernel=node.input[1],
        bias=node.input[2] if len(node.input) > 2 and node.input[2] else None,
        before=before,
        after=after,
        strides=_pair(given.get("strides", (1, 1))),
        padding=_pair(given.get("pads", (0, 0, 0, 0))),
        dilations=_pair(given.get("dilations", (1, 1))),
        pooling=_pooling(readers.get(after, [])),
    )


def _pooling(following: Sequence[NodeProto]) -> Pooling | None:
    for node in following:
        given = attributes(node)
        plain = all(given.get(name, usual) == usual for name, usual in _PLAIN) and not any(given.get("pads", ()))
        if node.op_type in _POOLS and plain and set(given.get("dilations", (1,))) == {1}:
            windowed = node.op_type != "GlobalAveragePool"
            return Pooling(
                operator=node.op_type,
                tensor=node.output[0],
                window=_pair(given["kernel_shape"]) if windowed else None,
                strides=_pair(given.get("strides", (1, 1))) if windowed else None,
            )
    return None


def _pair(values: Sequence[int]) -> tuple[int, int]:
    return int(values[0]), int(values[1])
