"""From any picture to 28x28: formats, papers and pens change nothing; what can't be read is refused with its reason."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from glassbox.digits import decoding, images, strokes
from glassbox.digits.reader import Reader
from glassbox.zoo import digit_models

THREE = next(sample for sample in strokes.SAMPLES if sample.label == "3")


def paper(size: int = 200, thickness: float = 14) -> Image.Image:
    """A 3 in black on white, off the middle, with room around."""
    drawn = strokes.draw(THREE.strokes, size, thickness)
    canvas = np.full((size + 60, size + 90), 255, np.uint8)
    canvas[20 : 20 + size, 60 : 60 + size] = 255 - drawn
    return Image.fromarray(canvas)


def file(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Cosine of two digits: 1 for the same drawing."""
    a, b = a.astype(float).ravel(), b.astype(float).ravel()
    return float(a @ b / np.sqrt(a @ a * (b @ b)))


REFERENCE = images.prepare(file(paper())).digit


def palette(image: Image.Image) -> bytes:
    return file(image.convert("P", palette=Image.Palette.ADAPTIVE, colors=16))


def transparent(ink: int) -> bytes:
    """Only ink of one grey on a transparent ground, as drawing programs save it."""
    alpha = np.asarray(paper()).astype(int)
    return file(Image.fromarray(np.dstack([np.full_like(alpha, ink)] * 3 + [255 - alpha]).astype(np.uint8)))


def shaded() -> bytes:
    values = np.asarray(paper()).astype(float)
    rows, columns = np.indices(values.shape)
    lit = 0.55 + 0.45 * columns / values.shape[1] * (0.7 + 0.3 * rows / values.shape[0])
    noise = np.random.default_rng(0).normal(0, 3, values.shape)
    return file(Image.fromarray(np.clip((80 + 0.6 * values) * lit + noise, 0, 255).astype(np.uint8)), "JPEG")


def rotated(orientation: int, turn: Image.Transpose) -> bytes:
    exif = Image.Exif()
    exif[decoding.ORIENTATION] = orientation
    return file(paper().transpose(turn), "JPEG", exif=exif, quality=95)


