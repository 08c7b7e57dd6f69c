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

from glassbox.cli import providers
from glassbox.cli.progress import Progress, printable
from glassbox.zoo import digit_models

if TYPE_CHECKING:
    from glassbox.digits.images import PreparedDigit
    from glassbox.digits.reader import Reader, Verdict

ENDINGS = (".csv", ".jsonl", ".parquet")
"""The kinds of files that answers are written to."""
MOST_WORKERS = 1_024
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
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a picture's file; with --output, a folder too")
    parser.add_argument(
        "--models",
        type=_models,
        default=digit_models.article(),
        help=f"the networks to ask, between commas: any of {','.join(digit_models.names())}; "
        f"default: {','.join(digit_models.article())}",
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON a file, with all probabilities")
    parser.add_argument(
        "--as-is", action="store_true", help="take 28 x 28 pictures as they are, white on black, as MNIST's are"
    )
    many = parser.add_argument_group("any number of pictures")
    many.add_argument(
        "--output",
        type=_output,
        metavar="FILE",
        help=f"write a row a picture to a new file, which ends with {' or '.join(ENDINGS)}, instead of printing; "
        "the pictures in folders, and in the folders in these, are read too",
    )
    many.add_argument("--resume", action="store_true", help="go on with --output where an earlier run ended")
    many.add_argument(
        "--engine",
        choices=("processes", "ray"),
        default="processes",
        help="what spreads the work: processes here, or Ray Data (see requirements-ray.txt), on a cluster too",
    )
    many.add_argument("--workers", type=_workers, metavar="N", help="of either; default: one a processor")
    providers.add(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read each of `options.paths`, print a line for each as soon as it is known; gives the exit status."""
    from glassbox import heap
    from glassbox.digits.reader import Reader

    heap.keep_freed()
    if options.output is None and (options.resume or options.workers or options.engine != "processes"):
        print("--resume, --engine and --workers go with --output", file=sys.stderr)
        return 2
    reader = Reader(digit_models.load(names=options.models), options.provider, providers.engine())
    providers.say_if_replaced(reader.provider)
    models = [name for name in options.models if name in reader.zoo.cards]
    if not models:
        print(f"none of {', '.join(options.models)} can be used", file=sys.stderr)
        return 1

    if options.output is not None:
        from glassbox.cli import predict_many

        return predict_many.run(options, models)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # it may lack a file name's letters
    width = min(max(map(len, [*options.paths, "picture"])), 60)
    line = _json_line if options.json else partial(_table_line, width)
    if not options.json:
        print(f"{'picture':<{width}}  {'  '.join(name.ljust(_COLUMN) for name in models)}".rstrip())
    failed = len(models) < len(options.models)  # zoo.load has said which are refused, and why
    with Progress(len(options.paths), sys.stderr) as progress:
        for done, path in enumerate(options.paths):
            progress.show(done, path)
            reading = _read(reader, path, models, as_is=options.as_is)
            failed |= isinstance(reading, str)
            progress.clear()
            print(line(path, reading), flush=True)
    providers.say_if_answered_instead(reader.engine)
    return int(failed)


def _read(reader: "Reader", path: str, models: Sequence[str], *, as_is: bool) -> _Reading | str:
    """The verdicts on one file, or the sentence that says why there are none."""
    from glassbox.digits import answers, files
    from glassbox.engine.engine_error import EngineError

    prepared = files.prepared_file(path, as_is=as_is)
    if isinstance(prepared, str):
        return prepared
    try:
        verdicts = reader.read(prepared.digit, models)
        return _Reading(verdicts, prepared, [reader.read(one.digit, models) for one in answers.several(prepared)])
    except EngineError as error:
        return str(error)


def _json_line(path: str, reading: _Reading | str) -> str:
    from glassbox.digits import answers, files

    if isinstance(reading, str):
        return json.dumps(files.answer(path, reading))
    return json.dumps(files.answer(path, answers.told(reading.picture, reading.verdicts, reading.digits)))


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


def _output(text: str) -> str:
    if not text.endswith(ENDINGS):
        raise argparse.ArgumentTypeError(f"it ends with {', '.join(ENDINGS)}")
    return text


def _workers(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST_WORKERS}")
    return int(text)


def _models(text: str) -> tuple[str, ...]:
    """'cnn,mlp' -> ("cnn", "mlp")."""
    names, known = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip())), digit_models.names()
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        problem = f"no model is named {', '.join(map(repr, unknown))}" if unknown else "no model is named"
        raise argparse.ArgumentTypeError(f"{problem}; there are {', '.join(known)}")
    return names
