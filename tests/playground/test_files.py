"""One's own data, experiments, and what is taken home from the playground."""

import base64
import csv
import io
from dataclasses import replace

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassbox.csv_file import CsvError
from glassbox.playground import data, experiments, network, own_data, take_home
from glassbox.playground.lessons import LESSONS
from glassbox.playground.setup import OPTIMISERS, RATES, Setup
from glassbox.playground.trainer import Trainer, grid
from glassbox.ui.components.training_board.message import SIDE, message
from tests.gradients import run


def trainer(of: Setup) -> Trainer:
    return Trainer(of, data.draw(of.data, of.classes, of.noise / 100, of.seed))


def table(rows: int = 20, kinds: int = 2, separator: str = ",", heading: bool = True) -> str:
    lines = ["height,weight,animal"] if heading else []
    lines += [f"{100 + i},{3 * i - 7.5},{'abcdefgh'[i % kinds]}" for i in range(rows)]
    return "\n".join(lines).replace(",", separator)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("heading", [True, False])
def test_a_table_of_classes_is_read(separator: str, heading: bool) -> None:
    mine = own_data.read(table(separator=separator, heading=heading).encode("utf-8-sig"))
    assert mine.classes == ("a", "b") and len(mine.points) == 20
    assert mine.columns == (("height", "weight", "animal") if heading else ("x", "y", "label"))
    assert np.abs(mine.points).max(0) == pytest.approx([5.4, 5.4], abs=1e-5)
    first = mine.points * np.array(mine.spread[:2]) + np.array(mine.centre[:2])
    for (x, y), value in zip(first, mine.values, strict=True):
        assert y == pytest.approx(3 * (x - 100) - 7.5, abs=1e-3) and value == round(x) % 2


def test_many_different_numbers_are_heights() -> None:
    text = "\n".join(f"{i},{i * i},{1000 + 10 * i}" for i in range(11))
    mine = own_data.read(text.encode())
    assert not mine.classes and mine.values.min() == -1 and mine.values.max() == 1
    assert (mine.centre[2], mine.spread[2]) == (1050, 50)


def test_numbers_that_name_classes_are_in_their_order() -> None:
    text = "\n".join(f"{i},{i},{(10, 9, -1)[i % 3]}" for i in range(12))
    assert own_data.read(text.encode()).classes == ("-1", "9", "10")


