"""The digits that the networks learn from: MNIST, and MNIST and drawn digits as the app would see them.

MNIST alone would teach American census hands, scanned one way. So its digits are also blurred, shrunk, stretched and
redrawn with other pens, and digits drawn from strokes (glassbox/digits/strokes.py) and set in matplotlib's free fonts
join them; all of these pass through the same preparation that the app uses (glassbox/digits/images.py).
"""

import gzip
import hashlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from glassbox.digits import decoding, images, strokes
from glassbox.digits.tensors import rescaled

Digits = NDArray[np.uint8]
Labels = NDArray[np.uint8]

VALIDATION = 12
"""One in so many of the training digits, the last 5,000 of MNIST's 60,000, is kept back to choose temperatures by."""


@dataclass(frozen=True)
class Split:
    """digits: uint8 (n, 28, 28), white ink on black; labels: uint8 (n,)."""

    digits: Digits
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: slice | NDArray[np.int64]) -> "Split":
        return Split(self.digits[index], self.labels[index])


@dataclass(frozen=True)
class Mnist:
    """MNIST in its own split, the last of the training set kept apart."""

    train: Split
    validation: Split
    test: Split


def load(folder: Path | None, name: str = "mnist") -> Mnist:
    """The standard IDX .gz files in `folder`, or else the set of that name from keras.datasets."""
    if folder is None:
        import keras

        (x, y), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    else:
        x, y = _idx(folder / "train-images-idx3-ubyte.gz"), _idx(folder / "train-labels-idx1-ubyte.gz")
        x_test, y_test = _idx(folder / "t10k-images-idx3-ubyte.gz"), _idx(folder / "t10k-labels-idx1-ubyte.gz")
    train = Split(x, y)
    kept = len(train) // VALIDATION
    return Mnist(train[:-kept], train[-kept:], Split(x_test, y_test))


def _idx(path: Path) -> NDArray[np.uint8]:
    """An IDX file of unsigned bytes (http://yann.lecun.com/exdb/mnist/, "The IDX file format")."""
    with gzip.open(path) as file:
        data = file.read()
    if data[:3] != b"\0\0\x08":
        raise ValueError(f"{path} is not an IDX file of unsigned bytes")
    shape = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3])]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


# --- Pictures as people bring them, prepared as the app prepares them -------------------------------------------------


def photographed(source: Split, seed: int) -> Split:
    """Each digit of `source` as if photographed or scanned, then prepared as the app does; unreadable ones left out."""
    print("Photographing MNIST", flush=True)
    return _prepared(_photograph, list(zip(source.digits, source.labels, strict=True)), seed)


def drawn(count: int, seed: int) -> Split:
    """`count` digits drawn with strokes (four of five) or set in a font, photographed and prepared."""
    print("Drawing digits", flush=True)
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count)
    return _prepared(_draw, [(rng.random() < 0.2, int(label)) for label in labels], seed)


def _prepared(make, items, seed: int) -> Split:  # type: ignore[no-untyped-def]
    chunks = [(make, items[i : i + 500], seed * 1_000 + i) for i in range(0, len(items), 500)]
    from keras.utils import Progbar  # here: the processes that prepare need no Keras

    bar, parts = Progbar(len(chunks)), []
    with ProcessPoolExecutor(2) as pool:
        for part in pool.map(_prepare_chunk, chunks):
            parts.append(part)
            bar.add(1)
    return Split(np.concatenate([p.digits for p in parts]), np.concatenate([p.labels for p in parts]))


def _prepare_chunk(chunk) -> Split:  # type: ignore[no-untyped-def]
    make, items, seed = chunk
    rng = np.random.default_rng(seed)
    digits, labels = [], []
    for item in items:
        grey = make(*item, rng)
        rgba = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
        try:
            digits.append(images.prepare_pixels(rgba).digit)
            labels.append(int(item[1]))
        except decoding.PictureError:
            continue  # faded away: nobody could read it
    return Split(np.array(digits), np.array(labels, np.uint8))


