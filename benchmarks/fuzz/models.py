"""Randomly corrupted copies of real ONNX files, each read and run in the sandbox.

Without files: the shipped models of less than half a megabyte. Read the counts for what was reached: a copy that is no
ONNX model says little.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from time import monotonic

from glassbox.engine.isolation import Limits, Sandbox
from glassbox.input_error import InputError
from glassbox.inspection.requests import Read, Request, Run
from glassbox.paths import MODELS
from tests.hostile.model_files.corrupting import corrupted
from tests.memory import resident

GRACE, MEGABYTES = 2.0, 50
SMALL = 500_000
TOLD = 500
"""Copies after which it is said how far it is."""


def fuzz(count: int, seed: int, files: Sequence[Path], seconds: int) -> int:
    """Print what became of `count` copies and return the exit status."""
    files = files or [file for file in sorted(MODELS.glob("*/1/*.onnx")) if file.stat().st_size < SMALL]
    most = max(Limits.model_bytes, *(2 * one.stat().st_size for one in files))
    limits = Limits(seconds=seconds, model_bytes=most)
    before, slowest, outcomes = resident(os.getpid()), 0.0, Counter[str]()
    with Sandbox(limits) as sandbox:
        sandbox.protections()
        for place, data in enumerate(islice(_copies(files, count, seed), count)):
            for name, request in (("read", Read()), ("run", Run())):
                start = monotonic()
                outcomes[f"{name}: {_outcome(sandbox, name, data, request)}"] += 1
                slowest = max(slowest, monotonic() - start)
            if not place % TOLD:
                print(f"{place} copies, the slowest call {slowest:.1f} s", file=sys.stderr, flush=True)
    grown = (resident(os.getpid()) - before) / 1e6
    for outcome, times in outcomes.most_common():
        print(f"{times:6}  {outcome}")
    print(f"{count} copies of {len(files)} files; the slowest call {slowest:.1f} s of {seconds}; {grown:+.0f} MB here")
    return int(slowest > limits.seconds + GRACE or grown > MEGABYTES)


def _copies(files: Sequence[Path], copies: int, seed: int) -> Iterator[bytes]:
    """Return corrupted copies of each file in turn."""
    sources = [corrupted(file.read_bytes(), copies, 1000 * seed + place) for place, file in enumerate(files)]
    return (next(source) for source in cycle(sources))


def _outcome(sandbox: Sandbox, name: str, data: bytes, request: Request) -> str:
    try:
        sandbox.call("fuzz", name, [data], request)
    except InputError as error:
        return error.code
    return "answered"
