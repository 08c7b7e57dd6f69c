"""The first screen without a browser: the CSV of several files, and what is said of pictures and verdicts."""

import csv
import io

import numpy as np

from glassbox.digits.decoding import PictureError
from glassbox.digits.reader import Verdict
from glassbox.ui.frame import notices
from glassbox.ui.pages.read.batch import FileReading, to_csv
from glassbox.zoo import digit_models
from tests.ui.dashboard import upload, visit


def rows(*readings: FileReading) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(readings).decode("utf-8-sig"))))


def test_every_network_and_every_error_has_its_cells() -> None:
    verdict = Verdict("cnn", "7", 0.98, np.full(10, 0.1), 1e-5, 5, "cpu")
    read, refused = rows(
        FileReading("七.png", None, {"cnn": verdict}),
        FileReading("b.png", None, {}, PictureError("blank", "It is blank.").reason),
    )
    assert list(read) == [
        "file",
        *(f"{m}_{what}" for m in digit_models.names() for what in ("label", "confidence")),
        "error",
    ]
    assert (read["file"], read["cnn_label"], read["cnn_confidence"], read["mlp_label"]) == (
        "七.png",
        "7",
        "0.980000",
        "",
    )
    assert (refused["cnn_label"], refused["error"]) == ("", "It is blank.")


def test_file_name_cannot_be_a_formula() -> None:
    names = ["=1+1", "+1.png", "-1.png", "@x", "\tx", "plain.png"]
    assert [row["file"] for row in rows(*(FileReading(name, None, {}) for name in names))] == [
        "'=1+1", "'+1.png", "'-1.png", "'@x", "'\tx", "plain.png",
    ]  # fmt: skip


def test_what_was_wrong_with_an_upload_is_forgotten_with_another_way() -> None:
    app = upload(visit(), **{"digit.png": b"no picture"})
    assert app.error
    app.segmented_control(key="way_widget").set_value("camera").run()
    assert not app.error


def test_all_six_are_listed_as_a_sentence_lists_them() -> None:
    assert notices.listed(["A", "B", "C"]) == "A, B and C"
    assert notices.listed(["A", "B"]) == "A and B"
    assert notices.listed(["A"]) == "A"