def _photograph(digit: Digits, label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """An MNIST digit, its pen changed, on paper of another size and resolution."""
    fine = Image.fromarray(digit).resize((112, 112), Image.Resampling.BICUBIC)
    ink = np.asarray(fine) > 110
    distance = ndimage.distance_transform_edt(ink) - ndimage.distance_transform_edt(~ink)
    ink = distance > rng.uniform(-3.5, 3.0)
    if ink.sum() < 60:
        ink = distance > 0
    return scan(ink, rng)


def _draw(printed: bool, label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    if printed:
        return scan(_typeset(label, rng), rng)
    forms = strokes.FORMS[str(label)]
    controls = forms[rng.integers(len(forms))]
    angle, shear = rng.normal(0, 0.10), rng.normal(0, 0.15)
    turn = np.array([[np.cos(angle), np.sin(angle) + shear], [-np.sin(angle), np.cos(angle)]])
    stretch = np.exp(rng.normal(0, [0.22, 0.12]))
    wobble = rng.uniform(1, 5)
    lines = []
    for stroke in controls:
        points = np.array(stroke, float)
        moved = points + rng.normal(0, wobble, points.shape)
        same = np.all(points[1:] == points[:-1], axis=1)
        moved[1:][same] = moved[:-1][same]  # a corner stays a corner
        centred = (moved - 50 + rng.normal(0, 1.5, 2)) * stretch @ turn.T
        lines.append(strokes.curve(np.clip(centred * 0.9 / 100 + 0.5, 0.02, 0.98)))
    size = 112
    return scan(strokes.draw(tuple(lines), size, rng.uniform(2.5, 17)) > 127, rng)


def _typeset(label: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    choice = faces()
    font = ImageFont.truetype(choice[rng.integers(len(choice))], int(rng.integers(60, 100)))
    image = Image.new("L", (140, 140))
    ImageDraw.Draw(image).text((70, 70), str(label), fill=255, font=font, anchor="mm")
    turned = image.rotate(rng.normal(0, 5), Image.Resampling.BICUBIC)
    return np.asarray(turned) > 127


def faces() -> list[str]:
    """The free faces that matplotlib carries (DejaVu, STIX, Computer Modern), those that hold ordinary digits."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    names = ("DejaVuSans", "DejaVuSerif", "DejaVuSansMono", "STIXGeneral", "cmr10", "cmb10", "cmss10", "cmtt10")
    found = [str(p) for p in sorted(folder.glob("*.ttf")) if p.stem.split("-")[0] in names]
    return [f for f in found if "Display" not in f and "STIXGeneralItalic" not in f]


def scan(ink: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Ink on a fine grid -> a grey picture as a scanner, a phone or an old data set would give it."""
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    box = Image.fromarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32))
    kind = rng.random()
    if kind < 0.25:  # cut out tightly and stretched to a small square, 1 bit a pixel
        side = int(rng.choice([16, 20, 32]))
        keep = rng.uniform(0.5, 1)
        width = round(side * (keep * min(1, box.width / box.height) + 1 - keep))
        small = np.asarray(box.resize((max(3, width), side), Image.Resampling.BOX)) > rng.uniform(0.35, 0.6)
        paper = np.zeros((side, side), np.float32)
        left = (side - small.shape[1]) // 2
        paper[:, left : left + small.shape[1]] = small
    else:
        tall = int(rng.integers(8, 15)) if kind < 0.6 else int(rng.integers(15, 60))
        width = max(2, round(box.width * tall / box.height))
        small = np.asarray(box.resize((width, tall), Image.Resampling.BOX))
        margin = rng.integers(1, max(3, tall // 2), 4)
        paper = np.pad(small, ((margin[0], margin[1]), (margin[2], margin[3])))
        if kind < 0.6 and rng.random() < 0.5:
            paper = ndimage.gaussian_filter(paper, rng.uniform(0.2, 0.6))
        elif kind >= 0.6:
            paper = ndimage.gaussian_filter(paper, rng.uniform(0, 0.03) * tall)
        paper = paper + rng.normal(0, rng.uniform(0, 0.06), paper.shape)
    contrast = rng.uniform(60, 200)
    return np.clip(235 - contrast * paper, 0, 255).astype(np.uint8)


# --- Augmentation, anew each epoch -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shake:
    """How far each digit is moved in an epoch: standard deviations, except for two shares: `pen`, of pens changed, and
    `still`, of digits left as they are, for a small network trained on moved ones alone reads MNIST's own worse."""

    turn: float = 0.12
    shear: float = 0.15
    stretch: float = 0.12
    size: float = 0.06
    shift: float = 0.7
    pen: float = 0.3
    still: float = 0.0


def shaken(digits: Digits, shake: Shake, rng: np.random.Generator) -> NDArray[np.float32]:
    """uint8 (n, 28, 28) -> float32 (n, 28, 28) in [0, 1]: each digit turned, sheared, stretched and fitted again to
    20x20 around its centre of mass, in one bilinear resampling."""
    return np.concatenate([_shaken(digits[i : i + 1024], shake, rng) for i in range(0, len(digits), 1024)])


def _shaken(digits: Digits, shake: Shake, rng: np.random.Generator) -> NDArray[np.float32]:
    n = len(digits)
    values = rescaled(digits)
    grid = np.arange(28, dtype=np.float32)
    mass = values.sum((1, 2)) + 1e-6
    middle = [((values.sum(axis) * grid).sum(1) / mass)[:, None] for axis in (2, 1)]
    turn, shear = rng.normal(0, shake.turn, n), rng.normal(0, shake.shear, n)
    tall, wide = np.exp(rng.normal(0, shake.stretch, n)), np.exp(rng.normal(0, shake.stretch, n))
    cos, sin = np.cos(turn), np.sin(turn)
    forward = np.stack(
        [np.stack([tall * cos, -wide * sin], 1), np.stack([tall * sin + shear * tall, wide * cos], 1)], 1
    )
    # The size that the ink will have, from its outermost pixels along each new axis.
    rows, columns = (axis.ravel()[None] for axis in np.meshgrid(grid, grid, indexing="ij"))
    blank = values.reshape(n, 784) < 0.25
    extent = np.ones(n, np.float32)
    for moved in _apply(forward, rows - middle[0], columns - middle[1]):
        size = np.where(blank, -99, moved).max(1) - np.where(blank, 99, moved).min(1) + 1
        np.maximum(extent, size, out=extent)
    scale = 20 / np.maximum(extent, 4) * np.exp(rng.normal(0, shake.size, n) - shake.size / 2)
    backward = np.linalg.inv(forward * scale[:, None, None])
    shift = rng.normal(0, shake.shift, (2, n, 1)).astype(np.float32)
    at = _apply(backward, rows - 13.5 - shift[0], columns - 13.5 - shift[1])
    warped = _bilinear(values, at[0] + middle[0], at[1] + middle[1])
    changed = np.flatnonzero(rng.random(n) < shake.pen)
    warped[changed] = _other_pen(warped[changed], rng)
    still = rng.random(n) < shake.still
    warped[still] = values[still]
    return warped


def _apply(
    matrices: NDArray[np.float64], rows: NDArray[np.float32], columns: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(n, 2, 2) matrices on n x 784 points."""
    m = matrices.astype(np.float32)[..., None]
    return m[:, 0, 0] * rows + m[:, 0, 1] * columns, m[:, 1, 0] * rows + m[:, 1, 1] * columns


def _bilinear(
    values: NDArray[np.float32], rows: NDArray[np.float32], columns: NDArray[np.float32]
) -> NDArray[np.float32]:
    """values (n, 28, 28) sampled at (n, 784) rows and columns; outside is 0."""
    n = len(values)
    flat = np.pad(values, ((0, 0), (2, 2), (2, 2))).ravel()
    rows, columns = np.clip(rows + 2, 0, 30.99), np.clip(columns + 2, 0, 30.99)
    top, left = rows.astype(np.int32), columns.astype(np.int32)
    r, q = rows - top.astype(np.float32), columns - left.astype(np.float32)
    index = top * 32 + left + 1024 * np.arange(n, dtype=np.int32)[:, None]
    upper = flat.take(index) * (1 - q) + flat.take(index + 1) * q
    lower = flat.take(index + 32) * (1 - q) + flat.take(index + 33) * q
    return np.minimum(upper * (1 - r) + lower * r, 1).reshape(n, 28, 28)  # rounding can pass 1


def _other_pen(values: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Half thicker, half fainter or sharper: a mix with the maximum over neighbours, or another contrast."""
    n = len(values)
    padded = np.pad(values, ((0, 0), (1, 1), (1, 1)))
    wider = np.maximum.reduce(
        [padded[:, 1:-1, 1:-1], padded[:, :-2, 1:-1], padded[:, 2:, 1:-1], padded[:, 1:-1, :-2], padded[:, 1:-1, 2:]]
    )
    share = (rng.random((n, 1, 1)) * (rng.random((n, 1, 1)) < 0.5)).astype(np.float32)
    mixed = values + share * (wider - values)
    gain, floor = rng.uniform(0.8, 1.6, (n, 1, 1)), rng.uniform(0, 0.15, (n, 1, 1))
    return np.clip((mixed - floor) * gain, 0, 1).astype(np.float32)


# --- What the six models are trained on ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pool:
    """MNIST as it is, MNIST photographed, and drawn digits; made once and kept in `CACHE`, about 100 MB."""

    mnist: Split
    photographed: Split
    drawn: Split

    def epoch(
        self, share: float, hand: float, size: int, shake: Shake, rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], Labels]:
        """`size` digits for one epoch, shuffled: `share` of them prepared pictures, of which `hand` drawn ones."""
        parts = []
        for split, part in (
            (self.mnist, 1 - share),
            (self.photographed, share * (1 - hand)),
            (self.drawn, share * hand),
        ):
            count = round(size * part)
            picks = rng.choice(len(split), count, replace=count > len(split))
            parts.append(split[picks])
        digits = np.concatenate([p.digits for p in parts])
        labels = np.concatenate([p.labels for p in parts])
        order = rng.permutation(len(labels))
        return shaken(digits[order], shake, rng), labels[order]


CACHE = Path(__file__).parent.parent / "build"
DRAWN = 40_000


def pool(mnist: Mnist, seed: int, limit: int | None = None) -> Pool:
    """The training pool of `mnist`; `limit` keeps the first digits only (for --quick)."""
    train = mnist.train[:limit]
    drawings = DRAWN if limit is None else limit
    sources = b"".join(Path(module.__file__).read_bytes() for module in (images, strokes))
    key = hashlib.sha256(sources + Path(__file__).read_bytes() + train.digits.tobytes()).hexdigest()[:16]
    path = CACHE / f"pool-{key}-{seed}-{drawings}.npz"
    if not path.exists():
        photos, hands = photographed(train, seed), drawn(drawings, seed + 1)
        CACHE.mkdir(exist_ok=True)
        np.savez(path, a=photos.digits, b=photos.labels, c=hands.digits, d=hands.labels)
    with np.load(path) as kept:
        return Pool(train, Split(kept["a"], kept["b"]), Split(kept["c"], kept["d"]))
