"""A thousand randomly corrupted copies of real ONNX files through the sandbox: what each gives, and how long it takes.

    python -m benchmarks.fuzz_models [--copies 1000] [--seconds 12] [FILE.onnx ...]

Without files: the shipped models of less than half a megabyte. Each copy is read and run. Exit status 1 if a call takes
longer than its limit and two seconds, this process grows by more than 50 MB, or anything but an answer or an InputError
comes back. Read the counts for what was reached: a copy that is no ONNX model says little.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

from glassbox.engine.isolation import Limits, Sandbox
from glassbox.input_error import InputError
from glassbox.inspection.requests import Read, Request, Run
from glassbox.paths import MODELS
from tests.hostile.model_files.corrupting import corrupted
from tests.memory import resident

GRACE, MEGABYTES = 2.0, 50
SMALL = 500_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the counts and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz_models", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--copies", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=Limits.seconds)
    options = parser.parse_args(arguments)
    files = options.files or [file for file in sorted(MODELS.glob("*/1/*.onnx")) if file.stat().st_size < SMALL]
    limits = Limits(
        seconds=options.seconds, model_bytes=max(Limits.model_bytes, *(2 * one.stat().st_size for one in files))
    )
    before, slowest, outcomes = resident(os.getpid()), 0.0, Counter[str]()
    with Sandbox(limits) as sandbox:
        sandbox.protections()
        for data in islice(_copies(files, options.copies), options.copies):
            for name, request in (("read", Read()), ("run", Run())):
                start = perf_counter()
                outcomes[f"{name}: {_outcome(sandbox, name, data, request)}"] += 1
                slowest = max(slowest, perf_counter() - start)
    grown = (resident(os.getpid()) - before) / 1e6
    for outcome, count in outcomes.most_common():
        print(f"{count:6}  {outcome}")
    print(f"{options.copies} copies of {len(files)} files; the slowest call {slowest:.1f} s; {grown:+.0f} MB here")
    return int(slowest > limits.seconds + GRACE or grown > MEGABYTES)


def _copies(files: Sequence[Path], copies: int) -> Iterator[bytes]:
    """Return corrupted copies of each file in turn."""
    sources = [corrupted(file.read_bytes(), copies, seed) for seed, file in enumerate(files)]
    return (next(source) for source in cycle(sources))


def _outcome(sandbox: Sandbox, name: str, data: bytes, request: Request) -> str:
    try:
        sandbox.call("fuzz", name, [data], request)
    except InputError as error:
        return error.code
    return "answered"


if __name__ == "__main__":
    sys.exit(main())
