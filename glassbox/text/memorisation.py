"""What of a text stands word for word in the text that a network learned from, found by the hashes of its n-grams.

Marone and Van Durme, "Data Portraits: Recording Foundation Model Training Data", 2023,
https://arxiv.org/abs/2303.03919, who keep the hashes in a Bloom filter. Sorted, and kept as their differences, they
take less: about bits + 2 bits an n-gram for a false positive rate of 2 ** -bits.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassbox.text import tokens

_DIGEST = 8  # bytes of a hash


class Run(NamedTuple):
    """The characters of a text from `start` up to `stop`."""

    start: int
    stop: int


@dataclass(frozen=True)
class NgramIndex:
    """All n-grams of `length` characters of some sentences, as `hashes` (n,), ascending, each below `space`: uint32
    where that holds them, else uint64.

    One that stands in the sentences is always found; any other with a probability of `false_positive_rate`. No
    sentence can be read off the hashes, but they are no secret either: who has eleven characters of one can try every
    twelfth.
    """

    length: int
    space: int
    hashes: NDArray[np.unsignedinteger]

    @property
    def false_positive_rate(self) -> float:
        """The probability that an n-gram which does not stand in the sentences is found nevertheless."""
        return len(self.hashes) / self.space

    def found(self, characters: Sequence[str]) -> NDArray[np.bool_]:
        """Return for each n-gram of `characters`, by where it begins, whether it stands in the sentences."""
        sought = _within(_hashes(characters, self.length), self.space)
        places = np.searchsorted(self.hashes, sought)
        there: NDArray[np.bool_] = self.hashes[np.minimum(places, len(self.hashes) - 1)] == sought
        return there

    def runs(self, characters: Sequence[str], least: int = 0) -> tuple[Run, ...]:
        """Return the longest runs of `characters`, `least` or more, of which each character lies in an n-gram that
        stands in the sentences.

        So every run of `length` characters or more that stands there is returned, or is part of what is; but a run may
        be made up of several such that overlap or touch and that stand in different places. `characters` are cut and
        spelled as `characters_of` does; one that stands for the end of a sentence is in no run. With `least` above
        `length` several n-grams in a row have to be found, which by chance are much rarer than one.
        """
        within = np.zeros(len(characters) + 2, np.int8)  # an end on either side
        for start in np.flatnonzero(self.found(characters)):
            within[start + 1 : start + 1 + self.length] = 1
        edges = np.diff(within)
        found = zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True)
        return tuple(Run(start, stop) for start, stop in found if stop - start >= least)

    def to_bytes(self) -> bytes:
        """Return the file that `from_bytes` reads: an .npz of the gaps between the hashes, byte by byte."""
        gaps = np.diff(self.hashes.astype("<u8"), prepend=np.uint64(0))
        # All first bytes, then all second ones: the last are nearly all alike, and compress to nearly nothing.
        planes = np.ascontiguousarray(gaps.view(np.uint8).reshape(-1, _DIGEST).T)
        file = io.BytesIO()
        np.savez_compressed(file, length=self.length, space=self.space, gaps=planes)
        return file.getvalue()


def from_bytes(file: bytes) -> NgramIndex:
    """Return the index in a file that `NgramIndex.to_bytes` made; a damaged one raises some exception or other."""
    with np.load(io.BytesIO(file), allow_pickle=False) as held:
        gaps = np.ascontiguousarray(held["gaps"].T).view("<u8").ravel()
        space = int(held["space"])
        return NgramIndex(int(held["length"]), space, np.cumsum(gaps, dtype=_kind(space)))


def index(sentences: Iterable[str], length: int, bits: int) -> NgramIndex:
    """Return the index of all n-grams of `length` characters within `sentences`, none across two of them.

    Its false positive rate is 2 ** -bits. Raises ValueError if no sentence has `length` characters.
    """
    hashes = np.unique(np.concatenate([_hashes(characters_of(sentence), length) for sentence in sentences]))
    if not len(hashes):
        raise ValueError(f"no sentence has {length} characters")
    space = len(hashes) << bits
    return NgramIndex(length, space, np.unique(_within(hashes, space)))


def characters_of(text: str) -> list[str]:
    """Return the characters of a sentence as a network that writes learns them: normalised, in lower case."""
    return tokens.tokens(tokens.normalise(text), "character")


def share(runs: Iterable[Run], count: int) -> float:
    """Return the share of a text of `count` characters that lies in its `runs`; 0 of none."""
    return sum(stop - start for start, stop in runs) / max(count, 1)


def _within(hashes: NDArray[np.uint64], space: int) -> NDArray[np.unsignedinteger]:
    """Return the hashes modulo `space`."""
    return (hashes % np.uint64(space)).astype(_kind(space))


def _kind(space: int) -> type[np.uint32 | np.uint64]:
    return np.uint32 if space <= 1 << 32 else np.uint64


def _hashes(characters: Sequence[str], length: int) -> NDArray[np.uint64]:
    """Return the hash of each n-gram: the first 8 bytes of BLAKE2b of its UTF-8, little-endian, on every machine.

    RFC 7693, https://www.rfc-editor.org/rfc/rfc7693
    """
    digests = (blake2b(ngram.encode(), digest_size=_DIGEST).digest() for ngram in _ngrams(characters, length))
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def _ngrams(characters: Sequence[str], length: int) -> Iterator[str]:
    for start in range(len(characters) - length + 1):
        yield "".join(characters[start : start + length])
