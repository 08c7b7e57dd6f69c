"""`glassbox inspect MODEL.onnx`: what an ONNX file holds, what every tensor holds in a run, and how two files differ.

The file is parsed and run in the sandbox, whoever it comes from; this process only reads its bytes.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from glassbox.cli.progress import printable
from glassbox.input_error import InputError

Inputs = tuple[dict[str, Any], dict[str, Any], int]
"""Of a request: its inputs, the arrays that go with it, and its seed."""
_SESSION = "inspect"
_PICTURE = "picture"
MOST_ROWS = 200
"""Rows of a table for people; --json has all."""


def add(commands: Any) -> None:
    """Declare `inspect` among argparse's subparsers `commands`."""
    parser = commands.add_parser(
        "inspect",
        help="look inside an ONNX file",
        description="Print what an ONNX file holds. With inputs, run it and print what every tensor holds; with "
        "another file, print where the two first differ. Files are parsed and run in a process of their own, with "
        "limits on its memory and time.",
        epilog="Exit status: 0 if all that was asked was answered, 1 if something was refused, 2 for a wrong argument.",
    )
    parser.add_argument("model", metavar="MODEL.onnx", help="the model's file")
    inputs = parser.add_mutually_exclusive_group()
    inputs.add_argument("--run", metavar="INPUTS.npz", dest="arrays", help="run it on the arrays of an .npz or .npy")
    inputs.add_argument("--picture", metavar="PICTURE", help="run it on a picture, scaled to the input")
    inputs.add_argument("--random", metavar="SEED", type=_seed, help="run it on random numbers")
    parser.add_argument("--compare", metavar="OTHER.onnx", help="compare it with another file on the same inputs")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what is asked for and return the exit status."""
    found: dict[str, Any] = {"path": options.model}
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a name may hold any letter
    try:
        for name, facts in _answers(options):
            found[name] = facts
            if not options.json:
                print("\n".join(map(printable, _LINES[name](facts))))
    except InputError as error:
        found["error"] = {"code": error.code, "sentence": str(error), **error.details}
        if not options.json:
            print(printable(f"{options.model}: {error}"), file=sys.stderr)
    except OSError as error:
        if error.filename is None:  # it is what is printed that finds no room
            raise
        found["error"] = {"code": "unreadable", "sentence": f"{error.filename} can't be read: {error.strerror}"}
        if not options.json:
            print(printable(found["error"]["sentence"]), file=sys.stderr)
    if options.json:
        print(json.dumps(found))
    return int("error" in found)


def _answers(options: argparse.Namespace) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the facts of each answer with the name of its command. Raises InputError and OSError."""
    from glassbox.engine.isolation import Limits, Sandbox
    from glassbox.inspection.requests import Compare, Read, Run

    limits = Limits.of_environment()
    model = _bytes(options.model, limits.model_bytes)
    with Sandbox(limits) as sandbox:
        read = sandbox.call(_SESSION, "read", [model], Read()).facts
        yield "read", read
        asked = [options.arrays, options.picture, options.random]
        inputs, arrays, seed = _inputs(options, read)
        if any(one is not None for one in asked):
            yield "run", sandbox.call(_SESSION, "run", [model], Run(inputs=inputs, seed=seed), arrays).facts
        if options.compare is not None:
            other = _bytes(options.compare, limits.model_bytes)
            request = Compare(inputs=inputs, seed=seed)
            yield "compare", sandbox.call(_SESSION, "compare", [model, other], request, arrays).facts


def _bytes(path: str, most: int) -> bytes:
    """Return a file, and of a larger one just enough to see that it is too large."""
    with open(path, "rb") as file:
        return file.read(most + 1)


def _inputs(options: argparse.Namespace, read: Mapping[str, Any]) -> Inputs:
    """Return what to feed a model of which `read` tells the inputs. Raises InputError and OSError."""
    from glassbox.inspection import array_files

    if options.picture is not None:
        return _of_picture(options.picture, read)
    if options.arrays is None:
        return {}, {}, options.random or 0
    arrays = array_files.read(_bytes(options.arrays, 2 * array_files.MOST_BYTES))
    names = [one["name"] for one in read["inputs"]]
    if len(arrays) == len(names) == 1:  # whatever it is called
        arrays = dict(zip(names, arrays.values(), strict=True))
    return {}, arrays, 0


