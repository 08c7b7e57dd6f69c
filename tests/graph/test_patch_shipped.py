"""Every shipped model with a patch at each tensor that can have one."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import ModelProto

from glassbox.engine.session import Session
from glassbox.graph.model import constants, read
from glassbox.graph.patch import with_patches
from glassbox.graph.taps import tap, tappable
from glassbox.paths import MODELS
from tests.models import cuts

SHIPPED = sorted(path.name for path in MODELS.iterdir() if (path / "1/model.onnx").exists())
FEWEST = 14
"""Tokens of the smallest vocabulary."""


def patchable(model: ModelProto) -> list[str]:
    """Every tensor of `model` that can be patched."""
    known, held = tappable(model), constants(model.graph)
    floats = {name for name, value in known.items() if value.type.tensor_type.elem_type in (1, 10)}
    return [name for node in model.graph.node for name in node.output if name in floats - held.keys()]


def random_feeds(session: Session, seed: int) -> dict[str, NDArray[Any]]:
    """Two inputs of six steps of any kind, tokens among the first FEWEST; `lengths`, how many of the steps count, is
    6."""
    rng, feeds = np.random.default_rng(seed), {}
    for name, shape in session.inputs.items():
        sizes = [6 if size in ("T", "steps") else 2 if isinstance(size, str) else size for size in shape]
        whole = "int" in session.types[name]
        cells = (
            np.full(sizes, 6) if name == "lengths" else rng.integers(0, FEWEST, sizes) if whole else rng.random(sizes)
        )
        feeds[name] = cells.astype(session.types[name])
    return feeds


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_model_patched_everywhere(name: str) -> None:
    """Unfed it is the model; given a cut from another run, it gives that run's outputs; all in one session."""
    model = read(MODELS / name / "1/model.onnx")
    patched, patches = with_patches(model, patchable(model))
    outputs = [value.name for value in model.graph.output]
    session = Session(tap(patched, list(patches)).SerializeToString())
    feeds, others = random_feeds(session, 0), random_feeds(session, 1)
    plain, other = session.run(feeds).outputs, session.run(others).outputs
    expected = Session(tap(model, list(patches)).SerializeToString()).run(feeds).outputs
    tolerance = 5e-3 if "fp16" in name else 1e-5  # float16 is rounded where it is tapped or patched, else kept wide
    for output in outputs:
        np.testing.assert_allclose(plain[output], expected[output], rtol=tolerance, atol=tolerance)
    same = constants(model.graph).keys() | {"lengths"}
    reached = [tensors - same for tensors in cuts(model) if tensors - same <= patches.keys()]
    assert reached
    for tensors in reached:
        patch: dict[str, NDArray[Any]] = {}
        for tensor in tensors:
            patch |= patches[tensor].replaced(other[tensor])
        found = session.run(feeds | patch, outputs).outputs
        for output in outputs:
            np.testing.assert_allclose(found[output], other[output], rtol=tolerance, atol=tolerance)
