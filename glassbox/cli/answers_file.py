"""Files that answers on many pictures are written to, row by row, and gone on with after an interruption.

CSV and JSON Lines are written as they come; what is only part of a row at the end of such a file, since its writer was
killed, is cut off. Parquet, which can't be read before its last byte is written, is a folder of parts, each whole.
"""

import abc
import csv
import importlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from glassbox import csv_file
from glassbox.digits.files import Answer

PART = 4_096
"""Rows of a part of a Parquet file, and the most that are in memory."""


class AnswersFileError(Exception):
    """A file that can't be written, or not gone on with; its sentence says why."""


class AnswersFile(abc.ABC):
    """A file of one row a picture. `done`: the rows that are there, `last`: the path in the last of them as it is
    written, "" where there is none."""

    def __init__(self, path: Path, models: Sequence[str]) -> None:
        self.path, self.models = path, models
        self.done, self.last = 0, ""

    @abc.abstractmethod
    def write(self, answers: Sequence[Answer]) -> None:
        """Write a row for each answer."""

    @abc.abstractmethod
    def close(self) -> None:
        """Write what is left, and close the file."""

    def name(self, path: str) -> str:
        """Return `path` as it is written in this kind of file."""
        return path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _other(self, what: str) -> AnswersFileError:
        return AnswersFileError(f"{self.path} can't be gone on with: {what}. Write to another file.")


class _Lines(AnswersFile):
    """A file of lines, one a row or, of CSV, more where a path has line ends."""

    def __init__(self, path: Path, models: Sequence[str], *, resume: bool) -> None:
        super().__init__(path, models)
        self._file: BinaryIO = open(path, "r+b" if resume else "xb")  # noqa: SIM115 (closed by `close`)
        if resume:
            end = 0
            for row in self._rows():
                end += len(row)
                self._check(row)
            self._file.truncate(end)
            self._file.seek(end)
        if not self.done:
            self._begin()

    def close(self) -> None:
        self._file.close()

    def _write(self, text: str) -> None:
        self._file.write(text.encode("utf-8", "backslashreplace"))
        self._file.flush()

    def _rows(self) -> Iterator[bytes]:
        """Yield the whole rows of the file."""
        return (line for line in self._file if line.endswith(b"\n"))

    def _begin(self) -> None:
        """Write what stands before the first row."""

    @abc.abstractmethod
    def _check(self, row: bytes) -> None:
        """Take a row of a file that is gone on with."""


class JsonLines(_Lines):
    """One line of JSON a picture, as `glassbox predict --json` prints it."""

    def write(self, answers: Sequence[Answer]) -> None:
        self._write("".join(f"{json.dumps(answer)}\n" for answer in answers))

    def _check(self, row: bytes) -> None:
        try:
            answer = json.loads(row)
            self.last, predictions = answer["path"], answer.get("predictions")
        except (ValueError, TypeError, KeyError, AttributeError):
            raise self._other(f"line {self.done + 1} is none of `glassbox predict`") from None
        if predictions is not None and list(predictions) != list(self.models):
            raise self._other(f"it has the models {', '.join(predictions)}")
        self.done += 1


