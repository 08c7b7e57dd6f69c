"""A picture's file or a text as it is, and what the networks read in it: for whoever has no tensors."""

import re
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from glassbox.digits import answers
from glassbox.digits.answers import DigitAnswer, Prediction
from glassbox.digits.decoding import PictureError
from glassbox.digits.reader import Reader
from glassbox.digits.segmentation import LeftOut
from glassbox.engine.choice import EMBEDDED
from glassbox.input_error import Reason
from glassbox.serving.protocol import ServiceError
from glassbox.text.reader import TextReader
from glassbox.zoo import digit_models, text_models

_CHINESE = re.compile(r"[\u3400-\u9fff]")


class PicturePrediction(Struct, omit_defaults=True):
    """What each network reads in a picture, as `glassbox predict --json` tells it; `ok` is true."""

    ok: bool
    predictions: dict[str, Prediction]
    digits: list[DigitAnswer] = []
    left_out: LeftOut | None = None


class TextClass(Struct):
    """What the network `model` reads in a text: its `label`, how sure it is, the probability of each label, and whether
    the text is like those that it learned from; null where nothing tells that."""

    model: str
    label: str
    confidence: float
    probabilities: dict[str, float]
    familiar: bool | None
    unfamiliarity: float | None


class Readers:
    """Reads pictures and texts with the models under `folder`, which are loaded when the first one comes."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @cached_property
    def _digits(self) -> Reader:
        return Reader(digit_models.load(self._folder), engine=EMBEDDED)

    @cached_property
    def _texts(self) -> TextReader:
        return TextReader(text_models.load(self._folder), engine=EMBEDDED)

    def predict(self, data: bytes, models: str, as_is: str) -> PicturePrediction:
        """Return what `models`, their names between commas, or those of the article, read in a picture's file, which is
        taken `as_is` if that is "true". Raises ServiceError."""
        known = self._digits.zoo.cards
        names = [name for name in models.split(",") if name] or [*self._digits.zoo.article]
        if not set(names) <= known.keys():
            raise ServiceError(400, f"models may be, between commas, {', '.join(known)}")
        if as_is not in ("", "true", "false"):
            raise ServiceError(400, "as_is may be true or false")
        try:
            found = answers.answer(self._digits, data, list(dict.fromkeys(names)), as_is=as_is == "true")
        except PictureError as error:
            raise ServiceError(422, str(error)) from None
        return PicturePrediction(True, found.predictions, found.digits, found.left_out)

    def classify(self, data: bytes, model: str) -> TextClass:
        """Return what the network `model`, or the best of a family, by default that of the text's language, reads in a
        text in UTF-8. Raises ServiceError."""
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise ServiceError(422, "the text is not in UTF-8") from None
        zoo = self._texts.zoo
        try:
            name = zoo.family(model or ("text_zh" if _CHINESE.search(text) else "text_en"))[0]
        except (ValueError, IndexError):
            families = dict.fromkeys([*map(text_models.family_of, zoo.cards), *zoo.cards])
            raise ServiceError(400, f"model may be {', '.join(families)}") from None
        (verdict,) = self._texts.verdicts(name, [text])
        if isinstance(verdict, Reason):
            raise ServiceError(422, str(verdict))
        labels, checked = zoo.cards[name].labels, verdict.familiarity
        return TextClass(
            model=name,
            label=verdict.label,
            confidence=verdict.confidence,
            probabilities=dict(zip(labels, verdict.probabilities.tolist(), strict=True)),
            familiar=checked.familiar if checked else None,
            unfamiliarity=checked.unfamiliarity if checked else None,
        )
