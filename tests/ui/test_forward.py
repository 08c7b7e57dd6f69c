"""The lesson on forward propagation without a browser: every beat of every network, with the engine's numbers in it."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from glassbox.calibration import calibrated
from glassbox.explain.terms.explain import Tapped
from glassbox.ui.base import formats, i18n, payload
from glassbox.ui.charts import stage_pictures
from glassbox.ui.components import temperature
from glassbox.ui.pages.forward.formulas import flatten
from glassbox.ui.pages.forward.view import LAYERS
from glassbox.zoo import digit_models
from tests.ui.dashboard import component, visit

ZOO = digit_models.load()


@pytest.mark.parametrize(("model", "language"), [("mlp", "en"), ("cnn", "zh"), ("rnn", "en")])
def test_every_beat_has_its_picture_its_formula_and_its_check(model: str, language: str) -> None:
    words = i18n.strings(language)
    app = visit("forward", language, model=model)
    data = component(app, "stepper")
    titles = [words[f"forward.{layer.rpartition('/')[2]}"] for layer in LAYERS[model]]
    assert [picture["title"] for picture in data["pictures"]] == titles
    for picture in data["pictures"]:
        assert picture["marked"]
        for x, y, width, height in picture["marked"]:
            assert x >= 0 and x + width <= picture["width"]
            assert y >= 0 and y + height <= picture["height"]
    assert len(app.latex) == len(titles)
    assert all(r"\begin{aligned}" in formula.value and "nan" not in formula.value for formula in app.latex)
    computed = sum(layer in ("hidden", "conv", "rnn/states", "logits") for layer in LAYERS[model])
    assert sum(caption.value.startswith("✓") for caption in app.caption) == computed


def test_the_lesson_begins_where_the_link_says_and_a_shorter_one_ends_where_it_ends() -> None:
    assert component(visit("forward", model="cnn", beat="3"), "stepper")["step"] == 2
    assert component(visit("forward", model="rnn", beat="6"), "stepper")["step"] == len(LAYERS["rnn"]) - 1


@pytest.mark.parametrize("forged", ["0", "-1", "x", "٣", "1e9", "99999999999"])
def test_forged_step_is_passed_over(forged: str) -> None:
    assert component(visit("forward", beat=forged), "stepper")["step"] == 0


def test_a_thread_is_as_thick_as_its_part_of_the_sum() -> None:
    app = visit("forward", model="mlp")
    pictures = component(app, "stepper")["pictures"]
    inside = Tapped(ZOO.model_bytes("mlp")).run(
        {"picture": (app.session_state["picture"].digit.astype(np.float32) / np.float32(255))[None]}
    )
    assert [picture["share"] for picture in pictures[:2]] == [None, 1.0] and pictures[4]["share"] == 1.0
    label = int(inside.tensors["logits"][0].argmax())
    products = np.abs(inside.tensors["hidden"][0] * inside.tensors["logits/kernel"][:, label])
    assert pictures[3]["share"] == pytest.approx(products.max() / products.sum(), rel=1e-4)


@pytest.mark.parametrize(("model", "at", "rows"), [("mlp", 1, 28), ("cnn", 3, 32 * 13)])
def test_every_row_slides_to_its_place_in_the_list(model: str, at: int, rows: int) -> None:
    pictures = component(visit("forward", model=model), "stepper")["pictures"]
    flat, before = pictures[at], pictures[at - 1]
    assert len(flat["rows"]) == rows and not before["rows"]
    for number, (x0, y0, x1, y1) in enumerate(flat["rows"]):
        assert 0 <= x0 <= before["width"] - flat["row_width"] and 0 <= y0 < before["height"]
        assert y1 * flat["width"] + x1 == number * flat["row_width"]  # one after the other


def test_address_in_the_list_is_the_one_that_flattening_gives() -> None:
    values = np.arange(2 * 3 * 4).reshape(1, 2, 3, 4)
    place = int(np.flatnonzero(values.reshape(-1) == values[0, 1, 2, 3])[0]) + 1
    assert f"= {place}" in flatten((0, 1, 2, 3), values.shape, 0.5)
    assert r"12\,(m - 1) + 4\,(r - 1) + c" in flatten((0, 1, 2, 3), values.shape, 0.5)
    assert "f_{31} &= x_{2,\\,3}" in flatten((0, 1, 2), (1, 28, 28), 0.5)


@pytest.mark.parametrize("dark", [False, True])
def test_a_cell_is_drawn_in_its_box(dark: bool) -> None:
    values = np.zeros((1, 10, 3, 4), np.float32)
    values[0, 9, 2, 1] = 1
    drawn = stage_pictures.maps(values, dark)
    x, y, _, _ = map(int, drawn.box((0, 9, 2, 1)))
    other, _, _, _ = map(int, drawn.box((0, 9, 2, 2)))
    assert not np.array_equal(drawn.colours[y, x], drawn.colours[y, other])
    flat = np.zeros((1, 784), np.float32)
    flat[0, 100] = 1
    drawn = stage_pictures.column(flat, dark)
    x, y, _, _ = map(int, drawn.box((0, 100)))
    assert not np.array_equal(drawn.colours[y, x], drawn.colours[0, 0])


def bar_lengths(drawn: stage_pictures.Drawn, count: int) -> list[int]:
    """How many pixels of each bar's middle column are inked, all of them in a row, and none beside it."""
    inked, lengths = (drawn.colours != 255).any(axis=-1), []
    for one in range(count):
        x, _, wide, _ = drawn.box((one,))
        rows = np.flatnonzero(inked[:, int(x + wide / 2)])
        lengths.append(len(rows))
        assert not inked[:, int(x - wide / 2)].any() and len(np.unique(np.diff(rows))) <= 1
    return lengths


