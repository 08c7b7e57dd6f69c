"""Digits as pen strokes, written for this project: the samples of the first screen, and more hands for the training.

A drawing is a tuple of strokes, a stroke a polyline of points (x, y) in the unit square, x to the right, y down.
The forms include those that MNIST, written by Americans, hardly has: ones with a flag, crossed sevens, open fours.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Point = tuple[float, float]
Stroke = tuple[Point, ...]
Drawing = tuple[Stroke, ...]

SUPERSAMPLE = 2


@dataclass(frozen=True)
class Sample:
    """A drawing with the digit it is meant to be."""

    name: str
    label: str
    strokes: Drawing


def curve(controls: NDArray[np.float64], steps: int = 10) -> Stroke:
    """Catmull-Rom curve through `controls` (n, 2): a smooth stroke of about n * steps points.

    Catmull and Rom, "A class of local interpolating splines", 1974. A repeated control point makes a corner.
    """
    padded = np.vstack([controls[:1], controls, controls[-1:]])
    u = np.linspace(0, 1, steps, endpoint=False)[:, None]
    points = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        if np.allclose(b, c):
            continue
        points.append(0.5 * (2 * b + (c - a) * u + (2 * a - 5 * b + 4 * c - d) * u**2 + (3 * b - a - 3 * c + d) * u**3))
    points.append(controls[-1:])
    return tuple((float(x), float(y)) for x, y in np.vstack(points))


# Every form: label -> drawings as lists of control points, in hundredths of the square.
Controls = tuple[tuple[tuple[float, float], ...], ...]
FORMS: dict[str, tuple[Controls, ...]] = {
    "0": (
        (((52, 12), (32, 22), (25, 50), (33, 80), (50, 88), (68, 78), (75, 48), (66, 20), (50, 12)),),
        (((58, 14), (36, 20), (28, 50), (36, 82), (54, 86), (70, 70), (72, 40), (62, 18), (44, 16)),),
        (((50, 14), (26, 30), (22, 60), (40, 86), (66, 80), (80, 54), (72, 24), (50, 14), (58, 22)),),
    ),
    "1": (
        (((50, 10), (50, 90)),),
        (((60, 10), (44, 90)),),
        (((32, 34), (54, 12), (54, 12), (54, 90)),),
        (((24, 48), (58, 12), (58, 12), (52, 90)),),
        (((18, 60), (60, 12), (60, 12), (44, 90)),),
        (((34, 28), (52, 12), (52, 12), (52, 88)), ((32, 88), (72, 88))),
        (((24, 40), (56, 10), (56, 10), (56, 88)), ((30, 89), (78, 87))),
    ),
    "2": (
        (((26, 28), (36, 14), (56, 12), (70, 26), (62, 48), (28, 86), (28, 86), (76, 86)),),
        (((28, 24), (48, 12), (68, 22), (66, 44), (46, 66), (24, 86), (24, 86), (50, 82), (78, 88)),),
        (((28, 30), (44, 12), (66, 20), (64, 46), (40, 78), (24, 82), (26, 70), (42, 72), (60, 86), (78, 80)),),
        (((26, 16), (60, 14), (72, 26), (60, 46), (26, 84), (26, 84), (76, 84)),),
    ),
    "3": (
        (((28, 20), (48, 11), (68, 22), (62, 40), (44, 46), (44, 46), (66, 54), (70, 74), (50, 89), (26, 80)),),
        (((26, 14), (70, 14), (70, 14), (44, 42), (44, 42), (68, 54), (70, 76), (48, 90), (26, 80)),),
        (((30, 16), (54, 10), (66, 24), (52, 42), (38, 46), (60, 48), (72, 66), (58, 86), (28, 86)),),
        (((28, 12), (66, 14), (66, 14), (40, 44), (62, 50), (66, 72), (46, 88), (30, 82)),),
    ),
    "4": (
        (((62, 12), (24, 62), (24, 62), (80, 62)), ((62, 12), (62, 90))),
        (((34, 12), (28, 50), (28, 50), (72, 50)), ((68, 14), (66, 90))),
        (((40, 10), (22, 58), (22, 58), (78, 54)), ((62, 30), (56, 90))),
        (((28, 14), (30, 44), (44, 52), (68, 44)), ((72, 12), (68, 50), (60, 90))),
        (((58, 10), (20, 66), (20, 66), (82, 64)), ((56, 44), (54, 92))),
        (((26, 16), (24, 46), (40, 54), (66, 46), (70, 14), (70, 14), (66, 60), (60, 90)),),
        (((62, 88), (62, 12), (62, 12), (22, 56), (22, 56), (76, 56)),),
    ),
    "5": (
        (((34, 14), (30, 46), (30, 46), (52, 40), (70, 54), (66, 78), (44, 88), (26, 80)), ((34, 14), (70, 12))),
        (((70, 12), (34, 14), (34, 14), (30, 44), (30, 44), (56, 42), (70, 60), (58, 84), (28, 86)),),
        (((40, 16), (32, 44), (32, 44), (58, 46), (64, 66), (48, 88), (24, 82)), ((42, 18), (80, 12))),
        (((72, 16), (42, 14), (42, 14), (34, 42), (56, 44), (66, 62), (52, 86), (30, 84)),),
    ),
    "6": (
        (((64, 12), (40, 30), (28, 60), (36, 84), (56, 88), (70, 72), (60, 54), (40, 56), (30, 70)),),
        (((56, 10), (38, 40), (32, 70), (46, 90), (66, 80), (64, 60), (46, 56), (34, 70)),),
        (((70, 18), (50, 12), (32, 40), (28, 68), (44, 90), (68, 82), (70, 62), (52, 52), (32, 64)),),
        (((50, 10), (36, 46), (34, 76), (50, 90), (66, 76), (56, 60), (36, 68)),),
    ),
    "7": (
        (((24, 14), (74, 14), (74, 14), (44, 90)),),
        (((24, 16), (74, 14), (74, 14), (56, 50), (46, 90)), ((34, 52), (72, 48))),
        (((22, 26), (26, 14), (26, 14), (74, 14), (74, 14), (52, 48), (46, 90)),),
        (((22, 22), (40, 16), (74, 14), (74, 14), (58, 44), (50, 90)), ((30, 54), (76, 46))),
        (((28, 12), (28, 26), (28, 12), (72, 12), (72, 12), (40, 88)), ((36, 48), (70, 48))),
        (((22, 18), (50, 22), (76, 12), (76, 12), (54, 50), (48, 90)), ((36, 56), (70, 50))),
    ),
    "8": (
        (
            (
                (64, 20),
                (46, 11),
                (32, 24),
                (42, 42),
                (62, 56),
                (68, 76),
                (50, 90),
                (32, 78),
                (38, 58),
                (60, 42),
                (66, 24),
                (56, 13),
            ),
        ),
        (
            ((50, 10), (34, 22), (40, 40), (52, 46), (66, 38), (66, 20), (50, 10)),
            ((50, 47), (32, 58), (30, 78), (50, 90), (70, 78), (68, 58), (50, 47)),
        ),
        (
            (
                (70, 22),
                (52, 10),
                (34, 22),
                (44, 42),
                (66, 62),
                (60, 86),
                (38, 88),
                (30, 70),
                (48, 52),
                (70, 30),
                (68, 18),
            ),
        ),
    ),
    "9": (
        (((68, 24), (50, 12), (32, 24), (32, 44), (50, 52), (66, 40), (68, 22), (68, 22), (66, 60), (58, 90)),),
        (((66, 18), (44, 12), (30, 32), (42, 52), (62, 42), (68, 18), (68, 18), (68, 66), (54, 88), (30, 82)),),
        (((66, 30), (58, 14), (38, 16), (32, 36), (48, 48), (64, 36), (66, 22), (66, 22), (64, 90)),),
        (((70, 16), (46, 12), (30, 30), (38, 48), (58, 44), (70, 20), (68, 60), (56, 88), (34, 90), (26, 78)),),
    ),
}

SAMPLES: tuple[Sample, ...] = (
    *(
        Sample(f"{label}-{form}", label, tuple(curve(np.array(controls) / 100) for controls in FORMS[label][form]))
        for label, form in (
            ("0", 0),
            ("1", 3),
            ("2", 2),
            ("3", 0),
            ("4", 3),
            ("4", 0),
            ("5", 0),
            ("6", 0),
            ("7", 0),
            ("7", 3),
            ("8", 0),
            ("9", 1),
        )
    ),
    # Between a one with a flag and a seven, so that networks differ on it.
    Sample("1-7", "1", (curve(np.array([(26, 40), (66, 14), (66, 14), (50, 90)]) / 100),)),
)


def draw(strokes: Drawing, size: int = 280, thickness: float = 18.0) -> NDArray[np.uint8]:
    """Strokes -> uint8 (size, size), white ink on black, drawn with a round pen `thickness` pixels wide."""
    side = size * SUPERSAMPLE
    image = Image.new("L", (side, side))
    pen = ImageDraw.Draw(image)
    radius = thickness * SUPERSAMPLE / 2
    for stroke in strokes:
        points = [(x * side, y * side) for x, y in stroke]
        if len(points) > 1:
            pen.line(points, fill=255, width=max(1, round(2 * radius)), joint="curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse((x - radius, y - radius, x + radius - 1, y + radius - 1), fill=255)  # both ends included
    return np.asarray(image.reduce(SUPERSAMPLE))
