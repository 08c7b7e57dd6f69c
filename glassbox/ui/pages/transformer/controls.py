"""The choice of a text: openings of well-known poems, the visitor's own lines, and the poem that is asked for."""

import html
from collections.abc import Sequence

import streamlit as st

from glassbox.text.quatrains import DYNASTIES, FORMS, RULES, THEME, Lines
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Kind, bound, declare
from glassbox.ui.pages.transformer import state

_BOX = declare("look_text_box", Kind.TEXTS, "")
_THEME = declare("look_theme_box", Kind.TEXTS, "")


def draw(read: Lines) -> None:
    """Draw the choice of a text, and say what of it was not read."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="gb_look_controls"):
        _examples()
        with st.popover(t("transformer.own"), icon=":material/edit:", key="look_own"):
            text = bound(_BOX.key, state.TEXT.get(), lambda text: state.use(str(text or "")))
            st.text_area(
                t("transformer.own_label"),
                max_chars=state.MOST,
                placeholder=t("transformer.own_placeholder"),
                help=t("transformer.own_help"),
                key=_BOX.key,
                on_change=text["on_change"],
            )
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
    for sentence in not_read(read):
        st.html(f'<p class="gb-notice">{html.escape(sentence)}</p>')


def not_read(read: Lines) -> list[str]:
    """Return a sentence for each thing in the text that the network can't read."""
    said = [] if read.signs else [t("transformer.empty")]
    if read.unknown:
        said.append(t("transformer.unknown", signs="".join(read.unknown)))
    if read.removed:
        said.append(t("transformer.removed", count=read.removed))
    if read.behind:
        details = {"context": len(read.ids), "read": len(read.signs), "behind": f"{read.behind:,}"}
        said.append(t("transformer.behind", **details))
    return said


def _examples() -> None:
    names = {example.text: t("transformer.by", text=example.text, poet=example.poet) for example in state.EXAMPLES}
    current = state.example()
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