class Csv(_Lines):
    """A row a picture: its path, how many digits it has, each model's label and confidence on the one with the most
    ink, which of these a remote engine did not give, and why it could not be read."""

    _headed = False
    """Whether the heading has been read."""

    @property
    def _head(self) -> list[str]:
        columns = [f"{model}_{what}" for model in self.models for what in ("label", "confidence")]
        return ["path", "digits", *columns, "instead", "error"]

    def write(self, answers: Sequence[Answer]) -> None:
        self._write(csv_file.text(map(self._cells, answers)))

    def name(self, path: str) -> str:
        return csv_file.disarmed(path).encode("utf-8", "backslashreplace").decode("utf-8")

    def _cells(self, answer: Answer) -> list[object]:
        if not answer["ok"]:
            return [answer["path"], "", *[""] * 2 * len(self.models), "", answer["error"]]
        found = [answer["predictions"][model] for model in self.models]
        cells = [cell for one in found for cell in (one["label"], f"{one['confidence']:.6f}")]
        return [answer["path"], len(answer.get("digits", "1")), *cells, _instead(answer), ""]

    def _begin(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._write(csv_file.text([self._head]))

    def _rows(self) -> Iterator[bytes]:
        row = b""
        for line in self._file:
            row += line
            if line.endswith(b"\n") and row.count(b'"') % 2 == 0:
                yield row
                row = b""

    def _check(self, row: bytes) -> None:
        cells = next(csv.reader([row.decode("utf-8", "replace")]))
        fits = len(cells) == len(self._head) if self._headed else cells == self._head
        if not fits:
            raise self._other(f"its columns are not {', '.join(self._head)}")
        if self._headed:
            self.done, self.last = self.done + 1, cells[0]
        self._headed = True


class Parquet(AnswersFile):
    """A folder of Parquet files of up to PART rows each, with the columns of a Csv and each model's probabilities."""

    def __init__(self, path: Path, models: Sequence[str], *, resume: bool) -> None:
        super().__init__(path, models)
        try:
            self._arrow, self._parquet = map(importlib.import_module, ("pyarrow", "pyarrow.parquet"))
        except ImportError as error:
            raise AnswersFileError('Parquet needs pyarrow: pip install "glassbox[app]" brings it') from error
        self._schema = self._made_schema()
        self._rows: list[Answer] = []
        path.mkdir(exist_ok=resume)
        parts = sorted(path.glob("part-*.parquet"))
        for part in parts:
            self._check(part, last=part == parts[-1])
        self._parts = len(parts)

    def name(self, path: str) -> str:
        return path.encode("utf-8", "backslashreplace").decode("utf-8")

    def write(self, answers: Sequence[Answer]) -> None:
        self._rows += answers
        while len(self._rows) >= PART:
            self._write_part(self._rows[:PART])
            del self._rows[:PART]

    def close(self) -> None:
        if self._rows:
            self._write_part(self._rows)
        self._rows = []

    def _made_schema(self) -> Any:
        arrow = self._arrow
        fields = [("path", arrow.string()), ("digits", arrow.int32())]
        for model in self.models:
            fields += [(f"{model}_label", arrow.string()), (f"{model}_confidence", arrow.float64())]
            fields += [(f"{model}_probabilities", arrow.list_(arrow.float64()))]
        return arrow.schema([*fields, ("instead", arrow.string()), ("error", arrow.string())])

    def _check(self, part: Path, *, last: bool) -> None:
        try:
            file = self._parquet.ParquetFile(part)
            if not file.schema_arrow.equals(self._schema):
                raise self._other("its columns are others")
            self.done += file.metadata.num_rows
            if last:
                self.last = file.read(["path"])["path"][-1].as_py()
        except self._arrow.ArrowException as error:
            raise self._other(f"{part.name} is no part of it") from error

    def _write_part(self, answers: Sequence[Answer]) -> None:
        table = self._arrow.Table.from_pylist([self._row(answer) for answer in answers], self._schema)
        whole, writing = self.path / f"part-{self._parts:05}.parquet", self.path / "writing"
        self._parquet.write_table(table, writing)
        os.replace(writing, whole)
        self._parts += 1

    def _row(self, answer: Answer) -> dict[str, Any]:
        row: dict[str, Any] = {"path": self.name(answer["path"]), "error": answer.get("error")}
        if not answer["ok"]:
            return row
        for model in self.models:
            row |= {f"{model}_{what}": answer["predictions"][model][what] for what in _COLUMNS}
        return row | {"digits": len(answer.get("digits", "1")), "instead": _instead(answer) or None}


_COLUMNS = ("label", "confidence", "probabilities")
KINDS: dict[str, type[JsonLines | Csv | Parquet]] = {".jsonl": JsonLines, ".csv": Csv, ".parquet": Parquet}
"""By the end of a file's name."""


def open_answers(path: Path, models: Sequence[str], *, resume: bool) -> AnswersFile:
    """Return the file at `path` to write to, of the kind that its name ends with; `resume`: go on with what is there.

    Raises AnswersFileError where it can't be written, is there without `resume`, or is of other models.
    """
    kind = KINDS[path.suffix]
    if path.exists() and not resume:
        raise AnswersFileError(f"{path} is there already: go on with it by --resume, or write to another file")
    try:
        return kind(path, models, resume=resume and path.exists())
    except OSError as error:
        raise AnswersFileError(f"{path} can't be written: {error.strerror}") from error


def _instead(answer: Answer) -> str:
    """Return the models whose predictions the embedded engine gave in place of a remote one."""
    return " ".join(name for name, one in answer["predictions"].items() if one.get("instead"))