def test_bars_go_down_for_what_is_negative() -> None:
    drawn = stage_pictures.bars(np.array([1.0, -1.0, 0.5, 0.0]), dark=False)
    middle = stage_pictures.BAR // 2
    assert bar_lengths(drawn, 4) == [middle, middle, pytest.approx(middle / 2, abs=0.5), 0]
    inked = (drawn.colours != 255).any(axis=-1)
    up, down = (inked[:, int(drawn.box((one,))[0])] for one in range(2))
    assert up[:middle].all() and down[middle:].all()


def test_bars_are_as_long_as_their_numbers() -> None:
    """To half a pixel of 210: neither is the smallest one drawn longer, nor the largest to the top."""
    shares = np.array([0.196, 0.02, 0.003, 0.001, 0.5, 0.28])
    assert bar_lengths(stage_pictures.bars(shares, False, full=1), 6) == pytest.approx(
        shares * stage_pictures.BAR, abs=0.5
    )
    assert bar_lengths(stage_pictures.bars(shares, False), 6)[4] == stage_pictures.BAR


def test_the_softmax_is_drawn_to_the_scale_of_certainty() -> None:
    app = softmax_of(temperature="3.00")
    *_, enlarged = [one.value for one in app.html if "gb-stage-labels" in one.value and "<img" in one.value]
    source = re.search(r'src="data:image/png;base64,([^"]+)"', enlarged)
    assert source is not None
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(source[1]))).convert("RGB"))
    drawn = stage_pictures.Drawn(picture, lambda k: (10 * (2 * k[-1] + 1), 0, 10, 210))
    scores = np.array(component(app, "temperature")["scores"])
    assert bar_lengths(drawn, 10) == pytest.approx(210 * calibrated(scores, "logits", 3.0), abs=0.5)


def softmax_of(**link: str) -> AppTest:
    return visit("forward", model="mlp", beat="5", **link)


def test_slider_starts_at_the_networks_own_temperature_and_its_link_moves_it() -> None:
    own = ZOO.cards["mlp"].calibration.temperature
    data = component(softmax_of(), "temperature")
    assert (data["own"], data["chosen"]) == (own, None)
    app = softmax_of(temperature="1.00")
    data = component(app, "temperature")
    assert data["chosen"] == 1 and app.query_params["temperature"] == "1.00"
    plain, confidence = (
        formats.percent(float(calibrated(np.array(data["scores"]), "logits", divisor).max())) for divisor in (1.0, own)
    )
    (said,) = [text.value for text in app.markdown if "With its own T" in text.value]
    assert plain != confidence and f"{confidence} sure" in said and said.endswith(f"With T = 1.00 it would be {plain}.")
    assert "T = 1" in app.latex[-1].value


@pytest.mark.parametrize("forged", ["0.05", "3.01", "nan", "1", "1e0", "../x", "٠.٥٠", "-1.0"])
def test_forged_temperature_is_passed_over(forged: str) -> None:
    assert component(softmax_of(temperature=forged), "temperature")["chosen"] is None


@pytest.mark.parametrize(
    ("sent", "chosen"),
    [
        ({"temperature": 0.5}, [0.5]),
        ({"temperature": None}, [None]),
        ({"temperature": 1}, [1.0]),
        ({"temperature": 3.5}, []),
        ({"temperature": float("nan")}, []),
        ({"temperature": "1"}, []),
        ({}, []),
        (None, []),
    ],
)
def test_only_a_temperature_of_the_slider_is_taken(
    monkeypatch: pytest.MonkeyPatch, sent: object, chosen: list[float | None]
) -> None:
    taken: list[float | None] = []
    monkeypatch.setattr(payload, "sent", lambda key, event: sent)
    monkeypatch.setattr(temperature, "_component", lambda *, on_chosen_change, **options: on_chosen_change())
    scores = np.zeros(2)
    temperature.temperature_slider(scores, labels=("0", "1"), colour="", own=1.0, chosen=None, on_chosen=taken.append)
    assert taken == chosen
