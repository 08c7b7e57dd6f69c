"""What comes of a question to a model: plain enough to go through a pipe."""

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True)
class Answer:
    """`facts` hold what JSON can (str, int, float, None, bool, list, dict); `arrays` hold no Python objects."""

    facts: dict[str, Any]
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
