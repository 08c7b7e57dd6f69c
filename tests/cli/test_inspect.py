"""`glassbox inspect`: what it prints of a file, a run and a refusal, all of it through the sandbox."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from glassbox.__main__ import main
from glassbox.engine.isolation import MODEL_MEGABYTES
from glassbox.engine.session import Session
from glassbox.paths import MODELS
from tests.hostile.model_files.building import external, loop, model, node

CNN = MODELS / "cnn" / "1" / "model.onnx"


def test_a_file_is_told_to_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(CNN)]) == 0
    said = capsys.readouterr().out
    assert f"{CNN.stat().st_size:,} bytes" in said
    assert "input picture: float32 N×1×28×28" in said and "output probabilities: float32" in said
    weights = sum(np.prod(one.dims) for one in onnx.load(CNN).graph.initializer)
    assert f"{weights:,} parameters" in said
    assert "tensor" not in said


def test_random_inputs_give_every_tensor(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(CNN), "--random", "7", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    tensors = [row["tensor"] for row in found["run"]["tensors"]]
    assert {name for one in onnx.load(CNN).graph.node for name in one.output} <= set(tensors)
    assert main(["inspect", str(CNN), "--random", "7"]) == 0
    said = capsys.readouterr().out
    assert all(f"\n{name} " in said for name in tensors)


def test_arrays_are_run_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digits = np.random.default_rng(0).random((2, 1, 28, 28)).astype(np.float32)
    expected = Session(CNN).run({"picture": digits}).outputs["probabilities"]
    for name, save in (("a.npy", lambda file: np.save(file, digits)), ("a.npz", lambda file: np.savez(file, x=digits))):
        with open(tmp_path / name, "wb") as file:
            save(file)
        assert main(["inspect", str(CNN), "--run", str(tmp_path / name), "--json"]) == 0
        (row,) = [
            row for row in json.loads(capsys.readouterr().out)["run"]["tensors"] if row["tensor"] == "probabilities"
        ]
        assert row["shape"] == [2, 10] and row["largest"] == pytest.approx(expected.max(), rel=1e-5)


def test_a_picture_is_scaled_to_the_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (90, 60), "white").save(tmp_path / "white.png")
    assert main(["inspect", str(CNN), "--picture", str(tmp_path / "white.png"), "--json"]) == 0
    (row,) = [row for row in json.loads(capsys.readouterr().out)["run"]["tensors"] if row["tensor"] == "picture"]
    assert row["shape"] == [1, 1, 28, 28] and row["largest"] == row["least"] == 0  # paper is 0 to networks of MNIST
    text = MODELS / "text_zh_gru" / "1" / "model.onnx"
    assert main(["inspect", str(text), "--picture", str(tmp_path / "white.png")]) == 1
    assert "looks like a picture" in capsys.readouterr().err


def test_refusals_are_one_sentence_and_the_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "text.onnx": (b"no model", "not_onnx"),
        "external.onnx": (model([node("Identity", "w")], [external("secret")]).SerializeToString(), "external_data"),
        "large.onnx": (bytes(2 << 20), "model_too_large"),
    }
    monkeypatch.setenv(MODEL_MEGABYTES, "1")
    for name, (data, code) in files.items():
        (tmp_path / name).write_bytes(data)
        assert main(["inspect", str(tmp_path / name), "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["error"]["code"] == code
        assert main(["inspect", str(tmp_path / name)]) == 1
        told = capsys.readouterr()
        assert told.out == "" and told.err.count("\n") == 1 and name in told.err
    assert main(["inspect", str(tmp_path / "none.onnx")]) == 1
    assert "No such file" in capsys.readouterr().err


def test_what_was_read_before_a_refusal_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "loop.onnx").write_bytes(loop(-1, [node("Nonsense", "s", "t")]).SerializeToString())
    assert main(["inspect", str(tmp_path / "loop.onnx"), "--random", "0", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["error"]["code"] == "cannot_load" and found["read"]["inputs"][0]["name"] == "x"


def test_two_files_are_compared_on_the_same_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    deep, half = (str(MODELS / name / "1" / "model.onnx") for name in ("cnn", "cnn_fp16"))
    assert main(["inspect", deep, "--compare", deep]) == 0
    assert "the first tensor that differs: none" in capsys.readouterr().out
    assert main(["inspect", deep, "--compare", half, "--random", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["compare"]
    assert found["weights"] and all(0 <= row["largest"] < 0.1 for row in found["outputs"])


@pytest.mark.parametrize("seed", ["-1", "x", "4294967296"])
def test_a_seed_is_a_whole_number(seed: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["inspect", str(CNN), "--random", seed])
    assert stopped.value.code == 2
