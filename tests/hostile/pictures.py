"""Pictures made to harm, built when a test asks for them: nothing of the kind lies in the repository."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def truncated_png(side: int = 1500) -> bytes:
    """Return a PNG of `side` x `side` blank RGBA pixels whose last third is missing.

    Its few kilobytes have to be decoded, to 4 x `side` x `side` bytes, before it is seen that they are too few.
    """
    rows = zlib.compress(bytes(side * (4 * side + 1)), 1)
    return (
        SIGNATURE
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0))
        + _chunk(b"IDAT", rows)[: len(rows) * 2 // 3]
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file (https://www.w3.org/TR/png-3/#5Chunk-layout)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
