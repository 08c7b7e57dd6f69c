"""The text being written, or why it can't be."""

import html

import streamlit as st

from glassbox.input_error import Reason
from glassbox.text.memorisation import Run
from glassbox.text.tokens import TextError
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour
from glassbox.ui.components import text_writer as component
from glassbox.ui.frame import notices, texts, transformers
from glassbox.ui.pages.writing import poem, sheets, state, writers
from glassbox.ui.pages.writing.sheets import Sheet
from glassbox.ui.pages.writing.state import GIVEN, LAYOUT, LAYOUTS, MAX_CHARACTERS, Wanted
from glassbox.ui.pages.writing.writers import RECURRENT


def sheet(provider: str) -> None:
    """Draw the text as it is being written, or say why it can't be."""
    notices.refused(texts.zoo(), tuple(RECURRENT.values()))
    if writers.card(state.chosen()) is not None:
        _sheet(provider)


@st.fragment
@notices.unless_engine_fails()
def _sheet(provider: str) -> None:
    state.follow_link()  # a choice made in the sheet goes into the link too
    one = state.chosen()
    card = writers.card(one)
    if card is None:
        return
    writer = writers.writer(one, provider)
    wanted = state.settings().wanted
    try:
        shown = sheets.sheet(writer)
    except TextError as error:
        st.error(_message(error.reason, wanted), icon=":material/error:")
        return
    if wanted and wanted.given != GIVEN[0] and not wanted.words:
        st.html(f'<p class="gb-notice">{html.escape(t("writing.nothing_given"))}</p>')
    index, measured = writers.training_index(one), writers.memorisation(one)
    least = measured.index.least if measured else 0
    runs = sheets.copied(shown, index, least) if index else None
    kept = notices.unless_engine_fails()
    with st.container(key="gb_writer"):
        component.text_writer(
            component.Sheet(
                number=shown.number,
                prompt=shown.settings.prompt,
                written=shown.written,
                start=shown.start,
                running=shown.running,
                limit=shown.limit,
                taken=sheets.taken(shown),
                colour=model_colour(card.name),
                copied=runs,
                run_length=least,
                poem=_poem(shown, card.name, wanted, runs, least) if wanted else None,
            ),
            on_more=kept(lambda count: sheets.extend(shown, writer, count + sheets.CHUNK)),
            on_all=kept(lambda: sheets.extend(shown, writer, MAX_CHARACTERS)),
            on_taken=kept(lambda position, character: sheets.choose(shown, position, character)),
            on_again=sheets.restart,
            on_layout=lambda vertical: LAYOUT.set(LAYOUTS[not vertical]),
        )
    if wanted:
        st.caption(t("writing.legend_poem"))
        if index and measured:
            rate = f"{1 / measured.index.false_run_rate:,.0f}"
            st.caption(t("writing.copied_poem", length=least, ngram=index.length, rate=rate))
        return
    st.caption(t("writing.legend"))
    st.caption(t("writing.copied", length=least) if index else t("writing.no_index"))


def _poem(shown: Sheet, name: str, wanted: Wanted, runs: tuple[Run, ...] | None, least: int) -> component.Poem:
    text = "".join(one.character for one in shown.written)
    prosody = transformers.prosody(name)
    said = [*poem.verdict(text, wanted, prosody), poem.repeated(text, runs, least)]
    return poem.marked(text, prosody, LAYOUT.get() == LAYOUTS[0], said)


def _message(reason: Reason, wanted: Wanted | None) -> str:
    """Return what is wrong with what the visitor gave, and what to do about it."""
    if wanted and reason.code == "too_long":
        return t(f"writing.too_long_{wanted.given}", **{name: f"{value:,}" for name, value in reason.details.items()})
    return texts.error_message(reason)
