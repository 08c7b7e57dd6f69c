"""A column of texts in, a column of verdicts out."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import streamlit as st

from glassbox.text.csv_table import Table, with_verdicts
from glassbox.text.reader import TextReader, TextReading, TextVerdict
from glassbox.text.tokens import TextError
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts.tables import table
from glassbox.ui.frame import uploads
from glassbox.ui.pages.text import own_texts, state, view
from glassbox.zoo.text_models import TextCard

PREVIEW = 20
"""Rows shown on the page; the file has all."""
_CELL = 80


@dataclass(frozen=True)
class Result:
    """The table with its verdicts as a CSV file, how often each label came, the texts left out, and the first rows."""

    made_for: tuple[object, ...]
    file: bytes
    counts: Mapping[str, int]
    unread: int
    first: tuple[tuple[str, ...], ...]


_RESULT: Entry[Result | None] = declare("text_sheet_result", Kind.TEXTS, None)


@st.fragment
def sheet(reader: TextReader, _: Mapping[str, TextReading]) -> None:
    """The visitor's file, read by the best network of the task."""
    card = state.best(reader.zoo, state.task())
    if card is None:
        return
    task = t(f"text.task_{card.task}")
    st.markdown(t("text.batch.lead", model=card.cell.upper(), task=task))
    given = own_texts.bring()
    if given is None:
        return
    result = judged(reader, card, given)
    count = len(given.rows)
    said = ", ".join(f"{label} {formats.count(times)}" for label, times in Counter(result.counts).most_common())
    st.markdown(t("text.batch.said", count=formats.count(count), counts=said))
    if result.unread:
        st.warning(t("text.batch.unread", count=formats.count(result.unread)), icon=":material/error:")
    st.download_button(
        t("text.batch.download"),
        result.file,
        file_name=f"glassbox_{card.task}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        type="primary",
        key="text_sheet_download",
    )
    heads = [t("text.batch.row"), t("text.batch.text"), t("text.batch.verdict"), t("text.batch.sure")]
    table(t("text.batch.first", count=len(result.first)), heads, result.first, words=(0, 1, 2))


def judged(reader: TextReader, card: TextCard, given: Table) -> Result:
    """All of `given` read by the network of `card`, with progress; the last result is kept for the visit."""
    made_for = (card.sha256, view.labels(card)[0], uploads.turn(own_texts.WIDGET), given.column)
    kept = _RESULT.get()
    if kept is not None and kept.made_for == made_for:
        return kept
    words, count = view.labels(card), len(given.rows)
    bar = st.progress(0.0)
    seen: list[TextVerdict | TextError] = []

    def coming() -> Iterator[TextVerdict | TextError]:
        for verdict in reader.verdicts(card.name, given.texts):
            seen.append(verdict)
            if len(seen) % 64 == 0:
                said = t("text.batch.busy", done=formats.count(len(seen)), count=formats.count(count))
                bar.progress(len(seen) / count, said)
            yield verdict

    # With the mark without which spreadsheets misread Chinese.
    file = "\r\n".join(with_verdicts(given, words, coming(), _problem)).encode("utf-8-sig")
    bar.empty()
    counts = Counter(words[one.index] for one in seen if isinstance(one, TextVerdict))
    beginning = zip(given.texts[:PREVIEW], seen[:PREVIEW], strict=True)
    first = tuple(_line(row, text, one, words) for row, (text, one) in enumerate(beginning, 2))
    result = Result(made_for, file, counts, count - counts.total(), first)
    _RESULT.set(result)
    return result


def _line(row: int, text: str, verdict: TextVerdict | TextError, words: list[str]) -> tuple[str, ...]:
    """A line of the preview; rows are counted as a spreadsheet does."""
    short = text if len(text) <= _CELL else f"{text[:_CELL]}…"
    if isinstance(verdict, TextError):
        return str(row), short, _problem(verdict), "–"
    return str(row), short, words[verdict.index], formats.percent(verdict.confidence)


def _problem(error: TextError) -> str:
    """Why one text among many has no verdict."""
    return t(f"text.batch.problem_{error.code}")
