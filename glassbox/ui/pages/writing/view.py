"""The parts of the page on writing: the controls, the text being written, and the size of the language model."""

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from glassbox.text.tokens import TextError
from glassbox.ui.base import formats
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Entry, bound
from glassbox.ui.charts.tables import table
from glassbox.ui.components.text_writer import Sheet, text_writer
from glassbox.ui.frame import notices, shell, texts
from glassbox.ui.pages.writing import state
from glassbox.ui.pages.writing.state import MAX_CHARACTERS, MAX_PROMPT, PROMPTS, SEEDS, TEMPERATURES, TOP_KS, WRITERS
from glassbox.zoo.text_models import WritingCard

Number = TypeVar("Number", int, float)


def controls() -> None:
    """Draw the choice of the language, the prompt, temperature, top-k and the seed."""
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    with left:
        choice(
            state.WRITER,
            t("writing.writer"),
            tuple(WRITERS),
            words=lambda name: t(f"writing.writer_{name}"),
            on_chosen=lambda: state.change(state.PROMPT, PROMPTS[state.WRITER.get()][0]),
        )
    with right:
        _prompt()
    columns = st.columns(3, gap="medium", vertical_alignment="bottom")
    for column, draw in zip(columns, (_temperature, _top_k, _seed), strict=True):
        with column:
            draw()


def sheet(provider: str) -> None:
    """Draw the text as it is being written, or say why it can't be."""
    notices.refused(texts.zoo(), tuple(WRITERS.values()))
    if state.card() is not None:
        _sheet(provider)


@st.fragment
def _sheet(provider: str) -> None:
    state.follow_link()  # a choice made in the sheet goes into the link too
    card = state.card()
    if card is None:
        return
    writer = texts.writer(card.name, provider)
    try:
        shown = state.sheet(writer)
    except TextError as error:
        st.error(texts.error_message(error.reason), icon=":material/error:")
        return
    index = texts.training_index(card.name)
    with st.container(key="gb_writer"):
        text_writer(
            Sheet(
                number=shown.number,
                prompt=shown.settings.prompt,
                written=shown.written,
                start=shown.start,
                running=shown.running,
                limit=MAX_CHARACTERS,
                taken=[position for position, _ in shown.settings.choices],
                colour=model_colour(card.name),
                copied=state.copied(shown, index) if index else None,
                run_length=index.length if index else 0,
            ),
            on_more=lambda count: state.extend(shown, writer, count + state.CHUNK),
            on_taken=lambda position, character: state.choose(shown, position, character),
            on_again=state.restart,
        )
    st.caption(t("writing.legend"))
    st.caption(t("writing.copied", length=index.length) if index else t("writing.no_index"))


def size(card: WritingCard) -> None:
    """Draw the size of the language model and its perplexity, beside a unigram model and equal probabilities."""
    st.header(t("writing.small"), anchor=False)
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
    _memorised(card)
    st.download_button(
        t("frame.foot.onnx", model=card.name),
        texts.zoo().model_bytes(card.name),
        file_name=f"{card.name}.onnx",
        mime="application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        key=f"writing_onnx_{card.name}",
    )


def _memorised(card: WritingCard) -> None:
    """Say how much of what the network writes stands in its training text, beside sentences that it has not seen."""
    measured = card.memorisation
    sampled = measured and measured.at(state.TEMPERATURE.default, state.TOP_K.default)
    if not measured or not sampled:
        return
    words = {
        "characters": formats.count(sampled.characters),
        "length": measured.index.length,
        "share": formats.measured(sampled.share),
        "unseen": formats.measured(measured.held_out.share),
    }
    st.markdown(t("writing.memorised", **words))
    shell.link_to("privacy", t("writing.privacy"))


def _prompt() -> None:
    current = state.settings()

    def take(prompt: str | None) -> None:
        state.change(state.PROMPT, str(prompt or "")[:MAX_PROMPT])

    st.selectbox(
        t("writing.prompt"),
        dict.fromkeys((*PROMPTS[current.writer], *([current.prompt] if current.prompt else []))),
        index=None,
        accept_new_options=True,
        **bound("writing_prompt_widget", current.prompt or None, take),
        placeholder=t("writing.prompt_none"),
        help=t("writing.prompt_help"),
    )


def _temperature() -> None:
    _slider("temperature", state.TEMPERATURE, options=TEMPERATURES, words="{:g}".format)


def _top_k() -> None:
    _slider("top_k", state.TOP_K, options=TOP_KS, words=lambda count: str(count) if count else t("writing.all"))


def _slider(name: str, entry: Entry[Number], *, options: Sequence[Number], words: Callable[[Number], str]) -> None:
    """Draw a slider for the setting `name`, whose value `entry` holds."""
    slider = bound(entry.widget, entry.get(), take=lambda value: state.change(entry, value), options=options)
    st.select_slider(t(f"writing.{name}"), options, format_func=words, help=t(f"writing.{name}_help"), **slider)


def _seed() -> None:
    st.button(
        t("writing.seed", seed=state.SEED.get()),
        icon=":material/casino:",
        help=t("writing.seed_help"),
        on_click=lambda: state.change(state.SEED, random.randrange(SEEDS)),
        key="writing_seed_button",
        width="stretch",
    )
