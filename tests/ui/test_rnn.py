"""The page on recurrent networks: what it sends to the browser, its formulas, its graph and its files."""

import base64
import csv
import errno
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from glassbox.explain.row_reader import SCORE, STATE, RowCell, RowReader, RowReading
from glassbox.graph.structure import structure
from glassbox.ui.base import i18n
from glassbox.ui.charts import heatmaps, sum_table
from glassbox.ui.components.time_film import checked
from glassbox.ui.frame import downloads, model_graph
from glassbox.ui.pages.rnn import view
from glassbox.ui.pages.rnn.formulas import formula, number
from glassbox.zoo import digit_models
from tests.explain.test_row_reader import NAMES, digit
from tests.ui.dashboard import component, visit

EN = i18n.strings("en")
LIMIT = 60_000


@pytest.fixture(scope="module")
def readings() -> dict[str, RowReading]:
    models = digit_models.load()
    picture = digit().astype(np.float32) / np.float32(255)
    return {name: RowReader(models.model_bytes(name), models.cards[name].output.kind).read(picture) for name in NAMES}


@pytest.fixture(scope="module")
def page() -> AppTest:
    return visit("rnn")


def test_browser_gets_every_number_in_few_bytes(page: AppTest) -> None:
    data = component(page, "time_film")
    assert len(json.dumps(data)) <= LIMIT
    assert [network["name"] for network in data["networks"]] == list(NAMES)
    parts = {network["name"]: {panel["part"] for panel in network["panels"]} for network in data["networks"]}
    shared = {STATE, SCORE, "influence"}
    assert parts == {
        "rnn": shared | {"picture"},
        "lstm": shared | {"i", "o", "f", "c", "C"},
        "gru": shared | {"z", "r", "h"},
    }


def test_numbers_arrive_with_the_digits_that_are_shown(page: AppTest) -> None:
    shown = page.session_state["picture"].digit
    models = digit_models.load()
    card = models.cards["lstm"]
    reader = RowReader(models.model_bytes("lstm"), card.output.kind, card.calibration.temperature)
    reading = reader.read(shown.astype(np.float32) / np.float32(255))
    panels = {panel["part"]: panel for panel in component(page, "time_film")["networks"][1]["panels"]}
    for part, values in [*reading.parts.items(), (SCORE, reading.probabilities)]:
        kind, near = ("<f4", 1e-6) if part == SCORE else ("<f2", 1e-3)
        arrived = np.frombuffer(base64.b64decode(panels[part]["values"]), kind).reshape(values.shape)
        np.testing.assert_allclose(arrived, values, rtol=near, atol=near / 10)


def test_asking_on_leads_from_a_state_to_its_gate(page: AppTest) -> None:
    page.session_state["rows_asked"] = ("lstm", RowCell(STATE, 13, 5))
    page.run()
    (gate,) = [button for button in page.button if button.label.startswith("Forget gate f, row 14, unit 6 =")]
    gate.click().run()
    assert page.session_state["rows_asked"] == ("lstm", RowCell("f", 13, 5))
    assert any("f_{14,\\,6}" in text.value for text in page.latex)


@pytest.mark.parametrize(
    "forged",
    [
        None,
        "x",
        {"network": "mlp", "part": STATE, "row": 0, "unit": 0},
        {"network": "rnn", "part": "z", "row": 0, "unit": 0},
        {"network": "rnn", "part": STATE, "row": 28, "unit": 0},
        {"network": "rnn", "part": STATE, "row": 0, "unit": -1},
        {"network": "rnn", "part": STATE, "row": 0.5, "unit": 0},
        {"network": "rnn", "part": STATE, "row": True, "unit": 0},
        {"network": ["rnn"], "part": STATE, "row": 0, "unit": 0},
        {"network": "rnn", "part": SCORE, "row": 0, "unit": 10},
        {"network": "rnn", "part": SCORE, "row": 0},
    ],
)
def test_forged_places_are_passed_over(readings: dict[str, RowReading], forged: object) -> None:
    assert checked(forged, readings) is None


def test_places_of_numbers_are_taken(readings: dict[str, RowReading]) -> None:
    asked = {"network": "gru", "part": "z", "row": 27, "unit": 31}
    assert checked(asked, readings) == ("gru", RowCell("z", 27, 31))


@pytest.mark.parametrize("name", NAMES)
def test_formula_ends_with_the_number_and_its_parts_make_it(readings: dict[str, RowReading], name: str) -> None:
    reading = readings[name]
    for part in [*reading.parts, SCORE]:
        place = RowCell(part, 13, 7)
        found = reading.terms(place)
        text = formula(reading, place, found)
        assert text.endswith(f"= {number(found.after)}")
        assert text.count("{") == text.count("}")


