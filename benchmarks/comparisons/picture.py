"""A picture file to three verdicts: decoded, its digit brought to 28x28, and read by the article's networks."""

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from benchmarks.comparisons import Calls, Setting
from benchmarks.tables import OURS, Asked, Table, times
from glassbox.digits import decoding, images
from glassbox.digits.reader import Reader
from glassbox.zoo import digit_models

MILLISECONDS = {"280x280 PNG": 5, "12-megapixel JPEG": 80}


def tables(setting: Setting) -> Iterator[Table]:
    reader = Reader(digit_models.load())
    files = {"280x280 PNG": drawn_seven((280, 280), "PNG"), "12-megapixel JPEG": drawn_seven((4000, 3000), "JPEG")}
    for name, data in files.items():
        digit = images.prepare(data).digit
        calls: Calls = {
            OURS: lambda data=data: reader.read(images.prepare(data).digit),
            "of which decoding": lambda data=data: decoding.decode(data),
            "of which reading": lambda digit=digit: reader.read(digit),
        }
        found = setting.measure(calls)
        asked = [Asked(f"{name} to three verdicts", 1e3 * found[OURS].seconds, MILLISECONDS[name], "ms")]
        yield times(f"{name} ({len(data) / 1e6:.2g} MB) to three verdicts", found, asked)


def drawn_seven(size: tuple[int, int], kind: str, mirrored: bool = False) -> bytes:
    """Return a seven, or its mirror image, in dark ink on grainy, unevenly lit paper, as a `kind` file."""
    width, height = size
    paper = np.linspace(180, 250, width)[None, :] + np.random.default_rng(0).normal(0, 3, (height, width))
    image = Image.fromarray(paper.clip(0, 255).astype(np.uint8))
    points = [(0.38 * width, 0.3 * height), (0.6 * width, 0.3 * height), (0.47 * width, 0.72 * height)]
    ImageDraw.Draw(image).line(points, fill=40, width=height // 14, joint="curve")
    if mirrored:
        image = ImageOps.mirror(image)
    file = io.BytesIO()
    image.convert("RGB").save(file, kind, quality=90)
    return file.getvalue()
