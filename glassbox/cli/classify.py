"""`python -m glassbox classify FILE.csv --model text_zh`: what a network makes of a column of texts."""

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from glassbox.cli import providers
from glassbox.cli.progress import Progress, printable
from glassbox.zoo import text_models

if TYPE_CHECKING:
    from glassbox.input_error import Reason
    from glassbox.text.reader import TextVerdict


def add(commands: Any) -> None:
    """Declare `classify` among argparse's subparsers `commands`."""
    families = text_models.families()
    single = [name for names in families.values() for name in names if name not in families]
    parser = commands.add_parser(
        "classify",
        help="read a column of texts in a CSV file",
        description="Read each text in a column of a CSV file (UTF-8, UTF-16 or GB18030) and print the file as CSV in "
        "UTF-8 with the verdict, its confidence, all probabilities and whether the text is like those that the network "
        "learned from (familiar) in each row, or why the text can't be read.",
        epilog="Exit status: 0 if each text was read, 1 if not, 2 for a wrong argument.",
    )
    parser.add_argument("path", metavar="FILE", help="a CSV file with a heading")
    parser.add_argument(
        "--model",
        required=True,
        choices=(*families, *single),
        metavar="NAME",
        help=f"{', '.join(families)}, each the best of its networks, or one of {', '.join(single)}",
    )
    parser.add_argument("--column", help="the heading of the texts; default: the only column, or the one named text")
    providers.add(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print `options.path` with a verdict in each row; gives the exit status."""
    from glassbox.csv_file import CsvError
    from glassbox.engine.engine_error import EngineError
    from glassbox.input_error import Reason
    from glassbox.text import csv_table
    from glassbox.text.reader import TextReader

    try:
        with open(options.path, "rb") as file:
            table = csv_table.read(file.read(csv_table.MAX_BYTES + 1), options.column)
    except CsvError as error:
        return _failed(options.path, str(error))
    except IsADirectoryError:
        return _failed(options.path, "This is a folder; name the file in it instead.")
    except OSError as error:
        return _failed(options.path, f"The file can't be read: {error.strerror}.")

    reader = TextReader(text_models.load(), options.provider, providers.engine())
    providers.say_if_replaced(reader.provider)
    names = reader.zoo.family(options.model)
    if not names:
        return _failed(options.model, "no such network can be used")
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # whatever the terminal's is
    card = reader.zoo.cards[names[0]]
    failures = strange = 0
    with Progress(len(table.rows), sys.stderr) as progress:

        def watched() -> "Iterator[TextVerdict | Reason]":
            nonlocal failures, strange
            for done, verdict in enumerate(reader.verdicts(names[0], table.texts)):
                if done % 50 == 0:
                    progress.show(done, names[0])
                if isinstance(verdict, Reason):
                    failures += 1
                elif verdict.familiarity:
                    strange += not verdict.familiarity.familiar
                yield verdict

        checked = card.task in reader.zoo.familiarity
        try:
            for line in csv_table.with_verdicts(table, card.labels, watched(), checked=checked):
                if sys.stdout.isatty():
                    progress.clear()
                print(line)
        except EngineError as error:
            return _failed(names[0], str(error))
    if failures:
        print(f"{failures} of {len(table.rows)} texts could not be read: see the last column", file=sys.stderr)
    if strange:
        print(
            f"{strange} of {len(table.rows)} texts are unlike what {names[0]} learned from: familiar is false",
            file=sys.stderr,
        )
    providers.say_if_answered_instead(reader.engine)
    return int(failures > 0)


def _failed(what: str, why: str) -> int:
    print(f"{printable(what)}: {printable(why)}", file=sys.stderr)
    return 1
