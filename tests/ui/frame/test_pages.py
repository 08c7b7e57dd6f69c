"""The first screen and what all pages share, run without a browser on the shipped models."""

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from glassbox.digits import decoding, images, links, strokes
from glassbox.digits.reader import Familiarity, Reader
from glassbox.engine import session
from glassbox.paths import MODELS
from glassbox.ui.base import i18n
from glassbox.ui.frame import shell
from glassbox.zoo import digit_models
from tests.ui.dashboard import SEVEN, THREE, component, png, switch, upload, visit

STRINGS = {language: i18n.strings(language) for language in i18n.LANGUAGES}


@pytest.fixture(autouse=True)
def fresh_reader() -> Iterator[None]:
    shell.reader.clear()
    yield
    shell.reader.clear()


def shown(app: AppTest) -> dict[str, str]:
    return {card["name"]: card["label"] for card in component(app, "cards")["cards"]}


def summary(app: AppTest) -> str:
    (text,) = [one.value for one in app.html if one.value.startswith('<p class="gb-summary')]
    return str(text)


def test_first_visit_shows_a_sample_with_three_verdicts() -> None:
    app = visit()
    assert list(shown(app)) == list(digit_models.article())
    assert component(app, "canvas")["ghost"] and component(app, "canvas")["strokes"]
    assert len(component(app, "preparation")["steps"]) == 4


@pytest.mark.parametrize("sample", [SEVEN, THREE], ids=lambda sample: sample.label)
def test_verdicts_of_an_upload_are_the_readers(sample: strokes.Sample) -> None:
    digit = images.prepare(png(sample)).digit
    app = upload(visit(), **{"digit.png": png(sample)})
    reader = Reader(digit_models.load())
    assert shown(app) == {name: verdict.label for name, verdict in reader.read(digit).items()}
    for card in component(app, "cards")["cards"]:
        assert card["shares"] == [round(p, 4) for p in reader.read(digit)[card["name"]].probabilities]
    assert np.array_equal(component(app, "preparation")["digit"]["values"], digit)
    assert app.query_params["d"] == links.to_link(digit)


def test_switch_adds_the_other_three() -> None:
    app = visit()
    app.toggle(key="all_six").set_value(True).run()
    assert list(shown(app)) == list(digit_models.names())


def test_link_brings_its_digit_to_every_page() -> None:
    digit = images.prepare(png(SEVEN)).digit
    app = visit(d=links.to_link(digit))
    assert np.array_equal(component(app, "preparation")["digit"]["values"], digit)
    assert any(STRINGS["en"]["read.strip.from_link"] == caption.value for caption in app.caption)
    switch(switch(app, "model_zoo"), "read")
    assert np.array_equal(component(app, "preparation")["digit"]["values"], digit)


@pytest.mark.parametrize("link", ["x", "!!!!", "A" * 5000, "数字"])
def test_broken_link_is_said_and_a_sample_shown(link: str) -> None:
    app = visit(d=link)
    assert app.error[0].value == STRINGS["en"]["read.picture_error.link"]
    assert shown(app).keys() == set(digit_models.article())


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize(
    ("code", "data"),
    [("empty", b""), ("format", b"no picture"), ("broken", png(SEVEN)[:200]), ("too_large", bytes(10_000_001))],
)
def test_unreadable_file_is_one_sentence_and_the_last_result_stays(language: str, code: str, data: bytes) -> None:
    app = upload(visit(language=language), **{"digit.png": png(SEVEN)})
    before = component(app, "preparation")["digit"]
    app = upload(app, **{"bad.png": data})
    (error,) = app.error
    details = {"megabytes": 10.0, "limit": 10, "formats": ", ".join(decoding.FORMATS)}
    assert error.value == STRINGS[language][f"read.picture_error.{code}"].format(**details)
    assert component(app, "preparation")["digit"] == before
    app = upload(app, **{"digit.png": png(THREE)})
    assert not app.error


def test_several_files_give_a_table() -> None:
    app = upload(visit(), **{"seven.png": png(SEVEN), "bad.png": b"", "three.png": png(THREE)})
    table = app.dataframe[0].value
    reader = Reader(digit_models.load())
    assert list(table["name"]) == ["seven.png", "bad.png", "three.png"]
    for row, sample in ((0, SEVEN), (2, THREE)):
        for name, verdict in reader.read(images.prepare(png(sample)).digit).items():
            assert table[name][row].startswith(f"{verdict.label} ·")
    assert table["error"][1] == STRINGS["en"]["read.picture_error.empty"]
    assert shown(app) == {n: v.label for n, v in reader.read(images.prepare(png(THREE)).digit).items()}


