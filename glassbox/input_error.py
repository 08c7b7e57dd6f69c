"""What is wrong with an input: an error to raise, and its reason, which is what may be kept.

A kept exception keeps its traceback, the frames in it and so the file, its pixels and its texts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reason:
    """Why an input can't be used: `code` names the sentence for translation and `details` fill it; `sentence`: the
    same in English."""

    code: str
    details: Mapping[str, Any]
    sentence: str

    def __str__(self) -> str:
        return self.sentence


class InputError(ValueError):
    """An input that can't be used, for `reason`."""

    def __init__(self, code: str, sentence: str, **details: Any) -> None:
        super().__init__(sentence)
        self.reason = Reason(code, details, sentence)

    @property
    def code(self) -> str:
        """The reason's code."""
        return self.reason.code

    @property
    def details(self) -> Mapping[str, Any]:
        """What fills the reason's sentence."""
        return self.reason.details
