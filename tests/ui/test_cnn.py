"""The page of the CNN without a browser: its sums, its table of shares, its arithmetic."""

import base64
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from glassbox.explain.terms.explain import Tapped
from glassbox.ui.components.convolution import Cell
from glassbox.ui.pages.cnn import arithmetic
from glassbox.zoo import digit_models
from tests.ui.dashboard import component, visit

ZOO = digit_models.load()


def texts(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.html, *app.markdown])


def test_cells_are_named_in_the_visitors_language() -> None:
    said = texts(visit("cnn", "zh", state={"cnn_cell_cnn_conv": Cell(4, 13, 12)}))
    assert "池化层的特征图 5，第 7 行第 7 列" in said and "pool 的" not in said


def test_picked_cell_is_explained_and_followed() -> None:
    app = visit("cnn", state={"cnn_cell_cnn_conv": Cell(4, 13, 12)})
    said = texts(app)
    assert component(app, "convolution")["place"] == [4, 13, 12]
    assert "map 5, row 7, column 7 of pool" in said
    assert "✓ ONNX Runtime computed the same shares" in said and "✗" not in said


@pytest.mark.parametrize("layer", [f"conv{n}" for n in range(1, 7)])
def test_every_layer_of_the_deep_network_opens(layer: str) -> None:
    app = visit("cnn", state={"cnn_network": "cnn_deep", "cnn_layer": layer})
    said = texts(app)
    assert component(app, "convolution")["layer"] == layer and "✗" not in said
    goes = {"conv2": " of pool1 = ", "conv4": " of pool2 = ", "conv6": " of pool3/mean = "}
    assert goes.get(layer, "the next convolution") in said


def test_the_overview_has_every_layer_and_leads_to_its_maps_and_bars() -> None:
    app = visit("cnn")
    layers = component(app, "network_overview")["layers"]
    assert [(layer["title"], layer["parts"]) for layer in layers] == [
        ("Your digit", 1),
        ("conv", 32),
        ("pool", 32),
        ("Scores", 10),
        ("Shares", 10),
    ]
    assert [layer["leads_to"] for layer in layers] == ["gb_grid"] * 3 + ["gb_verdict"] * 2


def test_each_map_has_the_name_of_what_its_kernel_responds_to() -> None:
    names = component(visit("cnn"), "convolution")["names"]
    assert len(names) == 32 and {"upper edges", "vertical strokes"} <= set(names)


def test_score_asked_for_is_the_one_explained() -> None:
    app = visit("cnn")
    app.segmented_control(key="cnn_digit_widget").set_value("4").run()
    assert "The score of the 4, term by term" in texts(app)


def test_terms_of_a_score_lie_as_the_maps_do() -> None:
    """The picture of the evidence gives each map its products by their order."""
    inside = Tapped(ZOO.model_bytes("cnn")).run({"picture": np.ones((1, 1, 28, 28), np.float32)})
    terms, shape = inside.terms("logits", (0, 3)).terms, inside.tensors["pool"].shape
    for place in (0, 12, 169, 1000, 5407):
        assert terms[place].source_index == np.unravel_index(place, shape)


def test_arithmetic_says_when_its_window_does_not_fit() -> None:
    app = visit("cnn", state={"gb_arithmetic": True, "toy_size": 3, "toy_kernel": 5})
    assert [info.value for info in app.info if "spans 5 cells" in info.value]


@pytest.mark.parametrize(
    ("setting", "places"),
    [((7, 3, 1, 0, 1), 5), ((7, 3, 2, 1, 1), 4), ((9, 3, 1, 0, 3), 3), ((5, 1, 3, 0, 1), 2)],
)
def test_arithmetic_works_the_size_out_and_draws_what_is_read(setting: tuple[int, ...], places: int) -> None:
    size, kernel, stride, padding, dilation = setting
    convolution = arithmetic.Convolution(size=size, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    assert convolution.output_size == places
    assert rf"\mathbf{{{places}}}" in convolution.formula()
    drawing = arithmetic.picture(convolution, places**2 - 1, dark=False, alt="x")
    svg = base64.b64decode(drawing.split("base64,")[1].split('"')[0]).decode()
    padded = convolution.size + 2 * convolution.padding
    assert svg.count("<rect") == padded**2 + places**2
    assert svg.count("stroke-dasharray") == padded**2 - convolution.size**2
    assert len(re.findall(f'fill="{arithmetic.palette.POSITIVE}"', svg)) == convolution.kernel**2 + 1
