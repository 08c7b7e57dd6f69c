"""Classify a column of texts in the visitor's file, and offer the file with a verdict on each."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from glassbox.input_error import Reason
from glassbox.text.csv_table import Table, with_verdicts
from glassbox.text.reader import TextReader, TextReading, TextVerdict
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts.tables import table
from glassbox.ui.frame import heavy_jobs, notices, uploads
from glassbox.ui.pages.text import own_texts, state, view
from glassbox.zoo.text_models import TextCard

PREVIEW = 20
"""Rows shown on the page; the file has all."""
_PREVIEW_CHARACTERS = 80
_TEXTS_PER_UPDATE = 64
"""Texts between two updates of the progress bar."""


@dataclass(frozen=True)
class Result:
    """The table with its verdicts as a CSV `file`, how often each label came, how many texts couldn't be read, and how
    many that could are `strange` to the network.

    `made_for`: the network, language, file and column; `first`: the rows of the preview.
    """

    made_for: tuple[object, ...]
    file: bytes
    counts: Mapping[str, int]
    unread: int
    strange: int
    first: tuple[tuple[str, ...], ...]


_RESULT: Entry[Result | None] = declare("text_sheet_result", Kind.TEXTS, None)


@st.fragment
@notices.unless_engine_fails()
def batch_section(reader: TextReader, _: Mapping[str, TextReading]) -> None:
    """Let the visitor choose a file, classify it by the best network of the task, and offer the result."""
    card = state.best_card(reader.zoo, state.task())
    if card is None:
        return
    task = t(f"text.task_{card.task}")
    st.markdown(t("text.batch.lead", model=card.cell.upper(), task=task))
    texts = own_texts.choose_table()
    if texts is None:
        return
    result = classify(reader, card, texts)
    count = len(texts.rows)
    counts = ", ".join(f"{label} {formats.count(times)}" for label, times in Counter(result.counts).most_common())
    st.markdown(t("text.batch.said", count=formats.count(count), counts=counts))
    if result.unread:
        st.warning(t("text.batch.unread", count=formats.count(result.unread)), icon=":material/error:")
    if result.strange:
        st.warning(t("text.batch.strange", count=formats.count(result.strange)), icon=":material/error:")
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
    heads = [t(f"text.batch.{name}") for name in ("row", "text", "verdict", "sure", "familiar")]
    table(t("text.batch.first", count=len(result.first)), heads, result.first, words=(0, 1, 2, 4))


def classify(reader: TextReader, card: TextCard, table: Table) -> Result:
    """Return the verdicts of the network of `card` on `table`; draw the progress meanwhile.

    The last result is kept for the visit.
    """
    words = view.labels(card)
    made_for = (card.sha256, words[0], uploads.turn(own_texts.WIDGET), table.column)
    last = _RESULT.get()
    if last is not None and last.made_for == made_for:
        return last
    verdicts: list[TextVerdict | Reason] = []
    coming = _with_progress(reader.verdicts(card.name, table.texts), verdicts, count=len(table.rows))
    with heavy_jobs.turn():
        checked = card.task in reader.zoo.familiarity
        lines = list(with_verdicts(table, labels=words, verdicts=coming, say=_problem, checked=checked))
    file = "\r\n".join(lines).encode("utf-8-sig")  # without the byte order mark spreadsheets misread Chinese
    read = [verdict for verdict in verdicts if isinstance(verdict, TextVerdict)]
    counts = Counter(words[verdict.index] for verdict in read)
    beginning = zip(table.texts[:PREVIEW], verdicts[:PREVIEW], strict=True)
    result = Result(
        made_for=made_for,
        file=file,
        counts=counts,
        unread=len(table.rows) - len(read),
        strange=sum(verdict.familiarity is not None and not verdict.familiarity.familiar for verdict in read),
        first=tuple(
            _preview_row(number, text, verdict=verdict, words=words)
            for number, (text, verdict) in enumerate(beginning, start=2)  # as a spreadsheet counts, the heading first
        ),
    )
    _RESULT.set(result)
    return result


def _with_progress(
    verdicts: Iterable[TextVerdict | Reason], seen: list[TextVerdict | Reason], *, count: int
) -> Iterator[TextVerdict | Reason]:
    """Yield the `count` verdicts, append each to `seen`, and show on a progress bar how many there are so far."""
    bar = st.progress(0.0)
    for verdict in verdicts:
        seen.append(verdict)
        if len(seen) % _TEXTS_PER_UPDATE == 0:
            text = t("text.batch.busy", done=formats.count(len(seen)), count=formats.count(count))
            bar.progress(len(seen) / count, text)
        yield verdict
    bar.empty()


def _preview_row(number: int, text: str, *, verdict: TextVerdict | Reason, words: Sequence[str]) -> tuple[str, ...]:
    """Return the row `number` of the preview."""
    short = text if len(text) <= _PREVIEW_CHARACTERS else f"{text[:_PREVIEW_CHARACTERS]}…"
    if isinstance(verdict, Reason):
        return str(number), short, _problem(verdict), "–", "–"
    found = verdict.familiarity
    familiar = t(f"text.batch.familiar_{'yes' if found.familiar else 'no'}") if found else "–"
    return str(number), short, words[verdict.index], formats.percent(verdict.confidence), familiar


def _problem(reason: Reason) -> str:
    """Return why a text of the table has no verdict."""
    return t(f"text.batch.problem_{reason.code}")
