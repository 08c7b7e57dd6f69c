"""`glassbox predict FOLDER --output FILE`: any number of pictures, read by all processors, written row by row."""

import argparse
import itertools
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from time import perf_counter

from glassbox.cli import folders, spread
from glassbox.cli.answers_file import AnswersFile, AnswersFileError, open_answers
from glassbox.cli.progress import Progress, printable
from glassbox.cli.spread import Work
from glassbox.digits.files import Answer
from glassbox.engine.engine_error import EngineError

ENGINES = ("processes", "ray")
_GO_ON = "what is written stays: go on by --resume"


def run(options: argparse.Namespace, models: Sequence[str]) -> int:
    """Write what `models` read in the pictures under `options.paths` to `options.output`; gives the exit status."""
    try:
        total = sum(1 for _ in folders.pictures(options.paths))
        with open_answers(Path(options.output), models, resume=options.resume) as file:
            return _write(options, Work(models, options.provider, options.as_is), file, total)
    except AnswersFileError as error:
        return _failed(str(error))
    except EngineError as error:
        return _failed(f"{error} ({_GO_ON})")
    except BrokenProcessPool:
        return _failed(f"a process that reads pictures ended, for want of memory perhaps ({_GO_ON})")
    except OSError as error:
        return _failed(f"{error.filename or options.output}: {error.strerror} ({_GO_ON})")


def _write(options: argparse.Namespace, work: Work, file: AnswersFile, total: int) -> int:
    paths = _left(options.paths, file)
    start, unread, instead, done = perf_counter(), 0, 0, file.done
    with Progress(total, sys.stderr) as progress:
        for answers in _answers(options, work, paths):
            file.write(answers)
            done += len(answers)
            unread += sum(not answer["ok"] for answer in answers)
            instead += sum(
                any(one.get("instead") for one in answer.get("predictions", {}).values()) for answer in answers
            )
            progress.show(min(done, total), answers[-1]["path"])
    seconds, new = perf_counter() - start, done - file.done
    print(
        f"{new:,} pictures in {seconds:.1f} s, {new / seconds:,.0f} a second"
        + (f", after {file.done:,} that were there already" if file.done else ""),
        file=sys.stderr,
    )
    if unread:
        print(f"{unread:,} of them could not be read: see the column or key error", file=sys.stderr)
    if instead:
        print(f"{instead:,} of them were read by the embedded engine, as the remote one failed", file=sys.stderr)
    return int(unread > 0 or len(work.models) < len(options.models))


def _left(paths: Sequence[str], file: AnswersFile) -> Iterator[str]:
    """Return the pictures under `paths` behind those in `file`. Raises AnswersFileError where these are not the
    first."""
    found = folders.pictures(paths)
    if file.done:
        last = next(itertools.islice(found, file.done - 1, None), "")
        if file.name(last) != file.last:
            raise AnswersFileError(
                f"{file.path} can't be gone on with: where its last picture was, {printable(file.last)}, is now "
                f"{printable(last) or 'none'}. Write to another file."
            )
    return found


def _answers(options: argparse.Namespace, work: Work, paths: Iterator[str]) -> Iterator[list[Answer]]:
    count = options.workers or spread.processors()
    if options.engine == "ray":
        try:
            yield from spread.over_ray(work, paths, count)
        except ImportError as error:
            raise AnswersFileError(
                "--engine ray needs Ray, which is not installed: pip install -r requirements-ray.txt"
            ) from error
    elif count == 1:
        yield from spread.in_this_process(work.reader(), paths)
    else:
        yield from spread.over_processes(work, paths, count)


def _failed(why: str) -> int:
    print(printable(why), file=sys.stderr)
    return 1
