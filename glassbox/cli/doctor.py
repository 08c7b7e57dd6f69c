"""`glassbox doctor`: the versions, providers, models and memory of this machine, and what is missing for what."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from glassbox.cli.cloud import PORT
from glassbox.cli.installation import Report, inspect

_MISSING = {
    "needed": "Missing",
    "app": "Missing for the dashboard",
    "cloud": "In the way on Streamlit Community Cloud",
    "cuda": "Missing for CUDA",
    "browser_tests": "Missing for the browser tests",
}


def add(commands: Any) -> None:
    """Declare `doctor` among argparse's subparsers `commands`."""
    parser = commands.add_parser(
        "doctor",
        help="check this installation",
        description="Print the versions of Python and the packages, what the networks can run on, whether each model "
        "is the file that its card describes, the memory, and what is missing for the dashboard, CUDA and the tests. "
        "In a checkout also what is in the way of Streamlit Community Cloud.",
        epilog="Exit status: 0 if nothing that predict and classify need is missing, 1 if something is.",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the report and return the exit status."""
    report = inspect()
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a path may hold any letter
    print(json.dumps({"ok": report.ok} | asdict(report), indent=1) if options.json else "\n".join(_lines(report)))
    return 0 if report.ok else 1


def _lines(report: Report) -> list[str]:
    """The report as text for people."""
    lines = [f"Glassbox {report.glassbox} in {report.folder}", f"Python {report.python} on {report.platform}", ""]
    width = max(len(name) for name in report.packages)
    for name, package in report.packages.items():
        used = f"for {package.extra}, " if package.extra else ""
        lines.append(f"{name:<{width}}  {package.version or '-':<12}  {used}wanted {package.wanted}")
    lines += ["", *(f"{name}: {state}" for name, state in report.providers.items())]
    matching = sum(problem is None for problem in report.models.values())
    lines.append(f"models: {matching} of {len(report.models)} match their cards")
    if report.memory:
        lines.append("memory: " + ", ".join(f"{size / 1e9:.1f} GB {kind}" for kind, size in report.memory.items()))
    taken = "taken, by a dashboard that runs or by another program: the next free one is used"
    lines.append(f"port {PORT}: {taken if report.listening else 'free'}")
    lines += _sandbox_lines(report.sandbox)
    for purpose, title in _MISSING.items():
        if report.missing[purpose]:
            lines += ["", f"{title}:", *(f"- {item}" for item in report.missing[purpose])]
    return [*lines, "", "Nothing that is needed is missing." if report.ok else "Something that is needed is missing."]


def _sandbox_lines(sandbox: Mapping[str, bool]) -> Iterator[str]:
    """What holds a model from a stranger here, and what this system can't."""
    if not sandbox:
        yield "models from strangers: none is run, as no process can be started for them"
    for held, words in ((True, "held by"), (False, "not held by")):
        names = [name.replace("_", " ") for name, holds in sandbox.items() if holds is held]
        if names:
            yield f"models from strangers: {words} {', '.join(names)}"
