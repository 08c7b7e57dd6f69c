"""A picture as a model's input: scaled, its colours and axes in the order that the model asks for, normalised."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.input_error import InputError
from glassbox.inspection.answer import text
from glassbox.inspection.requests import Picture

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "mnist": {"colours": "grey", "invert": True, "mean": (0.0,), "std": (1.0,)},
    "imagenet": {"colours": "rgb", "invert": False, "mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)},
    "unit": {"colours": None, "invert": False, "mean": (0.0,), "std": (1.0,)},
    "symmetric": {"colours": None, "invert": False, "mean": (0.5,), "std": (0.5,)},
    "bytes": {"colours": None, "invert": False, "mean": (0.0,), "std": (1 / 255,)},
}
"""How common training data was normalised, x being 0 to 1: of a `Picture`, its colours, invert, mean and std.

mnist: white ink on black, as the data is. imagenet: https://docs.pytorch.org/vision/stable/models.html. symmetric:
-1 to 1. bytes: 0 to 255."""
_CHANNELS = (1, 3, 4)
_SMALLEST_SIDE, _LARGEST_SIDE = 8, 4096
_GREY: NDArray[np.float32] = np.array([0.299, 0.587, 0.114], np.float32)
"""ITU-R BT.601, as Pillow's "L"."""


def guessed(shape: Sequence[int | str]) -> dict[str, Any] | None:
    """Return how a picture would fit an input of this shape, as facts: `layout`, `channels`, `height` and `width`
    (None where free) and the `preset` that such inputs mostly have; None where it looks like no picture."""
    rank = len(shape)
    for layout, channel, (row, column) in (("NCHW", 1, (2, 3)), ("NHWC", 3, (1, 2)), ("NHW", None, (1, 2))):
        if rank != len(layout):
            continue
        sides = shape[row], shape[column]
        channels = 1 if channel is None else shape[channel]
        free = [isinstance(side, str) for side in sides]
        fit = all(isinstance(side, str) or _SMALLEST_SIDE <= side <= _LARGEST_SIDE for side in sides)
        if channels not in _CHANNELS or not fit or (layout == "NHW" and (any(free) or sides[0] != sides[1])):
            continue
        height, width = (None if isinstance(side, str) else side for side in sides)
        small = channels == 1 and height is not None and height <= 32
        preset = "mnist" if small else "imagenet" if channels == 3 else "unit"
        return {"layout": layout, "channels": channels, "height": height, "width": width, "preset": preset}
    return None


def prepared(
    pixels: NDArray[Any], how: Picture, declared: Sequence[int | str], shape: Sequence[int]
) -> NDArray[np.float32]:
    """Return `pixels` as an input of `shape`, repeated over its first axis.

    Raises InputError: `no_picture` for what are no pixels, `picture_layout` where the input takes none, and
    `picture_channels` where `colours`, `mean` or `std` don't fit its channels.
    """
    if pixels.dtype != np.uint8 or not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (3, 4))):
        raise InputError("no_picture", "A picture is uint8 of shape (height, width), with 3 or 4 channels at most.")
    if not pixels.size:
        raise InputError("no_picture", "The picture has no pixels.")
    guess = guessed(declared)
    layout = how.layout or (guess["layout"] if guess else "")
    if len(layout) != len(shape) or not layout:
        raise InputError(
            "picture_layout",
            f"An input of shape {tuple(map(text, declared))} takes no picture {layout}.",
            shape=[text(size) for size in declared],
            layout=layout,
        )
    axes = dict(zip(layout, shape, strict=True))
    channels = axes.get("C", 1)
    colours = how.colours or ("grey" if channels == 1 else "rgb")
    planes = _coloured(pixels, colours, (axes["H"], axes["W"])) / np.float32(255)
    if how.invert:
        planes = 1 - planes
    if channels == 4 and planes.shape[-1] == 3:
        planes = np.concatenate([planes, np.ones_like(planes[..., :1])], -1)
    if channels == 3 and planes.shape[-1] == 1:
        planes = np.repeat(planes, 3, -1)
    fits = planes.shape[-1] == channels and {len(how.mean), len(how.std)} <= {1, channels} and 0 not in how.std
    if not fits:
        raise InputError(
            "picture_channels",
            f"The input has {channels} channels: it takes as many numbers in mean and std, or one, and none of std 0.",
            channels=channels,
            mean=len(how.mean),
            std=len(how.std),
        )
    normal = (planes - np.array(how.mean, np.float32)) / np.array(how.std, np.float32)
    one = {"NCHW": normal.transpose(2, 0, 1), "NHWC": normal, "NHW": normal[..., 0]}[layout]
    return np.ascontiguousarray(np.broadcast_to(one, (axes["N"], *one.shape)), np.float32)


def _coloured(pixels: NDArray[np.uint8], colours: str, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return (height, width, 1 or 3) float32 0 to 255: on white where the picture is clear, scaled to `size`."""
    whole = pixels[..., None] if pixels.ndim == 2 else pixels
    planes: NDArray[np.float32] = whole.astype(np.float32)
    if whole.shape[2] == 4:
        opacity = planes[..., 3:] / np.float32(255)
        planes = planes[..., :3] * opacity + np.float32(255) * (np.float32(1) - opacity)
    if colours == "grey" and planes.shape[2] == 3:
        planes = (planes @ _GREY)[..., None]
    if colours != "grey" and planes.shape[2] == 1:
        planes = np.repeat(planes, 3, 2)
    if colours == "bgr":
        planes = planes[..., ::-1]
    height, width = size
    if planes.shape[:2] != size:
        from PIL import Image  # only here: most inputs of most models are no pictures

        scaled = [
            Image.fromarray(np.ascontiguousarray(planes[..., channel])).resize(
                (width, height), Image.Resampling.BILINEAR
            )
            for channel in range(planes.shape[2])
        ]
        planes = np.stack([np.asarray(plane, np.float32) for plane in scaled], -1)
    return planes
