"""The cost of each operator, by the engine's profile."""

import tempfile
from pathlib import Path

import numpy as np
import pytest

from glassbox.engine.profiling import _middle, operator_seconds
from glassbox.graph.model import labels, read
from glassbox.zoo import digit_models
from tests.full_disk import full_disk


def test_every_operator_has_its_time() -> None:
    model = digit_models.load().model_bytes("cnn_deep")
    times = operator_seconds(model, {"picture": np.ones((1, 1, 28, 28), np.float32)}, runs=8)
    assert list(times) == labels(read(model).graph)
    assert max(times, key=times.__getitem__).startswith("conv")  # over nine tenths of all multiply-adds


def test_a_profile_that_finds_no_room_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    feeds = {"picture": np.ones((1, 28, 28), np.float32)}
    with full_disk(room=10_000), pytest.raises(OSError, match="could not be written"):
        operator_seconds(digit_models.load().model_bytes("mlp"), feeds)
    assert not list(tmp_path.iterdir())


def test_an_interrupted_run_does_not_count() -> None:
    assert _middle([3.0, 1.0, 2.0, 500.0]) == 2.5
    assert _middle([4.0]) == 4.0
