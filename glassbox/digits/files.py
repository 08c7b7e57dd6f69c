"""Picture files read by their paths, many in one run of each model, and what is answered about them."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from glassbox.digits import answers, decoding, images
from glassbox.digits.answers import Prediction
from glassbox.digits.images import PreparedDigit
from glassbox.digits.reader import Reader

Answer = dict[str, Any]
"""What a line of JSON tells of a file: its `path`, `ok`, and either `error`, a sentence, or the fields of a
`glassbox.digits.answers.PictureAnswer`."""


def answer(path: str, found: answers.PictureAnswer | str) -> Answer:
    """Return the answer on the file at `path`: what the networks read, or the sentence that says why it can't be."""
    if isinstance(found, str):
        return {"path": path, "ok": False, "error": found}
    return {"path": path, "ok": True, **msgspec.to_builtins(found)}


def prepared_file(path: str, *, as_is: bool = False) -> PreparedDigit | str:
    """Return the picture in a file made ready for the networks, or the sentence that says why there is none.

    `as_is`: as for `images.prepare`.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(decoding.MAX_BYTES + 1)  # enough to see that it is too large, whatever its size
        return images.prepare(data, as_is=as_is)
    except decoding.PictureError as error:
        return str(error)
    except IsADirectoryError:
        return "This is a folder; name the pictures in it instead."
    except OSError as error:
        return f"The file can't be read: {error.strerror}."


class FileReader:
    """Reads picture files, many in one run of each model. Raises EngineError where the engine fails."""

    def __init__(self, reader: Reader, models: Sequence[str], *, as_is: bool = False) -> None:
        self.reader, self.models, self._as_is = reader, models, as_is

    def answers(self, paths: Sequence[str]) -> list[Answer]:
        """Return the answer on each file."""
        prepared = [prepared_file(path, as_is=self._as_is) for path in paths]
        digits: list[NDArray[np.uint8]] = []
        places: list[range] = []  # of each file's digits: the one with the most ink, then each of several
        for one in prepared:
            found = [] if isinstance(one, str) else [one.digit, *(each.digit for each in answers.several(one))]
            places.append(range(len(digits), len(digits) + len(found)))
            digits += found
        predictions = self._predictions(digits)
        made = []
        for path, one, its in zip(paths, prepared, places, strict=True):
            if isinstance(one, str):
                made.append(answer(path, one))
            else:
                first, *each = predictions[its.start : its.stop]
                made.append(answer(path, answers.joined(one, first, each)))
        return made

    def _predictions(self, digits: Sequence[NDArray[np.uint8]]) -> list[dict[str, Prediction]]:
        """Return the predictions on each digit, by model."""
        found: list[dict[str, Prediction]] = [{} for _ in digits]
        for model in self.models if digits else ():
            labels = self.reader.zoo.cards[model].labels
            read = self.reader.probabilities(np.stack(digits), model)
            for one, row in zip(found, read.probabilities, strict=True):
                one[model] = answers.prediction(labels[int(row.argmax())], row, read.provider)
        return found
