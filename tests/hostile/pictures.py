"""Pictures made to harm, each made at test time: nothing of the kind lies in the repository.

MADE has the maker of each by name, with the code that it is refused with; None: what comes of it is up to the decoder,
as it may well be read; no harm is done all the same.
"""

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image

from glassbox.digits import decoding, strokes

SIGNATURE = b"\x89PNG\r\n\x1a\n"
FORMATS = decoding.FORMATS
Maker = Callable[[], bytes]
MADE: dict[str, tuple[Maker, str | None]] = {}


def hostile(name: str, code: str | None, make: Maker) -> None:
    """Enter a picture among MADE."""
    assert name not in MADE
    MADE[name] = make, code


def drawn(kind: str = "PNG", side: int = 90, **options: object) -> bytes:
    """Return a file of a format that holds a 3 in black on white, which can be read."""
    three = next(sample for sample in strokes.SAMPLES if sample.label == "3")
    paper = np.pad(255 - strokes.draw(three.strokes, side, side / 14), side // 6, constant_values=255)
    return saved(Image.fromarray(paper), kind, **options)


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file (https://www.w3.org/TR/png-3/#5Chunk-layout)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 0, interlaced: int = 0) -> bytes:
    """Return a PNG with the size that it says, whatever its `chunks` hold; without any, too little to decode."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    return SIGNATURE + head + b"".join(chunks or (pixels(b"\0" * 9),)) + chunk(b"IEND", b"")


def pixels(rows: bytes) -> bytes:
    return chunk(b"IDAT", zlib.compress(rows, 1))


def truncated_png(side: int = 1500) -> bytes:
    """Return a PNG of `side` x `side` blank RGBA pixels whose last third is missing.

    Its few kilobytes have to be decoded, to 4 x `side` x `side` bytes, before it is seen that they are too few.
    """
    rows = zlib.compress(bytes(side * (4 * side + 1)), 1)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0))
    return SIGNATURE + head + chunk(b"IDAT", rows)[: len(rows) * 2 // 3]


# Sizes: said in a few bytes, paid for by whoever believes them.
for _width, _height, _code in (
    (20_000, 20_000, "too_many_pixels"),
    (2**31 - 1, 2**31 - 1, "too_many_pixels"),
    (20_000_000, 1, "too_elongated"),
    (1, 9_000, "too_elongated"),
    (10_500, 2_000, "too_many_pixels"),
    (8_000, 5_001, "too_many_pixels"),
    (0, 5, None),
    (2**32 - 1, 2**32 - 1, None),
):
    hostile(f"PNG of {_width} x {_height}", _code, lambda width=_width, height=_height: png(width, height))


def webp(width: int, height: int) -> bytes:
    """Return the head of a lossless WebP (https://developers.google.com/speed/webp/docs/riff_container)."""
    bits = (width - 1) | (height - 1) << 14
    body = b"WEBPVP8L" + struct.pack("<I", 9) + b"\x2f" + struct.pack("<I", bits) + bytes(5)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif(width: int, height: int, frames: int = 1, frame: tuple[int, int, int, int] = (0, 0, 4, 4)) -> bytes:
    """Return a GIF whose frames are four pixels wide, wherever they say that they lie."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    one = b"," + struct.pack("<HHHHB", *frame, 0) + b"\x02\x05\x84\x8f\xa9\xcb\x5d\0"
    return head + one * frames + b";"


def bmp(
    width: int, height: int, bits: int = 24, compression: int = 0, data: bytes = bytes(48), start: int = 54
) -> bytes:
    body = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(data), 0, 0, 0, 0) + data
    return b"BM" + struct.pack("<IHHI", 14 + len(body), 0, 0, start) + body


def tiff(data: bytes = bytes(16), following: int = 0, **tags: int) -> bytes:
    """Return a TIFF of 4 x 4 grey pixels, unless `tags` (T256 and so on) say otherwise."""
    given = {256: 4, 257: 4, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 4, 279: len(data)}
    given |= {int(name[1:]): value for name, value in tags.items()}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value & 0xFFFFFFFF) for tag, value in sorted(given.items()))
    data += b"\0" * (len(data) % 2)
    directory = struct.pack("<H", len(given)) + entries + struct.pack("<I", following)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory


def jpeg(width: int, height: int) -> bytes:
    """Return a JPEG with another size in its frame header than it has pixels for."""
    data = bytearray(drawn("JPEG"))
    place = data.index(b"\xff\xc0") + 5
    data[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(data)


hostile("WebP of 16384 x 16384, 34 bytes", "too_many_pixels", lambda: webp(16384, 16384))
hostile("WebP of 4000 x 4000, 34 bytes", "broken", lambda: webp(4000, 4000))
hostile("GIF of 65535 x 65535", "too_many_pixels", lambda: gif(65535, 65535))
hostile("JPEG of 65500 x 65500", "too_many_pixels", lambda: jpeg(65500, 65500))
hostile("JPEG of 6000 x 6000 with the pixels of 120 x 120", None, lambda: jpeg(6000, 6000))
hostile("JPEG of 0 x 0", None, lambda: jpeg(0, 0))
hostile("BMP of 60000 x 60000", "too_many_pixels", lambda: bmp(60000, 60000))
hostile("BMP of 2**31 - 1 x 1", "too_many_pixels", lambda: bmp(2**31 - 1, 1))
hostile("BMP of -5 x -5", None, lambda: bmp(-5, -5))
hostile("TIFF of 2**32 - 1 x 2**32 - 1", "too_many_pixels", lambda: tiff(T256=-1, T257=-1))
hostile("TIFF of 6000 x 6000 with 16 pixels", "broken", lambda: tiff(T256=6000, T257=6000))

# Broken.
hostile("blank pixels, a third of them missing", "broken", truncated_png)
for _kind in FORMATS:
    hostile(f"{_kind} cut in half", None, lambda kind=_kind: drawn(kind)[: len(drawn(kind)) // 2])
    hostile(f"{_kind} cut after 24 bytes", None, lambda kind=_kind: drawn(kind)[:24])
    hostile(f"{_kind} with half of its bytes 255", None, lambda kind=_kind: drawn(kind)[:60] + b"\xff" * 3000)
hostile("PNG without pixels", "broken", lambda: png(40, 40, chunk(b"tIME", bytes(7))))
hostile("PNG with a wrong checksum", None, lambda: png(40, 40, pixels(bytes(41 * 40))[:-1] + b"\0"))
hostile("PNG with a chunk of 2 GB", "broken", lambda: png(40, 40, b"\x7f\xff\xff\xffIDAT"))
hostile("PNG with 200,000 empty chunks", None, lambda: png(40, 40, chunk(b"IDAT", b"") * 200_000))
hostile("PNG with two sizes", None, lambda: png(4, 4, png(9000, 4000)[8:33], pixels(bytes(20))))
hostile("PNG with a palette that is missing", None, lambda: png(40, 40, pixels(b"\xff" * 1640), colour=3))
hostile(
    "PNG with colours beyond its palette",
    None,
    lambda: png(40, 40, chunk(b"PLTE", b"\1\2\3"), chunk(b"tRNS", bytes(900)), pixels(b"\0\xfe" * 820), colour=3),
)
hostile("PNG with a depth of 7", None, lambda: png(40, 40, depth=7))
hostile("PNG with filters of no kind", None, lambda: png(40, 40, pixels(b"\xee" * 1640)))
hostile("PNG, interlaced, cut short", None, lambda: png(900, 900, pixels(bytes(99)), interlaced=1))
hostile("TIFF with pixels beyond its end", None, lambda: tiff(T273=2**31))
hostile("TIFF with directories in a circle", None, lambda: tiff(following=24))
hostile("TIFF with strips of no rows", None, lambda: tiff(T278=0))
hostile("TIFF with tiles of no size", None, lambda: tiff(T322=0, T323=0, T324=8, T325=16))
hostile("TIFF with 4 billion samples", None, lambda: tiff(T277=-1))
hostile("TIFF with pixels of 3 bits", None, lambda: tiff(T258=3))
hostile("TIFF with a directory of itself", None, lambda: tiff(T330=24))
hostile("BMP with pixels beyond its end", None, lambda: bmp(40, 40, start=2**31 - 1))
hostile("BMP, run-length, that jumps away", None, lambda: bmp(40, 40, 8, 1, b"\0\2\xff\xff" * 500))
hostile("GIF with a frame outside", None, lambda: gif(40, 40, frame=(60000, 60000, 4, 4)))
hostile("GIF with a frame of 65535 x 65535", None, lambda: gif(40, 40, frame=(0, 0, 65535, 65535)))


# Little that becomes much.
def white(width: int, height: int) -> bytes:
    return saved(Image.new("L", (width, height), 255), compress_level=1)


@cache
def packed() -> bytes:
    """Return 100 MB of zeros in 100 kB or so."""
    return zlib.compress(bytes(10**8), 1)


hostile(
    "40 megapixels of white in few bytes", "blank", lambda: saved(Image.new("L", (7900, 5000), 255), compress_level=1)
)
hostile("16 megapixels of 16 bits", "blank", lambda: saved(Image.fromarray(np.full((4000, 4000), 900, np.uint16))))
hostile("a comment of 100 MB, packed", None, lambda: _with(b"zTXt", b"a\0\0" + packed()))
hostile("a colour profile of 100 MB, packed", None, lambda: _with(b"iCCP", b"a\0\0" + packed()))
hostile("a text of 100 MB, packed", None, lambda: _with(b"iTXt", b"a\0\1\0\0\0" + packed()))
hostile("30,000 comments", None, lambda: _with(*(b"tEXt", b"a\0b") * 30_000))
hostile("an animation of 4 billion frames", None, lambda: _with(b"acTL", struct.pack(">II", 2**32 - 1, 0)))
hostile("a GIF of 100,000 frames", None, lambda: gif(40, 40, frames=100_000))
hostile("a TIFF that unpacks to 100 MB", None, lambda: tiff(packed(), T259=8))
hostile("a JPEG of 3,000 passes", "too_slow", lambda: _passes(3_000))
hostile("a JPEG of 33 passes over 36 megapixels", "too_slow", lambda: _passes(33, Image.new("L", (6000, 6000), 255)))
hostile("a BMP of 30 megapixels in 20 kB of run lengths", "too_slow", lambda: _run_lengths(5000, 6000))
hostile("a BMP of 1.2 MB of run lengths", "too_slow", lambda: _run_lengths(4, 300_000))
hostile("10,001 pieces of ink", None, lambda: saved(_dots(101)))
hostile("a page of 1,000 strokes", None, lambda: saved(_dots(32)))
hostile("more than 10 MB", "too_large", lambda: SIGNATURE + bytes(decoding.MAX_BYTES))


def _with(*kinds_and_data: bytes) -> bytes:
    """A PNG that can be read, with more chunks before its pixels."""
    chunks = zip(kinds_and_data[::2], kinds_and_data[1::2], strict=True)
    data = drawn()
    return data[:33] + b"".join(chunk(*one) for one in chunks) + data[33:]


def _passes(count: int, image: Image.Image | None = None) -> bytes:
    """A progressive JPEG whose last pass comes again and again."""
    data = saved(image, "JPEG", progressive=True) if image else drawn("JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + b"\xff\xd9"


def _run_lengths(width: int, rows: int) -> bytes:
    """A BMP of rows that end after a pixel, of four bits: the rest is filled in by whoever decodes it."""
    data = bytes(64) + b"\1\0\0\0" * rows
    return bmp(width, min(rows, 100 * width), bits=4, compression=2, data=data, start=54 + 64)


def _dots(side: int) -> Image.Image:
    paper = np.full((8 * side, 8 * side), 255, np.uint8)
    paper[2::8, 2::8] = paper[3::8, 3::8] = paper[2::8, 3::8] = 0
    return Image.fromarray(paper)


# What decides by a number that is none.
hostile("floats that are none", None, lambda: saved(Image.fromarray(np.full((40, 40), np.nan, np.float32)), "TIFF"))
hostile("floats without an end", None, lambda: saved(Image.fromarray(_floats(np.inf)), "TIFF"))
hostile("floats of 1e38", None, lambda: saved(Image.fromarray(_floats(3e38)), "TIFF"))
hostile("one pixel", "blank", lambda: saved(Image.new("L", (1, 1), 0)))
hostile("paper alone", "blank", lambda: saved(Image.new("RGB", (90, 90), (250, 250, 247))))
hostile("ink on glass alone", "blank", lambda: saved(Image.new("RGBA", (50, 50), (10, 10, 10, 0))))
hostile("noise", "no_ink", lambda: saved(Image.fromarray(_noise())))
for _orientation in (0, 9, 65535):
    hostile(f"upright in way {_orientation}", None, lambda way=_orientation: drawn("JPEG", exif=_turned(way)))
hostile("EXIF that leads back to itself", None, lambda: drawn("JPEG", exif=b"Exif\0\0" + tiff(following=24)))
hostile("EXIF that is none", None, lambda: drawn("JPEG", exif=b"Exif\0\0" + b"\xff" * 9000))


def _floats(value: float) -> np.ndarray:
    values = np.zeros((40, 40), np.float32)
    values[8:30, 18:22], values[0, 0] = value, -value
    return values


def _noise() -> np.ndarray:
    return np.random.default_rng(1).normal(220, 6, (200, 200)).astype(np.uint8)


def _turned(way: int) -> Image.Exif:
    data = Image.Exif()
    data[decoding.ORIENTATION] = way
    return data


# What is no picture, or one in a format that brings its own program.
OTHERS = {
    "nothing": (b"", "empty"),
    "words": (b"just words", "format"),
    "EPS, which a program would run": (
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run showpage\n",
        "format",
    ),
    "SVG that asks elsewhere": (
        b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:9"/>',
        "format",
    ),
    "a web page": (b"<!doctype html><script>fetch('http://127.0.0.1:9')</script>", "format"),
    "PDF": (b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(x)>>>>endobj\n", "format"),
    "PPM of a terapixel": (b"P6 1000000 1000000 255\n", "format"),
    "a program": (b"\x7fELF" + bytes(3000), "format"),
    "an archive": (b"PK\x03\x04" + bytes(3000), "format"),
    "an icon": (b"\0\0\1\0\1\0" + bytes(3000), "format"),
    "a film": (b"\0\0\0\x18ftypavif" + bytes(3000), "format"),
    "Photoshop": (b"8BPS\0\1" + bytes(6) + b"\0\4\0\0\x75\x30\0\0\x75\x30\0\x08\0\3" + bytes(3000), "format"),
    "the beginning of a PNG": (SIGNATURE, None),
}
for _name, (_data, _why) in OTHERS.items():
    hostile(_name, _why, lambda data=_data: data)
hostile("a PNG that is a web page too", None, lambda: drawn() + OTHERS["a web page"][0])