def test_formula_adds_up_in_its_own_digits(readings: dict[str, RowReading]) -> None:
    place = RowCell(STATE, 13, int(readings["rnn"].parts[STATE][13].argmax()))
    found = readings["rnn"].terms(place)
    text = re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", formula(readings["rnn"], place, found))
    (summed,) = re.findall(r"\\bigl\(([-+. \de]+)\\bigr\)", text)
    addends = [float(term.replace(" ", "")) for term in re.findall(r"[-+]? ?[\d.]+(?:e-\d+)?", summed)]
    assert len(addends) == 3 and sum(addends) == pytest.approx(found.before, abs=0.01 * max(map(abs, addends)))


@pytest.mark.parametrize(
    ("value", "text"), [(0.4821, "0.482"), (-1.5, "-1.5"), (-2.1e-7, r"-2.10 \cdot 10^{-7}"), (0.0, "0")]
)
def test_numbers_in_latex(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([7] * 28, "reads 7 from the first row"),
        ([1] * 20 + [7] * 8, "at row 21"),
        ([1] * 27 + [7], "only at the last row, 28"),
    ],
)
def test_decision_is_said(labels: list[int], said: str) -> None:
    reading = RowReading(None, None, None, {}, np.eye(10)[labels], np.zeros(28))  # type: ignore[arg-type]
    assert said in view.decision("rnn", reading)


def test_table_says_the_verdict_after_each_row(readings: dict[str, RowReading]) -> None:
    lines = view.verdict_rows(readings)
    assert len(lines) == 28
    assert lines[-1][0] == "28"
    assert lines[-1][1 + list(readings).index("lstm")].startswith(str(readings["lstm"].decision().label))


def test_tensors_come_back_from_the_file(readings: dict[str, RowReading]) -> None:
    tensors = {"gru/states": readings["gru"].parts[STATE], "file": np.arange(3)}
    loaded = np.load(io.BytesIO(downloads.to_npz(tensors)))
    assert sorted(loaded.files) == ["file", "gru/states"]
    np.testing.assert_array_equal(loaded["gru/states"], tensors["gru/states"])


def test_terms_in_the_file_add_up(readings: dict[str, RowReading]) -> None:
    found = readings["rnn"].terms(RowCell(STATE, 13, 5))
    lines = list(csv.DictReader(io.StringIO(sum_table.to_csv(found).decode())))
    products = {line["tensor"]: float(line["product"]) for line in lines[-4:]}
    total = sum(float(line["product"]) for line in lines[:-4])
    assert total + products["bias"] == pytest.approx(products["before"])


def test_svg_has_every_cell_in_its_colour() -> None:
    drawing = heatmaps.svg({"a < b": np.array([[0.0, 1.0], [-1.0, 0.5]]), "c": np.array([[1.0]])})
    assert drawing.count("<title>") == 5
    assert "a &lt; b" in drawing
    assert 'fill="#ffffff"><title>0</title>' in drawing


def test_png_has_the_maps_where_the_svg_has_them() -> None:
    maps = {str(i): np.full((2, 3), float(i + 1)) for i in range(heatmaps.ACROSS + 1)}
    maps["0"] = np.array([[0.0, -1.0, 1.0], [0.0, 0.0, 0.0]])
    picture = np.asarray(Image.open(io.BytesIO(heatmaps.png(maps))))
    drawing = heatmaps.svg(maps)
    for x, y, fill in re.findall(r'<rect x="(\d+)" y="(\d+)" width="10" height="10" fill="#(\w+)"', drawing):
        assert bytes(picture[int(y) + 6, int(x) + 6]).hex() == fill
    assert f'viewBox="-1 -1 {picture.shape[1]} {picture.shape[0]}"' in drawing


@pytest.mark.parametrize("name", digit_models.names())
@pytest.mark.parametrize("measure", ["parameters", "multiply_adds"])
def test_graph_has_every_operator_the_costliest_darkest(name: str, measure: str) -> None:
    taken = structure(digit_models.load().model_bytes(name))
    costs = [getattr(layer, measure) for layer in taken.layers]
    (series,) = model_graph.option(taken, costs, measure, dark=False)["series"]
    assert len(series["data"]) == len(taken.nodes) and len(series["links"]) == len(taken.edges)
    shades = {node["name"]: int(node["itemStyle"]["color"][1:3], 16) for node in series["data"]}
    costliest = taken.layers[costs.index(max(costs))].name
    assert shades[f"layer:{costliest}"] == min(shades.values())


def test_graph_of_which_no_time_can_be_measured_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(model_graph, "seconds_by_operator", full)
    app = visit("rnn", state={"graph": True})
    assert [one.value for one in app.warning] == [EN["frame.graph.unmeasured"]]
    assert any("rnn/steps" in one.value for one in app.html)


def test_operator_shows_its_tensors_with_the_numbers_of_the_picture(page: AppTest) -> None:
    page.session_state["graph"] = True
    page.run()
    (table,) = [one.value for one in page.html if "rnn/steps" in one.value]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", table)
    assert {"rnn/steps", "rnn/states"} <= set(cells)
    assert all(cells), "a tensor without its numbers"
