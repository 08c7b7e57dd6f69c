"""Which model is looked into: a file of the visitor's, or an example; and the second one to compare it with."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from glassbox.engine import isolation
from glassbox.ui.base import formats, style
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import bound
from glassbox.ui.frame import uploads
from glassbox.ui.pages.own_model import asking, state
from glassbox.ui.pages.own_model.asking import Model

NAME = 60
"""Characters of a file's name that are kept."""
SHOWN = ("limits", "no_new_privileges", "landlock", "landlock_network", "seccomp")


def choose_model(offered: Mapping[str, Callable[[], bytes]]) -> None:
    """Draw the place for a file, and the list of models to try."""
    own = state.FILE.get()
    options = [*([state.OWN] if own else []), *offered]
    chosen = state.CHOSEN.get() if state.CHOSEN.get() in options else options[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with opener("own_model", primary=True):
            upload("own_model", t("own_model.file.label"), _take)
        st.selectbox(
            t("own_model.model"),
            options,
            format_func=lambda name: own.name if own and name == state.OWN else state.example_name(name),
            width=340,
            **bound("own_model_choice", chosen, state.choose, options),
        )
        with st.popover(
            t("own_model.private.title"), icon=":material/shield:", key="own_model_private", on_change="rerun"
        ) as unfolded:
            if unfolded.open:
                memory = formats.size(limits().memory)
                st.markdown(t("own_model.private.text", seconds=limits().seconds, memory=memory))
                st.markdown(protections())


def opener(name: str, primary: bool = False) -> DeltaGenerator:
    """Return what unfolds the place for the file that `upload` reads under `name`: it is closed after each file."""
    return st.popover(
        t("own_model.file.open"),
        icon=":material/upload_file:",
        type="primary" if primary else "secondary",
        key=f"{name}_open_{uploads.turn(name)}",
    )


def upload(name: str, label: str, take: Callable[[Model], None]) -> None:
    """Draw a place for an ONNX file with the key `name`, and hand what is dropped there to `take`."""
    most = min(limits().model_bytes >> 20, int(st.get_option("server.maxUploadSize")))
    style.uploader(
        name,
        button=t("own_model.file.button"),
        limit=t("own_model.file.limit", most=most),
        refused=t("own_model.file.refused", most=most),
    )

    def widget(key: str) -> Sequence[UploadedFile]:
        file = st.file_uploader(label, type=["onnx", "ort", "pb"], max_upload_size=most, key=key)
        return [file] if file else []

    def read(files: Sequence[UploadedFile]) -> None:
        take(Model(files[0].name[:NAME], files[0].getvalue()))

    with st.container(key=name):
        uploads.read_once(name, widget, read)


def limits() -> isolation.Limits:
    """Return what a model's process may take."""
    return isolation.shared().limits


@st.cache_data(max_entries=1, show_spinner=False)
def _held() -> dict[str, bool]:
    return isolation.shared().protections()


def protections() -> str:
    """Return in words what holds a model's process here, and what this machine can't."""
    try:
        held = _held()
    except Exception:  # no process can be started: every question to a model will say so
        return t("own_model.private.unknown")
    lines = [f"- {'✓' if held.get(name) else '✗'} {t(f'own_model.private.{name}')}" for name in SHOWN]
    return "\n".join(lines)


def _take(model: Model) -> None:
    state.FILE.set(model)
    state.choose(state.OWN)
    asking.prepare()