VARIANTS = {
    "grey": lambda: file(paper()),
    "colour": lambda: file(paper().convert("RGB")),
    "white on black": lambda: file(Image.eval(paper(), lambda v: 255 - v)),
    "palette": lambda: palette(paper()),
    "1-bit": lambda: file(paper().convert("1")),
    "16-bit": lambda: file(Image.fromarray(np.asarray(paper()).astype(np.uint16) * 200 + 900)),
    "grey and alpha": lambda: file(paper().convert("LA")),
    "black ink, no ground": lambda: transparent(0),
    "white ink, no ground": lambda: transparent(255),
    "JPEG": lambda: file(paper(), "JPEG", quality=90),
    "CMYK JPEG": lambda: file(paper().convert("CMYK"), "JPEG", quality=95),
    "WEBP": lambda: file(paper(), "WEBP", quality=90),
    "BMP": lambda: file(paper(), "BMP"),
    "TIFF": lambda: file(paper(), "TIFF", compression="tiff_lzw"),
    "16-bit TIFF": lambda: file(Image.fromarray(np.asarray(paper()).astype(np.uint16) * 250), "TIFF"),
    "GIF": lambda: file(paper(), "GIF"),
    "animated GIF": lambda: file(paper(), "GIF", save_all=True, append_images=[Image.new("L", paper().size, 9)]),
    "shaded and noisy": shaded,
    "turned by EXIF 6": lambda: rotated(6, Image.Transpose.ROTATE_90),
    "turned by EXIF 3": lambda: rotated(3, Image.Transpose.ROTATE_180),
    "blue ink": lambda: file(
        Image.merge(
            "RGB", (paper(), paper().point(lambda v: 40 + v * 215 // 255), paper().point(lambda v: 200 + v * 55 // 255))
        )
    ),
    "faint": lambda: file(paper().point(lambda v: 200 + v * 40 // 255)),
    "huge": lambda: file(paper().resize((2900, 2600)), "JPEG"),
    "huge, 16-bit": lambda: file(
        Image.fromarray(np.asarray(paper().resize((2900, 2600))).astype(np.uint16) * 200 + 900)
    ),
    "tiny": lambda: file(paper().resize((29, 26), Image.Resampling.BOX)),
    "thin pen": lambda: file(paper(thickness=5)),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_same_drawing_gives_the_same_digit(name: str) -> None:
    prepared = images.prepare(VARIANTS[name]())
    least = 0.88 if name in ("tiny", "thin pen") else 0.94
    assert likeness(prepared.digit, REFERENCE) > least


def test_a_different_drawing_gives_a_different_digit() -> None:
    seven = next(sample for sample in strokes.SAMPLES if sample.label == "7")
    other = images.prepare(file(Image.fromarray(255 - strokes.draw(seven.strokes, 200, 14)))).digit
    assert likeness(other, REFERENCE) < 0.7  # so the threshold above can fail


@pytest.mark.parametrize("sample", strokes.SAMPLES, ids=lambda sample: sample.name)
def test_a_digit_is_fitted_and_centred_as_mnist_was(sample: strokes.Sample) -> None:
    digit = images.prepare(file(Image.fromarray(255 - strokes.draw(sample.strokes, 150, 9)))).digit
    rows, columns = np.flatnonzero((digit > 60).any(1)), np.flatnonzero((digit > 60).any(0))
    assert digit.shape == (28, 28) and digit.dtype == np.uint8 and digit.max() == 255
    assert 19 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21
    middle = ndimage.center_of_mass(digit.astype(float))
    assert middle == pytest.approx((13.5, 13.5), abs=0.35)


def test_the_steps_are_kept_for_display() -> None:
    prepared = images.prepare(file(paper()))
    assert [step.name for step in prepared.steps] == ["picture", "ink", "cut", "even", "digit"]
    assert all(step.pixels.dtype == np.uint8 and max(step.pixels.shape[:2]) <= 280 for step in prepared.steps)
    assert (prepared.steps[-1].pixels == prepared.digit).all()


def test_a_mask_grows_as_by_scipys_dilation() -> None:
    """Up to its edges, and from nothing to nothing."""
    masks = np.random.default_rng(0).random((20, 7, 9)) < np.linspace(0, 1, 20)[:, None, None]
    for mask in masks:
        np.testing.assert_array_equal(images._grown(mask), ndimage.binary_dilation(mask))


def test_a_frame_around_the_digit_and_specks_are_left_out() -> None:
    values = np.asarray(paper()).copy()
    values[:4], values[:, -5:] = 0, 0
    values[230:233, 10:13] = 0
    assert likeness(images.prepare(file(Image.fromarray(values))).digit, REFERENCE) > 0.97


def declared(width: int, height: int) -> bytes:
    """A PNG that only claims its size: whoever decodes it first allocates it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 9)), (b"IEND", b""))
    body = b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


def noise() -> bytes:
    return file(Image.fromarray(np.random.default_rng(1).normal(220, 6, (200, 200)).astype(np.uint8)))


REFUSED = {
    "empty": b"",
    "too_large": b"\x89PNG" + b"\0" * decoding.MAX_BYTES,
    "format": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n",
    "too_many_pixels": declared(8000, 5001),
    "too_elongated": declared(9000, 20),
    "broken": file(paper())[:300],
    "blank": file(Image.new("RGB", (90, 90), (250, 250, 247))),
    "no_ink": noise(),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_cannot_be_read_is_refused_with_its_reason(code: str) -> None:
    with pytest.raises(decoding.PictureError) as refusal:
        images.prepare(REFUSED[code])
    assert refusal.value.code == code
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    "data, code",
    [
        (declared(20_000, 20_000), "too_many_pixels"),  # beyond Pillow's own limit
        (declared(10_500, 2_000), "too_many_pixels"),
        (file(Image.new("RGBA", (50, 50), (10, 10, 10, 0))), "blank"),
        (file(Image.fromarray(np.full((60, 60), 40_000, np.uint16))), "blank"),
        (b"just words", "format"),
        (file(Image.new("L", (2, 2), 200)), "blank"),
    ],
)
def test_more_refusals(data: bytes, code: str) -> None:
    with pytest.raises(decoding.PictureError) as refusal:
        images.prepare(data)
    assert refusal.value.code == code


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"]), st.data())
def test_damaged_files_raise_nothing_else(kind: str, data: st.DataObject) -> None:
    content = bytearray(file(paper(60, 6), kind))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        digit = images.prepare(bytes(content)).digit
    except decoding.PictureError:
        return
    assert digit.shape == (28, 28)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_any_pixels_give_a_digit_or_a_refusal(height: int, width: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    try:
        digit = images.prepare_pixels(pixels).digit
    except decoding.PictureError:
        return
    assert digit.max() == 255


@pytest.mark.parametrize("sample", strokes.SAMPLES, ids=lambda sample: sample.name)
def test_the_shipped_networks_read_the_samples(sample: strokes.Sample) -> None:
    """End to end: a drawn picture, its file, the preparation, the models."""
    reader = Reader(digit_models.load())
    digit = images.prepare(file(Image.fromarray(255 - strokes.draw(sample.strokes, 280, 18)))).digit
    assert reader.read(digit, ["cnn_deep"])["cnn_deep"].label == sample.label
    familiarity = reader.familiarity(digit)
    assert familiarity is not None and familiarity.familiar
