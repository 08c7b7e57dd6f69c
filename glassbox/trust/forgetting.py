"""What the canary test last found: studies/forgotten.json, which `python -m tests.ui.server.test_forgotten` writes.

Files, texts and a drawing that hold what nothing else in the world holds are brought to a dashboard, page after page;
then its whole memory is searched for them until none is left.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from glassbox import records
from glassbox.paths import STUDIES
from glassbox.records import Amount, Positive, require

STUDY = STUDIES / "forgotten.json"


@dataclass(frozen=True)
class ForgettingStudy:
    """`date`: when, as YYYY-MM-DD; `pages`: the keys of those that were visited; `canaries`: how many were brought.

    `closed_seconds`: after the end of the visit, when that search began which found none; `erased_seconds`: likewise,
    after the button.
    """

    date: str
    pages: tuple[str, ...]
    canaries: Positive
    closed_seconds: Amount
    erased_seconds: Amount

    def __post_init__(self) -> None:
        date.fromisoformat(self.date)
        require(bool(self.pages), "no page was visited")


@cache  # one study, read once
def forgetting_study(path: Path = STUDY) -> ForgettingStudy | None:
    """Return the record; None, with the reason in the log, if there is none or it is not right."""
    return records.load_or_none(ForgettingStudy, path)
