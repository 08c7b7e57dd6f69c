"""What the browser gets of a convolution: whole, exact enough, small; and what it may send back."""

import base64
import json
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from glassbox.digits import images, strokes
from glassbox.explain.convolution import Stage, stages
from glassbox.explain.terms.explain import Inside, Tapped
from glassbox.ui.components.convolution import Cell, pack, parse, payload, strongest
from glassbox.zoo import digit_models

ZOO = digit_models.load()
NETWORKS = {name: (Tapped(ZOO.model_bytes(name)), stages(ZOO.model_bytes(name))) for name in ("cnn", "cnn_deep")}
STAGES = [(name, stage) for name, (_, found) in NETWORKS.items() for stage in found]
LIMIT = 60_000


def drawn(label: str) -> NDArray[np.uint8]:
    sample = next(sample for sample in strokes.SAMPLES if sample.label == label)
    paper = 255 - strokes.draw(sample.strokes)
    return images.prepare_pixels(np.dstack([paper, paper, paper, np.full_like(paper, 255)])).digit


DIGITS = {
    "eight": drawn("8"),
    "noise": np.random.default_rng(7).integers(0, 256, (28, 28)).astype(np.uint8),
    "white": np.full((28, 28), 255, np.uint8),
}


def run(name: str, digit: NDArray[np.uint8]) -> Inside:
    return NETWORKS[name][0].run({"picture": (digit.astype(np.float32) / np.float32(255)).reshape(1, 1, 28, 28)})


def unpack(packed: Any) -> NDArray[Any]:
    """As the browser does it."""
    dtype = np.dtype(packed["kind"]).newbyteorder("<")
    planes = np.frombuffer(zlib.decompress(base64.b64decode(packed["data"])), np.uint8)
    return np.frombuffer(planes.reshape(dtype.itemsize, -1).T.tobytes(), dtype)


@pytest.mark.parametrize("picture", DIGITS)
@pytest.mark.parametrize(("name", "stage"), STAGES, ids=[f"{name}-{stage.after}" for name, stage in STAGES])
def test_any_picture_on_any_layer_stays_within_the_limit(name: str, stage: Stage, picture: str) -> None:
    tensors = run(name, DIGITS[picture]).tensors
    sent = json.dumps(payload(stage, tensors, DIGITS[picture], Cell(3, 2, 2)))
    assert len(sent) < LIMIT - 3_000  # the words take the rest


@pytest.mark.parametrize(("name", "stage"), STAGES, ids=[f"{name}-{stage.after}" for name, stage in STAGES])
def test_what_is_sent_adds_up_to_the_engines_number(name: str, stage: Stage) -> None:
    digit = DIGITS["eight"]
    inside = run(name, digit)
    place = strongest(inside.tensors[stage.after])
    sent: dict[str, Any] = payload(stage, inside.tensors, digit, place)
    channels, height, width = sent["input"]["shape"]
    values = unpack(sent["input"]["values"]).astype(np.float64).reshape(channels, height, width)
    if sent["input"]["values"]["kind"] == "uint8":
        values /= 255
    kernels = unpack(sent["kernels"]["values"]).reshape(sent["kernels"]["shape"])
    (above, left), (down, right) = sent["padding"], kernels.shape[2:]
    padded = np.pad(values, ((0, 0), (above, above), (left, left)))
    window = padded[:, place.row : place.row + down, place.column : place.column + right]
    products = window * kernels[place.map - sent["kernels"]["first"]]
    bias = unpack(sent["biases"])[place.map]
    engine = inside.terms(stage.after, place.index).engine
    assert engine and abs(max(0.0, products.sum() + bias) - engine) <= 2**-10 * np.abs(products).sum() + abs(bias)
    maps = unpack(sent["output"]["values"]).reshape(sent["output"]["shape"])
    assert np.array_equal(maps, inside.tensors[stage.after][0].astype(np.float16))


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32])
def test_arrays_arrive_as_they_were_packed(dtype: type) -> None:
    values = np.random.default_rng(1).normal(0, 50, (3, 5, 7)).astype(dtype)
    assert np.array_equal(unpack(pack(values)), values.ravel())


def test_only_the_chosen_maps_weights_are_sent_where_all_are_too_many() -> None:
    stage = NETWORKS["cnn_deep"][1][-1]
    tensors = run("cnn_deep", DIGITS["eight"]).tensors
    sent: dict[str, Any] = payload(stage, tensors, DIGITS["eight"], Cell(41, 0, 0))
    assert sent["kernels"]["first"] == 41
    assert np.array_equal(unpack(sent["kernels"]["values"]), tensors[stage.kernel][41].ravel())


def test_strongest_cell() -> None:
    maps = np.zeros((1, 3, 4, 5))
    maps[0, 2, 1, 3] = 7
    assert strongest(maps) == Cell(2, 1, 3)


def test_a_cell_of_the_maps_is_taken() -> None:
    assert parse([2, 0, 25], (32, 26, 26)) == Cell(2, 0, 25)


@pytest.mark.parametrize(
    "forged", [None, 3, "abc", [], [1, 2], [1, 2, 3, 4], [32, 0, 0], [0, -1, 0], [0, 0, 26], [0, 0, 1.0], [True, 0, 0]]
)
def test_anything_else_is_refused(forged: object) -> None:
    assert parse(forged, (32, 26, 26)) is None


@given(st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=4)))
@settings(derandomize=True, deadline=None, max_examples=100)
def test_no_json_does_harm(value: object) -> None:
    place = parse(value, (32, 26, 26))
    assert place is None or (0 <= place.map < 32 and 0 <= place.row < 26 and 0 <= place.column < 26)
