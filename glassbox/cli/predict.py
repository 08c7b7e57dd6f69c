"""`python -m glassbox predict PATH…`: what the networks make of picture files.

A picture of one digit gives one answer. Where there are several, that answer is on the one with the most ink, and the
answers on all of them follow it in reading order.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from glassbox.cli import providers
from glassbox.cli.progress import Progress, printable
from glassbox.zoo import digit_models

if TYPE_CHECKING:
    from glassbox.digits.images import PreparedDigit
    from glassbox.digits.reader import Reader, Verdict

_COLUMN = len("7 100.0 %")


@dataclass(frozen=True)
class _Reading:
    """The verdicts on a picture's digit; where it has several, `digits` are those on each of them, in reading order."""

    verdicts: "Mapping[str, Verdict]"
    picture: "PreparedDigit"
    digits: "Sequence[Mapping[str, Verdict]]"


def add(commands: Any) -> None:
    """Declare `predict` among argparse's subparsers `commands`."""
    parser = commands.add_parser(
        "predict",
        help="read the digits on each of some pictures",
        description="Read the digits on each picture: PNG, JPEG, WEBP, BMP, GIF or TIFF, of any size up to 10 MB. Of "
        "several, the one with the most ink comes first, then all of them in reading order.",
        epilog="Exit status: 0 if each picture was read by each model asked for, 1 if not, 2 for a wrong argument.",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a picture's file")
    parser.add_argument(
        "--models",
        type=_models,
        default=digit_models.article(),
        help=f"the networks to ask, between commas: any of {','.join(digit_models.names())}; "
        f"default: {','.join(digit_models.article())}",
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON a file, with all probabilities")
    providers.add(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read each of `options.paths`, print a line for each as soon as it is known; gives the exit status."""
    from glassbox.digits.reader import Reader

    reader = Reader(digit_models.load(), options.provider)
    providers.say_if_replaced(reader.provider)
    models = [name for name in options.models if name in reader.zoo.cards]
    if not models:
        print(f"none of {', '.join(options.models)} can be used", file=sys.stderr)
        return 1

    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # it may lack a file name's letters
    width = min(max(map(len, [*options.paths, "picture"])), 60)
    line = _json_line if options.json else partial(_table_line, width)
    if not options.json:
        print(f"{'picture':<{width}}  {'  '.join(name.ljust(_COLUMN) for name in models)}".rstrip())
    failed = len(models) < len(options.models)  # zoo.load has said which are refused, and why
    with Progress(len(options.paths), sys.stderr) as progress:
        for done, path in enumerate(options.paths):
            progress.show(done, path)
            reading = _read(reader, path, models)
            failed |= isinstance(reading, str)
            progress.clear()
            print(line(path, reading), flush=True)
    return int(failed)


def _read(reader: "Reader", path: str, models: Sequence[str]) -> _Reading | str:
    """The verdicts on one file, or the sentence that says why there are none."""
    from glassbox.digits import decoding, images

    try:
        with open(path, "rb") as file:
            data = file.read(decoding.MAX_BYTES + 1)  # enough to see that it is too large, whatever its size
        prepared = images.prepare(data)
        several = prepared.found if len(prepared.found) > 1 else ()
        verdicts = reader.read(prepared.digit, models)
        return _Reading(verdicts, prepared, [reader.read(one.digit, models) for one in several])
    except decoding.PictureError as error:
        return str(error)
    except IsADirectoryError:
        return "This is a folder; name the pictures in it instead."
    except OSError as error:
        return f"The file can't be read: {error.strerror}."


def _json_line(path: str, reading: _Reading | str) -> str:
    if isinstance(reading, str):
        return json.dumps({"path": path, "ok": False, "error": reading})
    from glassbox.digits import answers

    answer = answers.told(reading.picture, reading.verdicts, reading.digits)
    return json.dumps({"path": path, "ok": True, **msgspec.to_builtins(answer)})


def _table_line(width: int, path: str, reading: _Reading | str) -> str:
    """One row of the table for people, its first column `width` wide; and one for each of several digits."""
    path = printable(path)
    if isinstance(reading, str):
        return f"{path:<{width}}  {reading}"
    rows = [(path, reading.verdicts)]
    rows += [(f"  {number} of {len(reading.digits)}", each) for number, each in enumerate(reading.digits, 1)]
    return "\n".join(f"{name:<{width}}  {_cells(verdicts)}".rstrip() for name, verdicts in rows)


def _cells(verdicts: "Mapping[str, Verdict]") -> str:
    return "  ".join(f"{v.label} {100 * v.confidence:5.1f} %".ljust(_COLUMN) for v in verdicts.values())


def _models(text: str) -> tuple[str, ...]:
    """'cnn,mlp' -> ("cnn", "mlp")."""
    names, known = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip())), digit_models.names()
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        problem = f"no model is named {', '.join(map(repr, unknown))}" if unknown else "no model is named"
        raise argparse.ArgumentTypeError(f"{problem}; there are {', '.join(known)}")
    return names
