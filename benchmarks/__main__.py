"""All comparisons on one machine: `python -m benchmarks [--quick] [SUBJECT ...]`, with benchmarks/requirements.txt.

Prints a table for each subject and, where all are asked for, writes benchmarks/RESULTS.md, with the times by size as a
picture beside it.
"""

import os

# One thread each: these are read when NumPy's and PyTorch's libraries are loaded.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}

import argparse
import sys
import traceback
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from time import perf_counter

from benchmarks import curves
from benchmarks.comparisons import QUICK, SUBJECTS, Setting
from benchmarks.tables import Table, machine, markdown, verdicts
from glassbox import heap

RESULTS = Path(__file__).parent / "RESULTS.md"
PICTURE = RESULTS.with_name("cost_against_size.svg")
FAILED = "Could not be measured: "
HEAD = """# Results

Written by `python -m benchmarks`. Calls of all runtimes by turns, each on one thread; a time is the median of its
calls, in processor time, which a busy machine stretches less than the clock on the wall. A runtime that takes long
makes fewer calls than the others: the tables say how many. What runs a network or a gradient gives the same numbers as
Glassbox, to 1e-5 (in the tables of size to 1e-4), or the run fails; of the steps of training NumPy's do, to 1e-3.
"""


def main() -> int:
    """Measure the subjects asked for, all by default, and return the exit status: 1 if one could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[*SUBJECTS, []], metavar="SUBJECT", help=", ".join(SUBJECTS))
    parser.add_argument("--quick", action="store_true", help="a tenth of the calls, and no torch.compile")
    parser.add_argument("--rounds", type=int, help="rounds in each of which all runtimes are called")
    parser.add_argument("--most", type=float, help="seconds after which a slow runtime takes part in fewer rounds")
    options = parser.parse_args()
    heap.keep_freed()  # as `glassbox predict` does; it helps all that are compared
    given = {name: value for name in ("rounds", "most") if (value := getattr(options, name)) is not None}
    setting, found = replace(QUICK if options.quick else Setting(), **given), list[Table]()
    for name in options.subjects or SUBJECTS:
        tables = measured(name, setting)
        found += tables
        if not options.subjects:
            RESULTS.write_text(report(found, setting))
            if any(table.curves for table in tables):
                curves.draw(tables, PICTURE)
    print(markdown(verdicts(found)))
    return int(any(table.title.startswith(FAILED) for table in found))


def measured(subject: str, setting: Setting) -> list[Table]:
    """Return the tables of a subject, each printed as soon as it is there; one that fails says why."""
    start, found = perf_counter(), list[Table]()
    try:
        for table in import_module(f"benchmarks.comparisons.{subject}").tables(setting):
            print(markdown(table), end="\n\n", flush=True)
            found.append(table)
    except Exception as error:
        traceback.print_exc()
        found.append(Table(f"{FAILED}{subject}", ("", "why"), [[subject, " ".join(f"{error}".split())]]))
    print(f"({subject}: {perf_counter() - start:.0f} s)\n", file=sys.stderr, flush=True)
    return found


def report(found: list[Table], setting: Setting) -> str:
    """Return all tables with the machine that they were measured on."""
    how = f"- Rounds: {setting.rounds}; fewer of what would take more than {setting.most:g} s of them"
    lines = "\n".join([*machine(), how + ("" if setting.compiled else "; without torch.compile")])
    parts = [HEAD, lines, *map(markdown, [verdicts(found), *found])]
    if any(table.curves for table in found):
        parts.append(f"![Time of a run by batch, width and depth]({PICTURE.name})")
    return "\n\n".join(part.strip() for part in parts).replace("\n### ", "\n## ") + "\n"


if __name__ == "__main__":
    sys.exit(main())
