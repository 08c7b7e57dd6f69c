"""All comparisons on one machine: `python -m benchmarks [--quick] [SUBJECT ...]`, with benchmarks/requirements.txt.

Prints a table for each subject and, if all subjects are measured thoroughly, writes benchmarks/RESULTS.md.
"""

import os

# One thread each: these are read when NumPy's and PyTorch's libraries are loaded.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}

import argparse
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter

from benchmarks.comparisons import QUICK, SUBJECTS, Setting
from benchmarks.tables import Table, machine, markdown, verdicts

RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = """# Results

Written by `python -m benchmarks`. Calls of all runtimes by turns, each on one thread; a time is the median of its
calls, in processor time, which a busy machine stretches less than the clock on the wall. A runtime that takes long
makes fewer calls than the others: the tables say how many. All give the same numbers as Glassbox to 1e-5, or the run
fails.
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[*SUBJECTS, []], metavar="SUBJECT", help=", ".join(SUBJECTS))
    parser.add_argument("--quick", action="store_true", help="a tenth of the calls, and no torch.compile")
    options = parser.parse_args()
    setting, found = QUICK if options.quick else Setting(), []
    for name in options.subjects or SUBJECTS:
        found += measured(name, setting)
    print(markdown(verdicts(found)))
    if not options.subjects and not options.quick:
        RESULTS.write_text(report(found))


def measured(subject: str, setting: Setting) -> list[Table]:
    """Return the tables of a subject, each printed as soon as it is there."""
    start, found = perf_counter(), []
    for table in import_module(f"benchmarks.comparisons.{subject}").tables(setting):
        print(markdown(table), end="\n\n", flush=True)
        found.append(table)
    print(f"({subject}: {perf_counter() - start:.0f} s)\n", file=sys.stderr, flush=True)
    return found


def report(found: list[Table]) -> str:
    """Return all tables with the machine that they were measured on."""
    parts = [HEAD, "\n".join(machine()), *map(markdown, [verdicts(found), *found])]
    return "\n\n".join(part.strip() for part in parts).replace("\n### ", "\n## ") + "\n"


if __name__ == "__main__":
    main()
