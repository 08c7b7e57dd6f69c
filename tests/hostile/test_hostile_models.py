"""Whatever a model's file holds: it is answered or refused, and neither this process nor any file is touched."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from glassbox import heap
from glassbox.engine.isolated import admission
from glassbox.engine.isolation import Limits, Sandbox
from glassbox.input_error import InputError
from glassbox.inspection.requests import Compare, Explain, Make, Read, Request, Run, Terms
from glassbox.paths import MODELS
from glassbox.ui.base import i18n
from glassbox.ui.pages.own_model import asking
from tests.engine.faults import Fault
from tests.hostile.model_files import MADE
from tests.hostile.model_files.building import REAL, SECRET, external, model, node
from tests.hostile.model_files.corrupting import corrupted
from tests.hostile.model_files.reaching import LOCATIONS
from tests.memory import resident

LIMITS = Limits(seconds=30)
"""For what is refused, on however busy a machine."""
SHORT = Limits(seconds=1)
"""For what may well not end."""
MEGABYTES = 50
"""By which this process may grow over all of them."""
CORRUPTED = 40


@pytest.fixture(scope="module")
def before() -> int:
    """The bytes of this process before the first model."""
    return held() if sys.platform == "linux" else 0


def held() -> int:
    """The bytes of this process, without what is free in its heap: the tests before these have left some."""
    gc.collect()
    heap.give_back()
    return resident(os.getpid())


@pytest.fixture(scope="module")
def sandbox(before: int) -> Iterator[Sandbox]:
    with Sandbox(LIMITS) as made:
        yield made


@pytest.fixture(scope="module")
def short(before: int) -> Iterator[Sandbox]:
    with Sandbox(SHORT) as made:
        yield made


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that this process is in, where the files hope to find a secret."""
    (tmp_path / "secret").write_bytes(SECRET.tobytes())
    (tmp_path / "link").symlink_to("secret")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "secret").write_bytes(SECRET.tobytes())
    monkeypatch.chdir(inner)
    return inner


def outcome(sandbox: Sandbox, data: bytes, request: Read | Run) -> str:
    """The code with which a file is refused; "" if it is answered, with nothing in the answer that the file does not
    hold."""
    try:
        answer = sandbox.call("stranger", str(type(request).__struct_config__.tag), [data], request)
    except InputError as error:
        assert i18n.strings("en").keys() >= {f"own_model.error.{error.code}"}, error.reason
        assert asking.sentence(error.reason)
        return error.code
    assert all(SECRET[0] not in array for array in answer.arrays.values() if array.dtype.kind == "f")
    return ""


@pytest.mark.parametrize("name", MADE)
def test_a_hostile_file_is_answered_or_refused(sandbox: Sandbox, short: Sandbox, name: str) -> None:
    make, code = MADE[name]
    data = make()
    if code in (None, "model_too_slow"):
        found = outcome(short, data, Run())
        assert found == code or code is None
        outcome(short, data, Read())
    else:
        assert outcome(sandbox, data, Run()) == code


@pytest.mark.parametrize("asked", [Run(), Terms(tensor="y", index=(0,)), Explain(), Compare(), Make(kind="fp16")])
def test_each_command_ends_where_the_model_does_not(short: Sandbox, asked: Request) -> None:
    make, _ = MADE["a loop without an end"]
    name = str(type(asked).__struct_config__.tag)
    with pytest.raises(InputError) as raised:
        short.call("stranger", name, [make()] * (2 if name == "compare" else 1), asked)
    assert (raised.value.code, raised.value.details) == ("model_too_slow", {"limit": SHORT.seconds})


def test_there_are_enough_of_them() -> None:
    assert len(MADE) >= 60


def test_corrupted_copies_of_a_real_file(sandbox: Sandbox) -> None:
    found = [outcome(sandbox, data, Run()) for data in corrupted(REAL, CORRUPTED)]
    assert len(found) == CORRUPTED and "" in found and len(set(found)) > 1


def test_no_file_is_read_even_where_the_checks_have_failed(folder: Path) -> None:
    """What names another file is handed to the engine and to the onnx package as it is."""
    places = [
        *LOCATIONS,
        str(folder / "secret"),
        f"../{folder.name}/secret",
        os.path.relpath(folder / "secret", "/tmp"),
    ]
    with Sandbox(LIMITS, "tests.engine.faults") as sandbox:
        for place in places:
            data = np.frombuffer(model([node("Identity", "w")], [external(place)]).SerializeToString(), np.uint8)
            answer = sandbox.call("stranger", "unchecked", [], Fault(), {"model": data})
            assert {"run", "reading"} & answer.arrays.keys() and not {"weights", "y"} & answer.arrays.keys(), place


def test_every_shipped_model_is_let_in() -> None:
    bounds = admission.Bounds(LIMITS.model_bytes, LIMITS.memory // 2)
    files = sorted(MODELS.glob("*/1/*.onnx"))
    assert files
    for file in files:
        assert admission.admit(file.read_bytes(), bounds).graph.node


@pytest.mark.skipif(sys.platform != "linux", reason="takes Linux")
def test_this_process_is_as_it_was(sandbox: Sandbox, before: int) -> None:
    """The last one here, after all the others."""
    for make, code in list(MADE.values()):
        if code not in (None, "model_too_slow", "model_crashed", "out_of_memory"):
            outcome(sandbox, make(), Run())
    assert held() - before < MEGABYTES << 20
