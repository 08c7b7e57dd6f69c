"""Pictures that are no digit, made up: what the familiarity model learns to tell from digits.

Blobs, silhouettes with and without texture, scribbles, letters, and numbers of several digits; half of them go through
the app's preparation as a picture would, half are taken as they are. No picture of any data set of things is used, so
that Fashion-MNIST stays unseen. (Hendrycks, Mazeika, Dietterich, "Deep Anomaly Detection with Outlier Exposure", 2019,
https://arxiv.org/abs/1812.04606.)
"""

from concurrent.futures import ProcessPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from export.data import Digits, faces, scan
from glassbox.digits import decoding, images, strokes
from glassbox.digits.tensors import rescaled

SIDE = 112
LETTERS = "ABDEFGHJKMNPQRTVWXYabdefghkmnpqrtwxy@&#%$?=+<>{}"
Grey = NDArray[np.float32]


def outliers(digits: Digits, count: int, seed: int) -> Digits:
    """`count` pictures that are no single digit, uint8 (n, 28, 28); `digits` are what numbers are put together from."""
    print("Making up pictures of no digit", flush=True)
    jobs = [(digits, 500, seed * 1_000 + i) for i in range(-(-count // 500))]
    with ProcessPoolExecutor(2) as pool:
        return np.concatenate(list(pool.map(_chunk, jobs)))[:count]


def _chunk(job: tuple[Digits, int, int]) -> Digits:
    digits, count, seed = job
    rng = np.random.default_rng(seed)
    made: list[Digits] = []
    while len(made) < count:
        kind = rng.integers(5)
        if kind == 0:
            picture = _blob(rng)
        elif kind == 1:
            picture = _silhouette(rng)
        elif kind == 2:
            picture = _scribble(rng)
        elif kind == 3:
            picture = _letter(rng)
        else:
            picture = _number(digits, rng)
        if (picture > 0.35).sum() < 60:
            continue  # next to nothing
        if rng.random() < 0.5:
            made.append(_as_it_is(picture, rng))
            continue
        photographed = scan(picture > 0.35, rng) if rng.random() < 0.5 else (255 * (1 - picture)).astype(np.uint8)
        try:
            made.append(images.prepare_pixels(np.dstack([photographed] * 3 + [np.full_like(photographed, 255)])).digit)
        except decoding.PictureError:
            continue
    return np.array(made)


def _noise(rng: np.random.Generator, coarse: float) -> Grey:
    """Smooth noise in [0, 1], (SIDE, SIDE)."""
    values = ndimage.gaussian_filter(rng.normal(size=(SIDE, SIDE)), coarse)
    return ((values - values.min()) / np.ptp(values)).astype(np.float32)


def _textured(shape: NDArray[np.bool_], rng: np.random.Generator) -> Grey:
    """The shape filled evenly, or with smooth noise or stripes."""
    kind = rng.random()
    if kind < 0.35:
        fill = np.full(shape.shape, rng.uniform(0.5, 1), np.float32)
    elif kind < 0.75:
        fill = rng.uniform(0.2, 0.8) + rng.uniform(0.2, 1) * (_noise(rng, rng.uniform(1, 12)) - 0.3)
    else:
        rows = np.indices(shape.shape)[rng.integers(2)]
        fill = 0.65 + 0.35 * np.sin(rows * rng.uniform(0.1, 0.8))
    return np.where(shape, np.clip(fill, 0.05, 1), 0).astype(np.float32)


def _blob(rng: np.random.Generator) -> Grey:
    noise = _noise(rng, rng.uniform(5, 22))
    return _textured(noise > np.quantile(noise, rng.uniform(0.4, 0.9)), rng)


def _silhouette(rng: np.random.Generator) -> Grey:
    """One to three polygons, mostly symmetric, as bags, shoes, trees and animals are."""
    image = Image.new("L", (SIDE, SIDE))
    for _ in range(rng.integers(1, 4)):
        corners = int(rng.integers(3, 10))
        angles = np.sort(rng.uniform(-np.pi / 2, np.pi / 2, corners))
        radius = rng.uniform(12, 54, corners)
        x, y = radius * np.cos(angles), radius * np.sin(angles)
        if rng.random() < 0.7:
            x, y = np.concatenate([x, -x[::-1]]), np.concatenate([y, y[::-1]])
        centre = SIDE / 2 + rng.normal(0, 5, 2)
        ImageDraw.Draw(image).polygon([(a + centre[0], b + centre[1]) for a, b in zip(x, y, strict=True)], fill=255)
    return _textured(np.asarray(image) > 0, rng)


def _scribble(rng: np.random.Generator) -> Grey:
    lines = tuple(
        strokes.curve(rng.uniform(0.08, 0.92, (int(rng.integers(3, 9)), 2))) for _ in range(int(rng.integers(2, 5)))
    )
    return rescaled(strokes.draw(lines, SIDE, rng.uniform(3, 14)))


def _letter(rng: np.random.Generator) -> Grey:
    choice = faces()
    image = Image.new("L", (SIDE, SIDE))
    font = ImageFont.truetype(choice[rng.integers(len(choice))], int(rng.integers(60, 90)))
    ImageDraw.Draw(image).text(
        (SIDE / 2, SIDE / 2), LETTERS[rng.integers(len(LETTERS))], fill=255, font=font, anchor="mm"
    )
    return rescaled(np.asarray(image.rotate(rng.normal(0, 8))))


def _number(digits: Digits, rng: np.random.Generator) -> Grey:
    """Two to four digits beside each other."""
    picks = digits[rng.integers(len(digits), size=int(rng.integers(2, 5)))]
    row = np.hstack([d[:, 3:-3] for d in picks])
    wide = Image.fromarray(row).resize((SIDE, max(20, round(SIDE * 28 / row.shape[1]))), Image.Resampling.BILINEAR)
    canvas = np.zeros((SIDE, SIDE), np.float32)
    top = (SIDE - wide.height) // 2
    canvas[top : top + wide.height] = rescaled(np.asarray(wide))
    return canvas


def _as_it_is(picture: Grey, rng: np.random.Generator) -> Digits:
    """Fitted to 18 to 28 of 28 pixels, as data sets of small pictures hold them."""
    rows, columns = np.flatnonzero(picture.max(1) > 0.04), np.flatnonzero(picture.max(0) > 0.04)
    box = Image.fromarray(picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    side = int(rng.integers(18, 29))
    scale = side / max(box.size)
    small = box.resize((max(1, round(box.width * scale)), max(1, round(box.height * scale))), Image.Resampling.BOX)
    result = np.zeros((28, 28), np.uint8)
    top, left = (28 - small.height) // 2, (28 - small.width) // 2
    result[top : top + small.height, left : left + small.width] = (
        (np.asarray(small) * 255).clip(0, 255).astype(np.uint8)
    )
    return result
