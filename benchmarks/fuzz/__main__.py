"""Thousands of faulty pictures, models or links, and what became of each.

    python -m benchmarks.fuzz pictures [--count 40000] [--seed 0]
    python -m benchmarks.fuzz models [--count 20000] [--seconds 12] [FILE.onnx ...]
    python -m benchmarks.fuzz links [--count 10000] [--seed 0]

Exit status 1 if a process died, or anything but an answer or a refusal in words came back; of models also if a call
took longer than its limit and two seconds, or this process grew by more than 50 MB.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.fuzz import links, models, pictures
from glassbox.engine.isolation import Limits


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the counts and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("kind", choices=("pictures", "models", "links"))
    parser.add_argument("files", nargs="*", type=Path, help="real models to corrupt")
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=int, default=Limits.seconds, help="that a call about a model may take")
    options = parser.parse_args(arguments)
    match options.kind:
        case "pictures":
            return pictures.fuzz(options.count or 40_000, options.seed)
        case "models":
            return models.fuzz(options.count or 20_000, options.seed, options.files, options.seconds)
        case _:
            return links.fuzz(options.count or 10_000, options.seed)


if __name__ == "__main__":
    sys.exit(main())
