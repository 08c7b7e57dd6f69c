"""The heaviest thread: from a number back, always to the term that weighs most, until an input is reached."""

from collections.abc import Sequence

from glassbox.explain.terms.explain import Explanation, Inside

LONGEST = 1_000
"""Steps after which a thread is cut: deeper than any model that is looked at, recurrent ones through time included."""


def trace(inside: Inside, tensor: str, index: Sequence[int]) -> list[Explanation]:
    """Return how `tensor[index]` came about, then its largest term's cell, and so on; the last is given to the model.

    Of cells that competed (a maximum) the winner is followed. Raises ValueError as Inside.terms does.
    """
    thread = [inside.terms(tensor, index)]
    while len(thread) < LONGEST and (followed := thread[-1].terms):
        heaviest = max(followed, key=lambda term: abs(term.weight)) if _competed(thread[-1]) else followed.largest(1)[0]
        if not heaviest.source:
            break
        thread.append(inside.terms(heaviest.source, heaviest.source_index))
    return thread


def _competed(number: Explanation) -> bool:
    return number.kind in ("max", "min")
