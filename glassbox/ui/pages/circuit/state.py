"""What a visitor asks of the two networks, all of it in the link: sequence, step, heads off; sum and digit."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from glassbox.explain.head_circuits import Head
from glassbox.text import repetition, sums
from glassbox.ui.base.link import linked
from glassbox.ui.base.state import Entry, Kind, declare

Value = TypeVar("Value")
SHORTEST, LONGEST = 3, repetition.LENGTH // 2
"""Letters that a sequence of the visitor's may have: the network reads it twice at least."""
FIRST_SEQUENCE = "KTPAWGRC"
FIRST_SUM = (458, 367)
"""What is shown before the visitor writes: a sequence, and a sum with two carries."""
WRITTEN = 100
"""Characters kept of what is typed."""
SAMPLES = 4
"""Different sets of sequences to measure on; after the last comes the first."""
STEP: Entry[int | None] = declare("circuit_step", Kind.CONTROL, None, parameter="step")
OFF: Entry[tuple[Head, ...]] = declare("circuit_off", Kind.CONTROL, (), parameter="off")
PLACE = declare("circuit_place", Kind.CONTROL, 1, parameter="digit")
SAMPLE = declare("circuit_sample", Kind.CONTROL, 0)


@dataclass(frozen=True)
class Box(Generic[Value]):
    """A box to write in: `typed`, what stands in it, by the widget's own key; `taken`, the last that could be read.

    `read` gives None for what can't be read; `write` is the text of a value.
    """

    typed: Entry[str]
    taken: Entry[Value]
    read: Callable[[str], Value | None]
    write: Callable[[Value], str]

    def follow_link(self) -> None:
        """Take the value from the link where that has changed, else write it there. Call it before the box is drawn."""
        before = self.taken.get()
        linked(self.taken, self.read, self.write)
        if self.taken.get() != before or not self.typed.is_set:
            self.typed.set(self.write(self.taken.get()))

    @property
    def is_wrong(self) -> bool:
        """Whether what stands there can't be read, so that the last that could is shown."""
        return self.read(self.typed.get()) is None

    def take(self) -> None:
        """Take over what has been typed."""
        text = str(self.typed.get() or "")[:WRITTEN]
        self.typed.set(text)
        value = self.read(text)
        if value is not None:
            self.taken.set(value)

    def put(self, value: Value) -> None:
        """Write a value into the box."""
        self.typed.set(self.write(value))
        self.taken.set(value)


def read_sequence(text: str) -> str | None:
    """Return the letters of a sequence, in capitals; None for anything else, or too few or too many of them."""
    letters = re.sub(r"[\s,，、]", "", text).upper()
    return letters if re.fullmatch(f"[A-Z]{{{SHORTEST},{LONGEST}}}", letters) else None


def read_sum(text: str) -> tuple[int, int] | None:
    """Return the two numbers of "58 + 67"; None for anything else, or for larger numbers."""
    found = re.fullmatch(r"\s*([0-9]{1,9})\s*[+＋]\s*([0-9]{1,9})\s*[=＝]?\s*", text)
    numbers = (int(found[1]), int(found[2])) if found else (-1, -1)
    return numbers if all(0 <= number <= sums.MOST for number in numbers) else None


SEQUENCE = Box(
    declare("circuit_sequence_typed", Kind.TEXTS, ""),
    declare("circuit_sequence", Kind.TEXTS, FIRST_SEQUENCE, parameter="sequence"),
    read_sequence,
    str,
)
SUM = Box(
    declare("circuit_sum_typed", Kind.TEXTS, ""),
    declare("circuit_sum", Kind.TEXTS, FIRST_SUM, parameter="sum"),
    read_sum,
    lambda numbers: f"{numbers[0]} + {numbers[1]}",
)


def shuffle() -> None:
    """Write a random sequence into its box."""
    length = random.randint(repetition.SHORTEST + 2, LONGEST - 3)
    SEQUENCE.put("".join(random.sample(repetition.LETTERS, length)))


def read_off(text: str, heads: tuple[Head, ...]) -> tuple[Head, ...] | None:
    """Return the heads of a link, "1.2-2.1" as they are named; None unless all are among `heads`, each once."""
    named = text.split("-") if text else []
    found = tuple(head for head in heads if head_name(head) in named)
    return found if len(found) == len(named) else None


def write_off(off: tuple[Head, ...]) -> str:
    """Return heads as in a link."""
    return "-".join(map(head_name, off))


def head_name(head: Head) -> str:
    """Return what a head is called: its layer and its place there, both counted from 1."""
    return f"{head[0] + 1}.{head[1] + 1}"


def switch(head: Head) -> None:
    """Switch a head off, or on again."""
    off = OFF.get()
    OFF.set(tuple(sorted({*off} ^ {head})))


def read_place(text: str) -> int | None:
    """Return a place of the sum, from the right and from 0; None for what is none."""
    return int(text) if re.fullmatch(f"[0-{sums.DIGITS}]", text) else None