def _of_picture(path: str, read: Mapping[str, Any]) -> Inputs:
    from glassbox.digits import decoding
    from glassbox.inspection.pictures import PRESETS
    from glassbox.inspection.requests import Picture

    fits = [one for one in read["inputs"] if one.get("picture")]
    if not fits:
        sentence = "No input of this model looks like a picture; give arrays by --run or numbers by --random."
        raise InputError("no_picture_input", sentence)
    pixels = decoding.decode(_bytes(path, decoding.MAX_BYTES))
    preset = PRESETS[fits[0]["picture"]["preset"]]
    return {fits[0]["name"]: Picture(array=_PICTURE, **preset)}, {_PICTURE: pixels}, 0


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 2**32):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {2**32 - 1}")
    return int(text)


def _read_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    file, totals = facts["file"], facts["totals"]
    opsets = ", ".join(f"{domain} {version}" for domain, version in file["opsets"].items())
    yield f"{file['name'] or 'model'}: {file['bytes']:,} bytes, ONNX IR version {file['ir_version']}, opset {opsets}"
    if file["producer"]:
        yield f"written by {file['producer']}"
    yield f"{_count(totals['parameters'])} parameters, {_count(totals['multiply_adds'])} multiply-adds"
    for kind in ("inputs", "outputs"):
        for one in facts[kind]:
            yield f"{kind[:-1]} {one['name']}: {one.get('type') or '?'} {_shape(one.get('shape'))}"
    yield ""
    yield from _table(
        ("operator", "nodes", "parameters", "multiply-adds"),
        [
            (row["operator"], _count(row["nodes"]), _count(row["parameters"]), _count(row["multiply_adds"]))
            for row in facts["operators"]
        ],
    )
    for finding in facts["findings"]:
        details = ", ".join(_detail(value) for name, value in finding.items() if name not in ("code", "level"))
        yield f"{finding['level']}: {finding['code'].replace('_', ' ')}" + (f" ({details})" if details else "")


def _run_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    plain, tapped = (f"{1000 * facts[name]:.3g} ms" for name in ("seconds", "tapped_seconds"))
    yield f"run in {plain}, with every tensor as an output in {tapped}"
    if facts["first_bad"] is not None:
        yield f"the first tensor with NaN or infinities: {facts['first_bad']}"
    for name, said in facts["read_off"].items():
        yield f"the label with the largest value at each position of {name}: {said}"
    for one in (facts["boxes"] or {"boxes": []})["boxes"]:
        corners = ", ".join(f"{corner:.0f}" for corner in one["corners"])
        yield f"box: {one['label']}, score {one['score']:.3g}, left, top, right, bottom {corners}"
    yield ""
    names = ("least", "largest", "mean", "std")
    rows = [
        (row["tensor"], _shape(row["shape"]), *(_number(row.get(name)) for name in names)) for row in facts["tensors"]
    ]
    yield from _table(("tensor", "shape", *names), rows)


def _compare_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield f"{len(facts['tensors'])} tensors in both files, {len(facts['weights'])} weights that are not the same"
    yield f"the first tensor that differs: {facts['first'] or 'none'}"
    yield ""
    rows = [
        (row["tensor"], row["operator"], _shape(row["shape"]), _number(row["largest"]), _number(row["relative"]))
        for row in facts["tensors"]
    ]
    yield from _table(("tensor", "operator", "shape", "largest difference", "relative"), rows)


_LINES = {"read": _read_lines, "run": _run_lines, "compare": _compare_lines}


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the rows under their heading, numbers to the right, the first MOST_ROWS of them."""
    shown = rows[:MOST_ROWS]
    widths = [min(max(len(row[column]) for row in (heading, *shown)), 60) for column in range(len(heading))]
    for row in (heading, *shown):
        first = row[0].ljust(widths[0])
        yield "  ".join([first, *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]).rstrip()
    if len(rows) > MOST_ROWS:
        yield f"… and {len(rows) - MOST_ROWS} more: see --json"


def _shape(shape: list[int | str] | None) -> str:
    return "?" if shape is None else "×".join(map(str, shape)) or "scalar"


def _count(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _detail(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
