"""Faulty pictures, prepared as the dashboard does, in a process whose death is noticed."""

import resource
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context
from time import process_time

import numpy as np

from glassbox.digits import images
from glassbox.digits.decoding import PictureError
from tests.hostile.mutation import mutated
from tests.hostile.pictures import FORMATS, MADE, drawn

BATCH = 250
"""Pictures between two looks at the process."""
SLOW_SECONDS = 2.0
"""Of the processor, that are told of a picture."""
FOREIGN, SLOW = "foreign", "slow"


def fuzz(count: int, seed: int) -> int:
    """Print what became of `count` pictures and return the exit status."""
    outcomes, died, most = Counter[str](), list[range](), 0
    for start in range(0, count, BATCH):
        batch = range(start, min(start + BATCH, count))
        if not start % (40 * BATCH):  # a fresh process now and then, so that the peak is that of few
            pool = ProcessPoolExecutor(1, get_context("spawn"))
        try:
            found, peak = pool.submit(outcomes_of, batch, seed).result()
            outcomes, most = outcomes + found, max(most, peak)
        except BrokenProcessPool:
            died.append(batch)
            pool = ProcessPoolExecutor(1, get_context("spawn"))
    for outcome, times in outcomes.most_common():
        print(f"{times:6}  {outcome}")
    print(f"{count} pictures; {len(died)} deaths {died or ''}; at most {most / 1e6:.0f} MB in the process")
    return int(bool(died) or any(outcome.startswith((FOREIGN, SLOW)) for outcome in outcomes))


def outcomes_of(numbers: range, seed: int) -> tuple[Counter[str], int]:
    """Return how often each outcome came of the pictures `numbers`, and the most bytes of this process so far."""
    warnings.simplefilter("ignore")  # Pillow's, on files that are not quite right
    outcomes = Counter(outcome(picture(number, seed), number) for number in numbers)
    return outcomes, 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def picture(number: int, seed: int) -> bytes:
    """Return the faulty picture `number`, the same for a seed each time."""
    random = np.random.default_rng((seed, number))
    files = sources()
    first, other = (files[int(place)] for place in random.integers(len(files), size=2))
    return mutated(first, other, random)


def outcome(data: bytes, number: int) -> str:
    """Return the code with which a picture is refused, "read", or what should not have been."""
    start = process_time()
    try:
        digit = images.prepare(data).digit
        found = "read" if digit.shape == (28, 28) and digit.dtype == np.uint8 else f"{FOREIGN}: {digit.shape}"
    except PictureError as error:
        found = error.code
    except Exception as error:
        found = f"{FOREIGN}: {type(error).__name__}: {error} (picture {number})"
    seconds = process_time() - start
    return f"{SLOW}: {seconds:.1f} s, {found} (picture {number})" if seconds > SLOW_SECONDS else found


@cache
def sources() -> list[bytes]:
    """Return what faults are put into: pictures that can be read, of each format in several forms, and hostile ones."""
    good = [drawn(kind, side) for kind in FORMATS for side in (30, 90)]
    forms = [
        *(drawn("JPEG", progressive=True), drawn("JPEG", quality=20), drawn("TIFF", compression="tiff_lzw")),
        *(drawn("TIFF", compression=f"tiff_{one}") for one in ("adobe_deflate", "jpeg", "packbits")),
        *(drawn("WEBP", lossless=True), drawn("PNG", compress_level=0)),
    ]
    made = [make() for make, _ in MADE.values()]
    return good + good + forms + forms + [data for data in made if len(data) < 100_000]
