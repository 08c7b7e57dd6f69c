"""Files and texts with random faults, alike each time for the same seed."""

import struct
import zlib
from collections.abc import Sequence

import numpy as np

from tests.hostile.pictures import SIGNATURE

Random = np.random.Generator
EXTREMES = (0, 1, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
CHARACTERS = ("", "\0", "-", ".", "٣", "²", "9" * 400, "é", "\ud800", "\u202e", "𠀀", "%", "&", "=", "+", "'", '"', "<")


def mutated(data: bytes, other: bytes, random: Random) -> bytes:
    """Return `data` with one to four faults, some of them pieces of `other`; in half of all cases a PNG's checksums are
    set right again, so that it is decoded nevertheless."""
    copy = bytearray(data or b"\0")
    for _ in range(int(random.integers(1, 5))):
        _fault(copy, other, random)
    if copy.startswith(SIGNATURE) and random.random() < 0.5:
        _mend_checksums(copy)
    return bytes(copy)


def _fault(copy: bytearray, other: bytes, random: Random) -> None:
    # A quarter of the faults befalls the head, where sizes and kinds stand.
    reach = min(len(copy), 128) if random.random() < 0.25 else len(copy)
    place, length = int(random.integers(max(reach, 1))), int(random.integers(1, 65))
    match int(random.integers(9)):
        case 0 | 1:
            copy[place : place + 1] = random.bytes(1)
        case 2 | 3 if place < len(copy):
            copy[place] ^= 1 << int(random.integers(8))
        case 4:
            number = EXTREMES[int(random.integers(len(EXTREMES)))]
            order = "<>"[int(random.integers(2))]
            copy[place : place + 4] = struct.pack(f"{order}I", number)
        case 5:
            del copy[place : place + length]
        case 6:
            copy[place:place] = copy[place : place + length]
        case 7:
            start = int(random.integers(max(len(other), 1)))
            copy[place : place + length] = other[start : start + length]
        case 8 if random.random() < 0.3:
            del copy[place:]


def _mend_checksums(data: bytearray) -> None:
    """Set the checksums of a PNG's chunks right, as far as there are any."""
    place = len(SIGNATURE)
    while place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        end = place + 8 + length
        if end + 4 > len(data):
            return
        struct.pack_into(">I", data, end, zlib.crc32(data[place + 4 : end]))
        place = end + 4


def mutated_text(text: str, others: Sequence[str], random: Random) -> str:
    """Return `text` with no to four faults, some of them pieces of `others`."""
    for _ in range(int(random.integers(5))):
        place, other = int(random.integers(len(text) + 1)), others[int(random.integers(len(others)))]
        match int(random.integers(6)):
            case 0:
                text = text[:place] + CHARACTERS[int(random.integers(len(CHARACTERS)))] + text[place:]
            case 1:
                text = text[:place] + text[place + 1 :]
            case 2:
                text = text[:place] + other[int(random.integers(len(other) + 1)) :]
            case 3:
                text = text.swapcase()
            case 4:
                text += text[:place]
            case 5:
                text = text[:place] + chr(int(random.integers(1, 0xD7FF))) + text[place + 1 :]
    return text