def test_photo_is_read() -> None:
    app = visit()
    app.session_state["way"] = "camera"
    app.run()
    file = io.BytesIO()
    Image.fromarray(255 - strokes.draw(SEVEN.strokes)).save(file, "JPEG")
    app.camera_input[0].upload("photo.jpg", file.getvalue()).run()
    digit = images.prepare(file.getvalue()).digit
    assert np.array_equal(component(app, "preparation")["digit"]["values"], digit)


def test_language_switch_changes_every_word_and_keeps_the_digit() -> None:
    app = upload(visit(), **{"digit.png": png(SEVEN)})
    before = component(app, "preparation")["digit"]["values"]
    app.segmented_control(key="language_widget").set_value("zh").run()
    assert app.title[0].value == STRINGS["zh"]["read.question"]
    assert app.query_params["lang"] == "zh"
    assert component(app, "preparation")["digit"]["values"] == before
    switch(app, "model_zoo")
    assert app.title[0].value == STRINGS["zh"]["model_zoo.question"]


@pytest.mark.parametrize("reason", ["not_built", "not_loaded"])
def test_cuda_that_is_missing_cannot_be_chosen_and_it_is_said_why(monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    state = session.provider_state
    missing = session.ProviderState("cuda", False, reason)
    monkeypatch.setattr(session, "provider_state", lambda name: missing if name == "cuda" else state(name))
    app = visit(state={"provider": "cuda"})
    assert "provider_widget" not in [control.key for control in app.segmented_control]
    assert any(STRINGS["en"][f"frame.provider_missing.{reason}"] in text.help for text in app.markdown)
    assert all("on CPU" in card["foot"] for card in component(app, "cards")["cards"])


def test_model_that_is_not_its_cards_is_named_and_the_others_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    load = digit_models.load
    shutil.copytree(MODELS, folder)
    model = folder / "cnn" / "1" / "model.onnx"
    model.write_bytes(model.read_bytes() + b"\0")
    monkeypatch.setattr(digit_models, "load", lambda: load(folder))
    app = visit()
    assert list(shown(app)) == ["mlp", "rnn"]
    said = STRINGS["en"]["frame.refused.model"].format(model="CNN", reason=STRINGS["en"]["frame.refused.sha256"])
    assert [warning.value for warning in app.warning] == [said]
    switch(app, "model_zoo")
    assert said in [warning.value for warning in app.warning]


def test_picture_unlike_any_digit_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reader, "familiarity", lambda self, digit: Familiarity(2.0, 1.0, familiar=False))
    app = visit()
    assert STRINGS["en"]["frame.familiarity.unlike"] in summary(app)
    assert len(shown(app)) == 3


def test_verdicts_that_disagree_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    read = Reader.read

    def quarrel(self: Reader, digit: Any, models: Any = None) -> Any:
        verdicts = read(self, digit, models)
        return (
            verdicts
            | {"rnn": replace(verdicts["rnn"], label="8", confidence=0.51)}
            | {name: replace(verdicts[name], label="3", confidence=0.9) for name in ("mlp", "cnn")}
        )

    monkeypatch.setattr(Reader, "read", quarrel)
    assert "They disagree: MLP (90.0%) and CNN (90.0%) read 3; RNN (51.0%) read 8." in summary(visit())


def test_digit_kept_wins_over_an_older_link_of_ones_own() -> None:
    """Going to another page by a link that was drawn before the last stroke."""
    app = upload(visit(), **{"digit.png": png(SEVEN)})
    older = app.query_params["d"]
    app = upload(app, **{"digit.png": png(THREE)})
    newer = app.query_params["d"]
    switch(app, "model_zoo", d=older)
    assert app.query_params["d"] == newer


def test_going_back_brings_the_digit_back() -> None:
    app = upload(visit(), **{"digit.png": png(SEVEN)})
    seven, older = component(app, "preparation")["digit"]["values"], app.query_params["d"]
    app = upload(app, **{"digit.png": png(THREE)})
    app.query_params["d"] = older
    app.run()
    assert component(app, "preparation")["digit"]["values"] == seven
