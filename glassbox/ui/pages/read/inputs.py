"""The four ways to give a picture: draw it, upload files, take a photo, pick a sample."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from glassbox.digits import decoding, strokes
from glassbox.digits.reader import Reader
from glassbox.input_error import Reason
from glassbox.ui.base.choice import choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.components.canvas import canvas
from glassbox.ui.components.cards import Link, OwnCard
from glassbox.ui.components.samples import samples
from glassbox.ui.frame import heavy_jobs, picture, places, shell, taught, uploads
from glassbox.ui.frame.progress import stoppable
from glassbox.ui.pages.read import batch

WAYS = ("draw", "upload", "camera", "samples")
MAX_FILES = 50
"""Files read of one upload."""
FEW = 3
"""Files that are read at once; more are a heavy job."""
_UPLOADER = "pictures"
_WAY = declare("way", Kind.CONTROL, "")
ALL_MODELS = declare("all_six", Kind.CONTROL, False)
"""Whether all networks read the digit, beyond the three of the article."""


def picture_inputs(reader: Reader) -> None:
    """Draw the four ways to give a picture and take the picture given, or say why it could not be read."""
    way = choice(
        _WAY,
        t("read.way.label"),
        WAYS,
        lambda name: t(f"read.way.{name}"),
        show_label=False,
        width="stretch",
        on_chosen=picture.dismiss,
    )
    with st.container(key=f"gb_way_{way}"):
        if way == "upload":
            _upload(reader)
        elif way == "camera":
            _camera()
        elif way == "samples":
            st.markdown(t("read.samples_lead", count=len(strokes.SAMPLES)))
            samples(picture.take_sample)
        else:
            drawing, ghost, version = picture.drawing()
            canvas(
                drawing,
                picture.current().digit,
                ghost=ghost,
                version=version,
                on_drawn=picture.take_drawing,
                key=picture.CANVAS.key,
            )
    if problem := picture.problem():
        st.error(error_text(problem), icon=":material/error:")


def error_text(reason: Reason) -> str:
    """Return what was wrong with a picture and what to do, in the visitor's language."""
    return t(f"read.picture_error.{reason.code}", **reason.details)


def _upload(reader: Reader) -> None:
    def widget(key: str) -> Sequence[UploadedFile]:
        return st.file_uploader(
            t("frame.upload.label"),
            accept_multiple_files=True,
            key=key,
            help=t("frame.upload.help", formats=", ".join(decoding.FORMATS)),
        )

    uploads.read_once(_UPLOADER, widget, lambda files: _read_files(files, reader), t("frame.upload.private"))


def _read_files(files: Sequence[UploadedFile], reader: Reader) -> None:
    if len(files) > FEW:
        with heavy_jobs.turn():
            readings = _read_with_progress(files[:MAX_FILES], reader)
    else:
        readings = [batch.read_file(file.name, file.getvalue(), reader) for file in files]
    batch.keep(readings, left_out=max(0, len(files) - MAX_FILES))


def _read_with_progress(files: Sequence[UploadedFile], reader: Reader) -> list[batch.FileReading]:
    readings: list[batch.FileReading] = []

    def stop() -> None:
        batch.keep(readings, left_out=0)
        uploads.finish(_UPLOADER, files)

    with stoppable("uploads", stop) as tell:
        for done, file in enumerate(files):
            tell(done / len(files), t("frame.upload.reading", done=done + 1, count=len(files)))
            readings.append(batch.read_file(file.name, file.getvalue(), reader))
    return readings


def _camera() -> None:
    def widget(key: str) -> Sequence[UploadedFile]:
        photo = st.camera_input(t("frame.camera.label"), key=key, help=t("frame.camera.help"))
        return [photo] if photo else []

    uploads.read_once("camera", widget, lambda photos: picture.take_file(photos[0].getvalue(), "camera"))


def model_links(models: Iterable[str]) -> dict[str, Link]:
    """Return where each of `models` is shown from inside, with the visitor's digit."""
    links = {}
    for name in models:
        place, parameters = places.of_model(name)
        address = f"{places.address(place)}?{urlencode(shell.link_parameters() | parameters)}"
        links[name] = Link(address, t("read.link_record" if place.key == "model_zoo" else "read.link_inside"))
    return links


def taught_cards(page: shell.Page) -> list[OwnCard]:
    """Return a card for each network that the visitor has taught, the last one taught at the end."""
    cards = []
    for model, copy in taught.copies(page.reader).items():
        name = taught.name(model)
        place, parameters = taught.place(name) or places.of_model(model)
        address = f"{places.address(place)}?{urlencode(shell.link_parameters() | parameters)}"
        foot = t("read.taught.foot", label=copy.label, count=copy.frames[-1].step)
        title = t("read.taught.title", model=model_name(model))
        link = Link(address, t("read.taught.link"))
        cards.append(OwnCard(name, taught.verdict(page, model), link, title, foot))
    return cards
