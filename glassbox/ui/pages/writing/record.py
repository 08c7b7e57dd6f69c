"""What was measured: how large the network is, how well it foresees, what its poems keep, what it copies."""

import math
from functools import partial

import streamlit as st

from glassbox.text.quatrains import FORMS
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.charts.tables import Table, show, table
from glassbox.ui.frame import shell
from glassbox.ui.pages.writing import state, writers
from glassbox.ui.pages.writing.writers import PLAYS, QUATRAINS
from glassbox.zoo.text_models import WritingCard
from glassbox.zoo.transformer_models import Poems, PoemShares, TransformerCard

_SHARES = ("right_form", "rhyme", "regulated", "copied_lines", "copied_runs")

_SOURCES = {
    ("sampled", "regulated"): "sampled_regulated",
    ("sampled", "free"): "sampled_free",
    ("real", ""): "real",
    ("characters", ""): "characters",
}
"""The rows, by kind and rule of the poems."""


def draw() -> None:
    """Draw what was measured of the network that writes; nothing of one that may not be used."""
    one = state.chosen()
    card = writers.card(one)
    if card is None:
        return
    if isinstance(card, TransformerCard) and card.poems is not None:
        _poems(card.poems)
    st.header(t("writing.small"), anchor=False)
    if isinstance(card, TransformerCard):
        _transformer(card)
    else:
        _recurrent(card)
    _memorised()
    st.download_button(
        t("frame.foot.onnx", model=card.name),
        partial(writers.model_bytes, one),
        file_name=f"{card.name}.onnx",
        mime="application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        key=f"writing_onnx_{card.name}",
    )


def _poems(poems: Poems) -> None:
    """Draw the shares of poems that keep the form, the rhyme and the rule, beside real poems and mere characters."""
    st.header(t("writing.record"), anchor=False)
    by = {(one.kind, one.form, one.rule): one for one in poems.shares}
    settings = {"temperature": f"{poems.temperature:g}", "top_k": poems.top_k, "length": poems.run}
    for form in FORMS:
        asked, free = by.get(("sampled", form, "regulated")), by.get(("sampled", form, "free"))
        real, drawn = by.get(("real", form, "")), by.get(("characters", form, ""))
        if asked and free and real and drawn:
            st.markdown(_in_words(form, asked, free, real, drawn))
    heads = [t("writing.record_source"), *(t(f"writing.record_{name}", **settings) for name in _SHARES)]
    rows = [
        [
            t(f"writing.record_row_{_SOURCES[one.kind, one.rule]}", form=t(f"writing.asked_{one.form}")),
            *(formats.measured(getattr(one, name)) for name in _SHARES),
        ]
        for one in poems.shares
        if (one.kind, one.rule) in _SOURCES
    ]
    show(Table(t("writing.record"), heads, rows, show_caption=False))
    st.caption(t("writing.record_note", **settings, counts=_counts(poems)))


def _in_words(form: str, asked: PoemShares, free: PoemShares, real: PoemShares, drawn: PoemShares) -> str:
    shares = {
        "right": asked.right_form,
        "asked": asked.regulated,
        "free": free.regulated,
        "real": real.regulated,
        "drawn": drawn.regulated,
        "rhyme": asked.rhyme,
        "rhyme_real": real.rhyme,
        "rhyme_drawn": drawn.rhyme,
        "copied": asked.copied_lines,
        "copied_real": real.copied_lines,
    }
    words = {name: formats.measured(share) for name, share in shares.items()}
    return t("writing.record_said", form=t(f"writing.asked_{form}"), **words)


def _counts(poems: Poems) -> str:
    """Return how many poems of each kind were measured, the fewest of each."""
    kinds = ("sampled", "real", "characters")
    fewest = {kind: min((one.count for one in poems.shares if one.kind == kind), default=0) for kind in kinds}
    return t("writing.record_counts", **{kind: formats.count(count) for kind, count in fewest.items()})


def _recurrent(card: WritingCard) -> None:
    """Draw the size of a recurrent network and its perplexity, beside a unigram model and equal probabilities."""
    words = {
        "parameters": formats.count(card.parameters),
        "characters": formats.count(card.training_characters),
        "perplexity": formats.number(card.perplexity_per_character),
        "unigram": formats.number(card.baseline.perplexity_per_character),
        "bytes": formats.size(card.bytes),
        "cell": card.cell.upper(),
    }
    st.markdown(t("writing.size", **words))
    heads = [t(f"writing.column_{name}") for name in ("name", "perplexity", "parameters", "characters")]
    rows = [
        (model_name(card.name), words["perplexity"], words["parameters"], words["characters"]),
        (t("writing.unigram"), words["unigram"], formats.count(len(card.vocabulary) - 2), words["characters"]),
        (t("writing.uniform"), formats.number(len(card.vocabulary) - 2), "0", "0"),
    ]
    table(t("writing.small"), heads, rows, show_caption=False)
    st.caption(t("writing.perplexity"))


def _transformer(card: TransformerCard) -> None:
    """Draw the same of a transformer."""
    perplexity, unigram = (formats.number(math.exp(nats)) for nats in (card.held_out.nats, card.held_out.unigram))
    parameters = formats.count(card.parameters)
    words = {
        "parameters": parameters,
        "bytes": formats.size(card.bytes),
        "context": card.context,
        "perplexity": perplexity,
        "unigram": unigram,
        "poems": formats.count(card.dataset.train),
        "characters": formats.count(card.dataset.train * card.context),
    }
    st.markdown(t("writing.size_plays" if card.task == PLAYS else "writing.size_quatrains", **words))
    tokens = len(card.vocabulary) - 2
    heads = [t(f"writing.column_{name}") for name in ("name", "perplexity", "parameters")]
    rows = [
        (model_name(card.name), perplexity, parameters),
        (t("writing.unigram"), unigram, formats.count(tokens)),
        (t("writing.uniform"), formats.number(tokens), "0"),
    ]
    table(t("writing.small"), heads, rows, show_caption=False)
    st.caption(t("writing.perplexity"))
    if card.task == QUATRAINS:
        shell.link_to("transformer")


def _memorised() -> None:
    """Say how much of what the network writes stands in its training text, beside texts that it has not seen."""
    one = state.chosen()
    measured = writers.memorisation(one)
    sampled = measured and measured.at(state.TEMPERATURE.default, state.TOP_K.default)
    if not measured or not sampled:
        return
    words = {
        "characters": formats.count(sampled.characters),
        "length": measured.index.least,
        "share": formats.measured(sampled.share),
        "unseen": formats.measured(measured.held_out.share),
    }
    st.markdown(t(f"writing.memorised_{one.task}" if one.task != writers.SENTENCES else "writing.memorised", **words))
    shell.link_to("privacy", t("writing.privacy"))
