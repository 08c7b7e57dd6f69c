"""Compressed versions: weights set to zero against numpy, refused ones left out, the shipped beside their networks."""

import hashlib
import json
import shutil
import zlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from glassbox.digits import images, strokes
from glassbox.engine.session import Session
from glassbox.paths import MODELS
from glassbox.trust.cost import compression
from glassbox.trust.cost.compression import KINDS, STUDY, deflated, networks, prune, versions
from glassbox.zoo import digit_models
from tests import small_zoo


def prepared(sample: strokes.Sample) -> np.ndarray:
    """The sample in dark ink on white paper, as the app prepares it."""
    paper = 255 - strokes.draw(sample.strokes)
    return images.prepare_pixels(np.dstack([paper, paper, paper, np.full_like(paper, 255)])).digit


DIGITS = [prepared(sample) for sample in strokes.SAMPLES]


def two_layers() -> onnx.ModelProto:
    weights = {
        "a/kernel": np.array([[1.0, -2.0], [3.0, -4.0]], np.float32),
        "a/bias": np.array([0.1, 0.2], np.float32),
        "b/kernel": np.array([[0.5, -5.0], [0.25, 6.0]], np.float32),
    }
    nodes = [
        helper.make_node("Gemm", ["x", "a/kernel", "a/bias"], ["h"]),
        helper.make_node("MatMul", ["h", "b/kernel"], ["y"]),
    ]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 2]) for name in "xy")
    tensors = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    graph = helper.make_graph(nodes, "two", [x], [y], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def kernels(model: onnx.ModelProto) -> dict[str, list[float]]:
    return {tensor.name: numpy_helper.to_array(tensor).ravel().tolist() for tensor in model.graph.initializer}


def test_the_smallest_weights_of_all_layers_become_zero() -> None:
    found = kernels(prune(two_layers(), 0.5))
    assert found["a/kernel"] == [0, 0, 3, -4]
    assert found["b/kernel"] == [0, -5, 0, 6]
    assert found["a/bias"] == pytest.approx([0.1, 0.2])  # smaller than all of them, but a bias


@pytest.mark.parametrize(("share", "zeros"), [(0.0, 0), (0.125, 1), (0.25, 2), (0.75, 6), (1.0, 8)])
def test_as_many_are_zero_as_asked(share: float, zeros: int) -> None:
    found = kernels(prune(two_layers(), share))
    assert sum(value == 0 for name in ("a/kernel", "b/kernel") for value in found[name]) == zeros


def test_pruning_leaves_the_original_as_it_was() -> None:
    model = two_layers()
    prune(model, 1.0)
    assert model == two_layers()


def test_zeros_help_only_what_packs_the_file() -> None:
    model = digit_models.load().model_bytes("mlp")
    pruned = prune(model, 0.8).SerializeToString()
    assert len(pruned) == len(model)
    assert deflated(pruned) < 0.5 * deflated(model)
    assert deflated(model) == len(zlib.compress(model, 9))


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """The small zoo with a version in 8 bits of its CNN, which is the same file."""
    for name in small_zoo.ALL:
        small_zoo.write(tmp_path, name)
    model = (tmp_path / "cnn" / "1" / "model.onnx").read_bytes()
    folder = tmp_path / "cnn_int8_static"
    (folder / "1").mkdir(parents=True)
    (folder / "1" / "model.onnx").write_bytes(model)
    card = small_zoo.reader_card("cnn")
    version = {name: card[name] for name in ("input", "output", "parameters", "accuracy", "seed", "versions")} | {
        "name": "cnn_int8_static", "role": "compressed", "of": "cnn", "kind": "int8_static",
        "bytes": len(model), "deflated": 321,
        "sha256": hashlib.sha256(model).hexdigest(), "operators": {"MatMul": 1}, "in_float": ["MatMul"],
        "agreement": {"same": 99, "count": 100}, "tuning": None,
    }  # fmt: skip
    (folder / "card.json").write_text(json.dumps(version))
    for of in ("mlp", "cnn", "rnn", "cnn_deep"):  # each has a version, of which nothing but the role is known
        (tmp_path / f"{of}_fp16").mkdir()
        (tmp_path / f"{of}_fp16" / "card.json").write_text('{"role": "compressed"}')
    return tmp_path


def names(shelf: Path) -> list[str]:
    return [version.name for version in versions(digit_models.load(shelf), shelf, shelf / "none.json")]


ALONE = ["mlp_fp32", "cnn_fp32", "rnn_fp32", "cnn_deep_fp32"]


def test_networks_come_with_the_versions_that_are_there(shelf: Path) -> None:
    found = {version.name: version for version in versions(digit_models.load(shelf), shelf, shelf / "none.json")}
    assert list(found) == ["mlp_fp32", "cnn_fp32", "cnn_int8_static", "rnn_fp32", "cnn_deep_fp32"]
    assert found["cnn_int8_static"].in_float == ("MatMul",) and found["cnn_int8_static"].deflated == 321


def test_a_version_that_is_not_its_cards_is_left_out(shelf: Path) -> None:
    with open(shelf / "cnn_int8_static" / "1" / "model.onnx", "ab") as file:
        file.write(b"\0")
    assert names(shelf) == ALONE


@pytest.mark.parametrize("change", [{"kind": "int3"}, {"of": "lstm"}, {"accuracy": None}, {"name": "other"}])
def test_a_version_with_a_broken_card_is_left_out(shelf: Path, change: dict[str, object]) -> None:
    path = shelf / "cnn_int8_static" / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert names(shelf) == ALONE


def test_a_refused_network_takes_its_versions_along(shelf: Path) -> None:
    shutil.rmtree(shelf / "cnn")
    assert names(shelf) == ["mlp_fp32", "rnn_fp32", "cnn_deep_fp32"]


# --- The shipped versions --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> dict[str, compression.Version]:
    return {version.name: version for version in versions(digit_models.load())}


def test_every_network_has_every_version(shipped: dict[str, compression.Version]) -> None:
    assert list(shipped) == [f"{of}_{kind}" for of in networks() for kind in compression.ALL]


def test_the_versions_are_small_and_lie_as_triton_wants_them() -> None:
    folders = [MODELS / f"{of}_{kind}" for of in networks() for kind in KINDS]
    for folder in folders:
        assert sorted(path.name for path in folder.iterdir()) == ["1", "card.json", "config.pbtxt"]
        assert [path.name for path in (folder / "1").iterdir()] == ["model.onnx"]
    assert sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file()) < 3e6