@pytest.mark.parametrize(
    ("text", "code", "details"),
    [
        (b"", "empty", {}),
        (b" \n\n", "empty", {}),
        (b"\xff\xfe\x00", "encoding", {}),
        (b"1" * 200_001, "too_large", {"size": 200_001, "limit": 200_000}),
        ((table() + "\n1,2").encode(), "columns", {"row": 22}),
        ((table() + "\n1,two,a").encode(), "number", {"row": 22, "column": 2, "text": "two"}),
        ((table() + "\nnan,2,a").encode(), "number", {"row": 22, "column": 1, "text": "nan"}),
        ((table() + "\n1,1e300,a").encode(), "number", {"row": 22, "column": 2, "text": "1e300"}),
        ((table() + "\n1,2,").encode(), "number", {"row": 22, "column": 3, "text": ""}),
        (table(9).encode(), "few", {"count": 9, "limit": 10}),
        (table(1001).encode(), "many", {"row": 1002, "limit": 1000}),
        (table(kinds=1).encode(), "one_class", {"label": "a", "row": 21}),
        (table(kinds=6).encode(), "classes", {"count": 6, "limit": 5}),
        (b'"', "quotes", {"row": 1}),
        ((table() + '\n1,"2,a').encode(), "quotes", {"row": 22}),
        ("\n".join(f"5,{i},{i % 2}" for i in range(20)).encode(), "flat", {"column": "x"}),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name(text: bytes, code: str, details: dict[str, object]) -> None:
    with pytest.raises(CsvError) as refused:
        own_data.read(text)
    assert (refused.value.code, refused.value.details) == (code, details)


def test_a_height_that_is_no_number_is_named() -> None:
    text = "\n".join([f"{i},{i},{i}" for i in range(12)] + ["3,4,high"])
    with pytest.raises(CsvError) as refused:
        own_data.read(text.encode())
    assert refused.value.details == {"row": 13, "column": 3, "text": "high"}


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_are_data_or_refused(text: bytes) -> None:
    try:
        mine = own_data.read(text)
    except CsvError:
        return
    assert np.isfinite(mine.points).all() and len(mine.points) >= own_data.MIN_ROWS


OWN = own_data.read("\n".join(f"{i},{(7 * i) % 20},{i * i}" for i in range(20)).encode())
CASES = [
    trainer(Setup(layers=(3,), features=("x", "xy", "siny"), classes=3)),
    trainer(Setup(layers=(), data="hills")),
    Trainer(Setup(data="own", layers=(4, 2), activation="relu"), OWN),
]


@pytest.mark.parametrize("one", CASES, ids=["classes", "surface", "own"])
def test_the_model_taken_home_gives_what_the_playground_shows(one: Trainer) -> None:
    one.learn(2)
    model = one.model()
    onnx.checker.check_model(model, full_check=True)
    points = grid(6)
    given = (points * one.data.spread[:2] + one.data.centre[:2]).astype(np.float32)
    (out,) = run(model, {network.POINT: given})
    shown = one.neurons(points)[network.OUTPUT]
    expected = shown if one.data.classes else shown * one.data.spread[2] + one.data.centre[2]
    assert out == pytest.approx(expected, rel=1e-3, abs=1e-3 * float(np.abs(expected).max()))


@pytest.mark.parametrize("one", CASES, ids=["classes", "surface", "own"])
def test_the_points_taken_home_can_be_brought_again(one: Trainer) -> None:
    rows = list(csv.reader(io.StringIO(take_home.points_csv(one))))
    assert [row[3] for row in rows[1:]].count("train") == one.trained_on
    again = own_data.read("\n".join(",".join(row[:3]) for row in rows).encode())
    assert len(again.points) == len(one.data.points) and again.classes == one.data.classes


def test_the_keras_script_is_python_and_holds_every_weight() -> None:
    for one, of in ((CASES[0], CASES[0].setup), (CASES[2], replace(CASES[2].setup, penalty="l1", optimiser="adam"))):
        code = take_home.keras_code(one, of)
        compile(code, "playground.py", "exec")
        for cells in one.weights.values():
            assert all(f"{cell:.9g}" in code for cell in cells.ravel().tolist())
        assert ("keras.regularizers.L1(0.001)" in code) == (of.penalty == "l1")


def test_optimisers_start_alike() -> None:
    runs = list(experiments.optimisers(Setup(), data.draw("circle", 2, 0, 1)))
    assert [one.name for one in runs] == list(OPTIMISERS)
    assert len({one.scores[0] for one in runs}) == 1
    assert len({one.last.train_loss for one in runs}) == 3


def test_the_sweep_has_a_valley_and_says_where_it_diverges() -> None:
    of = LESSONS["diverge"]
    runs = list(experiments.learning_rates(of, data.draw(of.data, 2, 0, 1)))
    assert [float(one.name) for one in runs] == list(RATES)
    losses = {float(one.name): one.last.train_loss for one in runs}
    assert losses[0.01] < losses[0.0001] and runs[0].diverged is None and runs[-1].diverged is not None


def test_the_loss_surface_is_the_loss() -> None:
    surface = experiments.loss_surface(Setup(layers=()), data.draw("circle", 2, 0, 1))
    assert surface.losses.shape == (experiments.SIDE, experiments.SIDE) and 0 < surface.share <= 1
    assert surface.path[-1] == pytest.approx([0, 0], abs=1e-9)
    one = trainer(Setup(layers=()))
    assert surface.path_losses[0] == pytest.approx(one.score.train_loss, abs=0.2)
    nearest = surface.losses[np.abs(surface.across).argmin(), np.abs(surface.along).argmin()]
    assert nearest == pytest.approx(surface.path_losses[-1], abs=0.05)


def test_the_message_holds_what_the_trainer_computes() -> None:
    one = trainer(Setup(layers=(3,), classes=3))
    one.learn(1)
    told = message(one, one.setup)
    cells = np.frombuffer(base64.b64decode(told["surface"]["cells"]), "<i2").reshape(3, -1)
    shown = one.neurons(grid(SIDE))
    assert cells / 32767 == pytest.approx(shown[network.OUTPUT].T, abs=1e-4)
    small = np.frombuffer(base64.b64decode(told["maps"][0]["cells"]), np.int8).reshape(3, SIDE // 2, SIDE // 2)
    assert small / 127 == pytest.approx(shown["h1"].T.reshape(3, SIDE, SIDE)[:, ::2, ::2], abs=0.01)
    places = np.frombuffer(base64.b64decode(told["points"]["places"]), "<i2").reshape(-1, 2)
    assert places / 32767 * data.LIMIT == pytest.approx(one.data.points, abs=1e-3)
