"""Steering: a direction from war to the moon is added to what the network reads, and the poem goes on differently."""

import html
import random
from collections.abc import Sequence

import streamlit as st

from glassbox.explain.patched_writing import PatchedWriter
from glassbox.explain.steering import STREAM
from glassbox.text.quatrains import ASKED, END, LINES, Lines
from glassbox.text.sampling import Sampling
from glassbox.text.tokens import PADDING, UNKNOWN
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.results import Results, kept
from glassbox.ui.base.state import Entry, Kind, bound, declare
from glassbox.ui.charts.tables import Cell, Table, show
from glassbox.ui.components.attention import Behind
from glassbox.ui.frame import transformers
from glassbox.ui.pages.transformer import state
from glassbox.ui.pages.transformer.directions import MOON, WAR, steered
from glassbox.ui.pages.transformer.look import Look
from glassbox.zoo.transformer_models import TransformerCard

TEMPERATURE, TOP_K = 0.7, 20
_WRITTEN: Entry[Results] = declare("look_written", Kind.RESULTS, {})


def draw(look: Look) -> None:
    """Draw the slider, what comes next with it, and how the poem goes on without and with it."""
    words = {"moon": MOON, "war": WAR, "layer": STREAM}
    st.markdown(t("transformer.steering.lead", **words))
    st.select_slider(
        t("transformer.steering.dose"),
        state.DOSES,
        format_func=_dose,
        **bound(state.DOSE.widget, state.DOSE.get(), state.DOSE.set, state.DOSES),
    )
    dose, lines = state.DOSE.get(), look.lines
    given = (look.provider, lines.ids, state.SEED.get())
    plain, other = (_written.of(look.everybodys)(*given, one, look.card) for one in (0.0, dose))
    left, middle, right = st.columns(3, gap="large")
    if not plain:
        st.caption(t("transformer.steering.full"))
    with left:
        _poem(t("transformer.steering.plain"), lines, plain)
    with middle:
        _poem(t("transformer.steering.steered", dose=_dose(dose)), lines, other)
    with right:
        _bars(look.behind[look.at])
    st.button(
        t("transformer.steering.seed", seed=state.SEED.get()),
        icon=":material/casino:",
        on_click=lambda: state.SEED.set(random.randrange(state.SEEDS)),
        key="look_seed_button",
    )


def _dose(dose: float) -> str:
    """Return a dose in words: by its sign it leads to the moon or to war."""
    if not dose:
        return t("transformer.steering.none")
    return t(f"transformer.steering.{'moon' if dose > 0 else 'war'}", dose=formats.hundredths(abs(dose)))


@kept(_WRITTEN, shared=64, own=8)
def _written(provider: str, ids: tuple[int, ...], seed: int, dose: float, _card: TransformerCard) -> str:
    """Return what is written behind `ids` up to the end of the poem."""
    words = state.words(_card)
    never = (PADDING, UNKNOWN, *map(words.id, ASKED))
    reader = transformers.reader(_card.name, provider)
    writer = PatchedWriter(reader, words, steered(_card, provider, dose), never)
    end, text = words.id(END), ""
    ends = ids.count(end)
    if ends >= LINES:
        return text
    for one in writer.write(ids, Sampling(TEMPERATURE, TOP_K, seed=seed), reader.context):
        text += one.character
        ends += one.character == END
        if ends == LINES:
            break
    return text


def _poem(title: str, read: Lines, written: str) -> None:
    """Draw a poem, the part that was given and the part that was written."""
    given = html.escape("".join(read.signs)).replace(END, "<br>")
    more = html.escape(written.rstrip(END)).replace(END, "<br>")
    st.html(f'<p class="gb-caption">{html.escape(title)}</p><p class="gb-verse" lang="zh">{given}<b>{more}</b></p>')


def _bars(behind: Behind) -> None:
    """Draw the probabilities of the next token without and with the dose."""
    heads = [t(f"transformer.steering.{name}") for name in ("next", "before", "after")]
    rows: Sequence[list[str | Cell]] = [[bar.text, _bar(bar.before), _bar(bar.share)] for bar in behind.bars]
    show(Table(t("transformer.steering.table"), heads, rows))


def _bar(share: float) -> Cell:
    return Cell(formats.percent(share), bar=share)
