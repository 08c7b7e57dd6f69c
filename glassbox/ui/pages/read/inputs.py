"""The four ways to give a picture: draw it, upload files, take a photo, pick a sample."""

import streamlit as st

from glassbox.digits import images
from glassbox.digits.images import PictureError
from glassbox.digits.reader import Reader
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.components.canvas import canvas
from glassbox.ui.components.samples import samples
from glassbox.ui.frame import picture, uploads
from glassbox.ui.pages.read import batch

WAYS = ("draw", "upload", "camera", "samples")
MAX_FILES = 50


def ways_in(reader: Reader) -> None:
    """Show the four ways side by side and take what comes in; what could not be read is said below them."""
    way = choice(
        "way", t("read.way.label"), WAYS, lambda name: t(f"read.way.{name}"), show_label=False, width="stretch"
    )
    with st.container(key=f"gb_way_{way}"):
        if way == "upload":
            _upload(reader)
        elif way == "camera":
            _camera()
        elif way == "samples":
            st.markdown(t("read.samples_lead"))
            samples(picture.take_sample)
        else:
            canvas(*picture.drawing(), on_drawn=picture.take_drawing)
    if error := picture.problem():
        st.error(sentence(error), icon=":material/error:")


def sentence(error: PictureError) -> str:
    """What was wrong with a picture and what to do, in the visitor's language."""
    return t(f"read.picture_error.{error.code}", **error.details)


def _upload(reader: Reader) -> None:
    # A new key empties the widget once its files are read, so that their bytes can go.
    turn = st.session_state.setdefault("upload_turn", 0)
    files = st.file_uploader(
        t("frame.upload.label"),
        accept_multiple_files=True,
        key=f"upload_{turn}",
        help=t("frame.upload.help", formats=", ".join(images.FORMATS)),
    )
    st.caption(t("frame.upload.private"))
    if not files:
        return
    bar = st.progress(0.0, t("frame.upload.reading", done=0, count=len(files))) if len(files) > 3 else None
    rows = []
    for done, file in enumerate(files[:MAX_FILES], 1):
        rows.append(batch.read_file(file.name, file.getvalue(), reader))
        if bar:
            bar.progress(done / len(files), t("frame.upload.reading", done=done, count=len(files)))
    batch.keep(rows, left_out=max(0, len(files) - MAX_FILES))
    uploads.forget(files)
    st.session_state["upload_turn"] = turn + 1
    st.rerun()


def _camera() -> None:
    turn = st.session_state.setdefault("camera_turn", 0)
    photo = st.camera_input(t("frame.camera.label"), key=f"camera_{turn}", help=t("frame.camera.help"))
    if photo is None:
        return
    picture.take_file(photo.getvalue(), "camera")
    uploads.forget([photo])
    st.session_state["camera_turn"] = turn + 1
    st.rerun()
