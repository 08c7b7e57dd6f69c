"""A progress bar on a terminal, one line, gone when it is done."""

import shutil
from types import TracebackType
from typing import Self, TextIO

_START_OF_LINE_CLEARED = "\r\x1b[K"


class Progress:
    """`with Progress(total, stream) as bar:`, then `bar.show(done, label)`; silent where `stream` is no terminal."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total = total
        self._stream = stream
        self._terminal = stream.isatty()

    def show(self, done: int, label: str) -> None:
        """Draw the bar with `done` of the total behind it and `label`, what is being done, cut to the line's end."""
        if self._terminal:
            filled = 20 * done // self._total
            line = f"[{'#' * filled:<20}] {done}/{self._total}  {printable(label)}"
            self._stream.write(_START_OF_LINE_CLEARED + line[: shutil.get_terminal_size().columns - 1])
            self._stream.flush()

    def clear(self) -> None:
        """Take the bar off the line, so that other output can be written there."""
        if self._terminal:
            self._stream.write(_START_OF_LINE_CLEARED)
            self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.clear()


def printable(text: str) -> str:
    """`text` with a question mark for what would steer a terminal, or could not be written to it at all."""
    return "".join(character if character.isprintable() else "?" for character in text)