@pytest.mark.parametrize("of", networks())
def test_fewer_bits_make_smaller_files_that_read_alike(shipped: dict[str, compression.Version], of: str) -> None:
    whole = len(shipped[f"{of}_fp32"].model)
    original = labels(shipped[f"{of}_fp32"])
    for kind, most in (("fp16", 0.6), ("int8_dynamic", 0.5), ("int8_static", 0.6)):
        version = shipped[f"{of}_{kind}"]
        assert len(version.model) < most * whole
        assert np.mean(labels(version) == original) >= 0.9, version.name
        assert abs(version.accuracy.value - shipped[f"{of}_fp32"].accuracy.value) < 0.01


@pytest.mark.parametrize("of", networks())
def test_fewer_neurons_have_fewer_weights(shipped: dict[str, compression.Version], of: str) -> None:
    narrow, whole = shipped[f"{of}_narrow"], shipped[f"{of}_fp32"]
    assert narrow.parameters < 0.6 * whole.parameters
    assert len(narrow.model) < 0.6 * len(whole.model)
    assert narrow.accuracy.value > whole.accuracy.value - 0.15


def test_the_operator_that_has_no_int8_form_is_named(shipped: dict[str, compression.Version]) -> None:
    for version in shipped.values():
        has_rnn = version.of == "rnn" and "int8" in version.kind
        assert ("RNN" in version.in_float) == (has_rnn or version.name == "rnn_fp16"), version.name
    weights = {t.name: t.data_type for t in onnx.load_from_string(shipped["rnn_int8_static"].model).graph.initializer}
    assert weights["rnn/kernel_int8"] == weights["rnn/recurrent_kernel_int8"] == TensorProto.INT8


def test_the_study_begins_at_the_networks_own_accuracy(shipped: dict[str, compression.Version]) -> None:
    kept = compression.pruning_study(STUDY)
    assert tuple(kept.cuts) == networks()
    for of, cuts in kept.cuts.items():
        assert cuts[0].share == 0 and cuts[0].accuracy.correct == shipped[f"{of}_fp32"].accuracy.correct
        assert [cut.share for cut in cuts] == sorted(cut.share for cut in cuts)
        assert all(cut.accuracy.count == 10_000 for cut in cuts)
        assert [cut.deflated for cut in cuts] == sorted((cut.deflated for cut in cuts), reverse=True)


def labels(version: compression.Version) -> np.ndarray:
    session = Session(version.model)
    ((name, shape),) = session.inputs.items()
    pictures = (np.array(DIGITS) / np.float32(255)).reshape(len(DIGITS), *shape[1:])
    return session.run({name: pictures}).outputs[session.outputs[0]].argmax(1)
