"""What the networks make of a picture file, as the command `glassbox predict --json` and the service tell it."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from glassbox.digits import images
from glassbox.digits.images import PreparedDigit
from glassbox.digits.reader import Reader, Verdict
from glassbox.digits.segmentation import LeftOut


class Prediction(Struct):
    """What one network reads: its `label`, how sure it is of it, and the probability of each label, calibrated."""

    label: str
    confidence: float
    probabilities: list[float]


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


def answer(reader: Reader, data: bytes, models: Sequence[str]) -> PictureAnswer:
    """Return what `models` read in the picture file `data`. Raises PictureError for one that can't be read."""
    prepared = images.prepare(data)
    several = prepared.found if len(prepared.found) > 1 else ()
    return told(prepared, reader.read(prepared.digit, models), [reader.read(one.digit, models) for one in several])


def told(
    picture: PreparedDigit, verdicts: Mapping[str, Verdict], several: Sequence[Mapping[str, Verdict]]
) -> PictureAnswer:
    """Return the answer that tells `verdicts` on a picture's digit and, of `several` digits, those on each."""
    found = PictureAnswer(_predictions(verdicts), left_out=picture.left_out if several else None)
    for one, each in zip(picture.found if several else (), several, strict=True):
        left, top, right, bottom = (round(share, 4) for share in one.box)
        found.digits.append(DigitAnswer((left, top, right, bottom), one.wide, _predictions(each)))
    return found


def _predictions(verdicts: Mapping[str, Verdict]) -> dict[str, Prediction]:
    return {name: Prediction(v.label, v.confidence, v.probabilities.tolist()) for name, v in verdicts.items()}
