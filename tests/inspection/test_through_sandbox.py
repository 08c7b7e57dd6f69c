"""What the commands find in a child of the sandbox, without files, threads and network, is what they find here."""

import math
from collections.abc import Iterator
from typing import Any

import pytest

from glassbox.engine.isolation import Sandbox
from glassbox.inspection.commands import COMMANDS
from glassbox.inspection.requests import Compare, Explain, Make, Read, Request, Run, Terms
from glassbox.paths import MODELS

CNN, GRU = ((MODELS / name / "1" / "model.onnx").read_bytes() for name in ("cnn", "text_en_gru"))
ASKED = [
    ([CNN], Read(gradients=True)),
    ([GRU], Read()),
    ([CNN], Run(seed=3, times=True)),
    ([GRU], Run(seed=3)),
    ([CNN], Terms(tensor="logits", index=(0, 3))),
    ([CNN], Explain(method="saliency")),
    ([CNN], Explain(method="rise")),
    ([CNN, CNN], Compare()),
    ([CNN], Make(kind="fp16")),
    ([CNN], Make(kind="int8_static")),
    ([CNN], Make(kind="derivative")),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


def differing(here: Any, there: Any, place: str = "") -> list[str]:
    """Where facts differ, leaving out what a clock said and the error of a model that was made. Numbers may, by a few
    percent: the sandbox has the engine optimise less."""
    if isinstance(here, dict) and isinstance(there, dict) and here.keys() == there.keys():
        timeless = [key for key in here if "seconds" not in key and key not in ("times", "checked")]
        return [one for key in timeless for one in differing(here[key], there[key], f"{place}/{key}")]
    if isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
        return [
            one for key, pair in enumerate(zip(here, there, strict=True)) for one in differing(*pair, f"{place}/{key}")
        ]
    if isinstance(here, float) and isinstance(there, float):
        return [] if math.isclose(here, there, rel_tol=0.05, abs_tol=1e-5) else [f"{place}: {here}, {there}"]
    return [] if here == there else [f"{place}: {here}, {there}"]


@pytest.mark.parametrize(("models", "request_"), ASKED, ids=lambda value: type(value).__name__)
def test_each_command(sandbox: Sandbox, models: list[bytes], request_: Request) -> None:
    name = str(type(request_).__struct_config__.tag)
    here, there = COMMANDS[name](models, request_, {}), sandbox.call("me", name, models, request_)
    assert differing(here.facts, there.facts) == []
    assert {key: (one.shape, one.dtype) for key, one in here.arrays.items()} == {
        key: (one.shape, one.dtype) for key, one in there.arrays.items()
    }
    assert "times" not in here.facts or here.facts["times"].keys() == there.facts["times"].keys() != set()
