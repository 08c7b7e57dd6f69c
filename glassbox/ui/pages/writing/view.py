"""The parts of the page on writing: what it begins with, how boldly it goes on, the sheet, and how small it is."""

import random
from collections.abc import Callable, Sequence

import streamlit as st

from glassbox.text.tokens import TextError
from glassbox.ui.base import formats
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import bound
from glassbox.ui.charts.tables import table
from glassbox.ui.components.text_writer import Sheet, text_writer
from glassbox.ui.frame import notices, texts
from glassbox.ui.pages.writing import state
from glassbox.ui.pages.writing.state import LONGEST, LONGEST_PROMPT, PROMPTS, SEEDS, TEMPERATURES, TOP_K
from glassbox.zoo.text_models import WritingCard


def controls() -> None:
    """Who writes, how it begins, and how boldly it goes on."""
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    with left:
        choice(
            state.WRITER,
            t("writing.writer"),
            tuple(state.WRITERS),
            lambda name: t(f"writing.writer_{name}"),
            on_chosen=lambda: state.fresh(prompt=PROMPTS[state.WRITER.get()][0]),
        )
    with right:
        _prompt()
    for column, draw in zip(
        st.columns(3, gap="medium", vertical_alignment="bottom"), (_temperature, _top_k, _seed), strict=True
    ):
        with column:
            draw()


def sheet(provider: str) -> None:
    """The text as it is being written."""
    notices.refused(texts.zoo(), tuple(state.WRITERS.values()))
    if state.card() is not None:
        _sheet(provider)


@st.fragment
def _sheet(provider: str) -> None:
    state.follow_link()  # a way taken is in the link too
    card = state.card()
    if card is None:
        return
    by = texts.writer(card.name, provider)
    try:
        on = state.sheet(by)
    except TextError as error:
        st.error(texts.sentence(error), icon=":material/error:")
        return
    with st.container(key="gb_writer"):
        text_writer(
            Sheet(
                number=on.number,
                prompt=on.settings.prompt,
                written=on.written,
                start=on.start,
                running=on.running,
                limit=LONGEST,
                taken=[place for place, _ in on.settings.ways],
                colour=model_colour(card.name),
            ),
            on_more=lambda have: state.write_on(on, by, have + state.CHUNK),
            on_taken=lambda place, sign: state.take(on, place, sign),
            on_again=state.again,
        )
    st.caption(t("writing.legend"))


def size(card: WritingCard) -> None:
    """How small the network is, and how well it expects what comes."""
    st.subheader(t("writing.small"), anchor=False)
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
    st.download_button(
        t("frame.foot.onnx", model=card.name),
        texts.zoo().model_bytes(card.name),
        file_name=f"{card.name}.onnx",
        mime="application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        key=f"writing_onnx_{card.name}",
    )


def _prompt() -> None:
    now = state.settings()

    def written(prompt: str | None) -> None:
        state.fresh(prompt=str(prompt or "")[:LONGEST_PROMPT])

    st.selectbox(
        t("writing.prompt"),
        dict.fromkeys((*PROMPTS[now.writer], *([now.prompt] if now.prompt else []))),
        index=None,
        accept_new_options=True,
        **bound("writing_prompt_widget", now.prompt or None, written),
        placeholder=t("writing.prompt_none"),
        help=t("writing.prompt_help"),
    )


def _temperature() -> None:
    _slider("temperature", TEMPERATURES, lambda value: f"{value:g}")


def _top_k() -> None:
    _slider("top_k", TOP_K, lambda value: f"{value:g}" if value else t("writing.all"))


def _slider(name: str, options: Sequence[float], words: Callable[[float], str]) -> None:
    value: float = getattr(state.settings(), name)
    slider = bound(f"writing_{name}_widget", value, lambda chosen: state.fresh(**{name: chosen}), options)
    st.select_slider(t(f"writing.{name}"), options, format_func=words, help=t(f"writing.{name}_help"), **slider)


def _seed() -> None:
    st.button(
        t("writing.seed", seed=state.settings().seed),
        icon=":material/casino:",
        help=t("writing.seed_help"),
        on_click=lambda: state.fresh(seed=random.randrange(SEEDS)),
        key="writing_seed_button",
        width="stretch",
    )
