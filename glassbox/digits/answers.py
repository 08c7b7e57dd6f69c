"""What the networks make of a picture file, as the command `glassbox predict --json` and the service tell it."""

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from glassbox.digits import images
from glassbox.digits.images import FoundDigit, PreparedDigit
from glassbox.digits.reader import Reader, Verdict
from glassbox.digits.segmentation import LeftOut
from glassbox.engine import choice


class Prediction(Struct, omit_defaults=True):
    """What one network reads: its `label`, how sure it is of it, and the probability of each label, calibrated.

    `instead`: the embedded engine read it in place of a remote one, which failed.
    """

    label: str
    confidence: float
    probabilities: list[float]
    instead: bool = False


class DigitAnswer(Struct):
    """One of several digits of a picture: its `box`, left, top, right and bottom as shares of the picture, whether it
    is so `wide` that several may touch in it, and what each network reads."""

    box: tuple[float, float, float, float]
    wide: bool
    predictions: dict[str, Prediction]


class PictureAnswer(Struct, omit_defaults=True):
    """What each network reads in a picture: in its digit, that with the most ink of several; where there are several,
    also in each of the `digits` in reading order, and what was `left_out` as no digit."""

    predictions: dict[str, Prediction]
    digits: list[DigitAnswer] = []
    left_out: LeftOut | None = None


def answer(reader: Reader, data: bytes, models: Sequence[str], *, as_is: bool = False) -> PictureAnswer:
    """Return what `models` read in the picture file `data`; `as_is`: as for `images.prepare`. Raises PictureError for
    one that can't be read."""
    prepared = images.prepare(data, as_is=as_is)
    each = [reader.read(one.digit, models) for one in several(prepared)]
    return told(prepared, reader.read(prepared.digit, models), each)


def several(picture: PreparedDigit) -> Sequence[FoundDigit]:
    """Return the digits of a picture that has several; none of one that has one."""
    return picture.found if len(picture.found) > 1 else ()


def told(
    picture: PreparedDigit, verdicts: Mapping[str, Verdict], several: Sequence[Mapping[str, Verdict]]
) -> PictureAnswer:
    """Return the answer that tells `verdicts` on a picture's digit and, of `several` digits, those on each."""
    return joined(picture, _predictions(verdicts), [_predictions(each) for each in several])


def joined(
    picture: PreparedDigit, predictions: dict[str, Prediction], several: Sequence[dict[str, Prediction]]
) -> PictureAnswer:
    """Return the answer that holds the `predictions` on a picture's digit and, of `several` digits, those on each."""
    found = PictureAnswer(predictions, left_out=picture.left_out if several else None)
    for one, each in zip(picture.found if several else (), several, strict=True):
        left, top, right, bottom = (round(share, 4) for share in one.box)
        found.digits.append(DigitAnswer((left, top, right, bottom), one.wide, each))
    return found


def prediction(label: str, probabilities: NDArray[np.float64], provider: str) -> Prediction:
    """Return what a network says that finds `label` the likeliest of its `probabilities`, as run on `provider`."""
    sure, instead = float(probabilities.max()), provider == choice.INSTEAD
    return Prediction(label, sure, probabilities.tolist(), instead)


def _predictions(verdicts: Mapping[str, Verdict]) -> dict[str, Prediction]:
    return {name: prediction(one.label, one.probabilities, one.provider) for name, one in verdicts.items()}
