"""The choice of a network and of a text: well-known beginnings, the visitor's own, and the poem that is asked for."""

import html
from collections.abc import Mapping, Sequence

import streamlit as st

from glassbox.text.quatrains import DYNASTIES, FORMS, RULES, THEME
from glassbox.text.read_text import ReadText
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.quoting import quoted
from glassbox.ui.base.state import Kind, bound, declare
from glassbox.ui.pages.transformer import state
from glassbox.ui.pages.transformer.copied import copied, least
from glassbox.ui.pages.transformer.poets import QUATRAINS
from glassbox.zoo.transformer_models import TransformerCard

_BOX = declare("look_text_box", Kind.TEXTS, "")
_THEME = declare("look_theme_box", Kind.TEXTS, "")


def draw(card: TransformerCard, offered: Mapping[str, TransformerCard]) -> None:
    """Draw the choices; say what the example is, and what of a text was not read."""
    if len(offered) > 1:
        choice(
            state.MODEL,
            t("transformer.network"),
            tuple(offered),
            words=lambda name: t(f"transformer.writes.{offered[name].task}"),
            show_label=False,
            on_chosen=state.begin_anew,
        )
    with st.container(horizontal=True, vertical_alignment="bottom", key="gb_look_controls"):
        _examples(card)
        with st.popover(t("transformer.own"), icon=":material/edit:", key="look_own"):
            text = bound(_BOX.key, state.text(card), lambda text: state.use(str(text or "")))
            st.text_area(
                t("transformer.own_label"),
                max_chars=state.MOST,
                placeholder=t(f"transformer.own_placeholder.{card.task}"),
                help=t(f"transformer.own_help.{card.task}"),
                key=_BOX.key,
                on_change=text["on_change"],
            )
            if card.task == QUATRAINS:
                _poem()
    if example := state.example(card):
        said = {"source": t(f"transformer.source.{example.key}"), "whole": t(f"transformer.whole.{example.key}")}
        st.caption(t("transformer.example_said", **said))
    read = state.read(card)
    if copied(card, read.signs):
        st.caption(t("transformer.copied", length=least(card)))
    for sentence in not_read(read, card.task):
        st.html(f'<p class="gb-notice">{html.escape(sentence)}</p>')


def _poem() -> None:
    """Draw what a poem is asked to be."""
    _asked("form", state.ASKED.get().form, ("", *FORMS))
    _asked("dynasty", state.ASKED.get().dynasty, DYNASTIES)
    _asked("rule", state.ASKED.get().rule, RULES)
    theme = bound(_THEME.key, state.ASKED.get().theme, lambda theme: state.ask(theme=str(theme or "")))
    st.text_input(
        t("transformer.theme"),
        max_chars=THEME,
        help=t("transformer.theme_help"),
        key=_THEME.key,
        on_change=theme["on_change"],
    )


def not_read(read: ReadText, task: str) -> list[str]:
    """Return a sentence for each thing in the text that the network of a `task` can't read."""
    said = [] if read.signs else [t("transformer.empty")]
    if read.unknown:
        said.append(
            t("transformer.unknown", signs=quoted(" ".join(read.unknown)), knows=t(f"transformer.knows.{task}"))
        )
    if read.removed:
        said.append(t("transformer.removed", count=read.removed))
    if read.behind:
        details = {"context": len(read.ids), "read": len(read.signs), "behind": f"{read.behind:,}"}
        said.append(t("transformer.behind", **details))
    return said


def _examples(card: TransformerCard) -> None:
    names = {
        example.text: t(
            "transformer.by", text=example.text.replace("\n", " "), source=t(f"transformer.source.{example.key}")
        )
        for example in state.task(card).examples
    }
    current = state.example(card)
    st.selectbox(
        t("transformer.example"),
        list(names),
        format_func=names.__getitem__,
        placeholder=t("transformer.example_own"),
        label_visibility="collapsed",
        **bound("look_example_widget", current.text if current else None, _use, names),
    )


def _use(text: str | None) -> None:
    if text is not None:
        state.use(text)


def _asked(name: str, value: str, options: Sequence[str]) -> None:
    """Draw the choice of one thing that is asked for in front of the text."""
    st.segmented_control(
        t(f"transformer.{name}"),
        options,
        format_func=lambda option: t(f"transformer.asked.{option or 'by_line'}"),
        required=True,
        **bound(f"look_{name}_widget", value, lambda chosen: state.ask(**{name: chosen}), options),
    )
