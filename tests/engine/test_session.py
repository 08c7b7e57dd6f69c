"""glassbox.engine.session on a model small enough to work out by hand."""

import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from glassbox.engine import session as engine

WEIGHTS = np.array([[1, -2], [0, 4], [3, 0]], np.float32)


@pytest.fixture(scope="module")
def model() -> bytes:
    """score = x WEIGHTS, positive = relu(score), for x (N, 3)."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3])
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 2]) for name in ("score", "positive")]
    nodes = [
        helper.make_node("MatMul", ["x", "weights"], ["score"]),
        helper.make_node("Relu", ["score"], ["positive"]),
    ]
    graph = helper.make_graph(nodes, "tiny", [x], outputs, [numpy_helper.from_array(WEIGHTS, "weights")])
    return _bytes(graph)


def _bytes(graph: onnx.GraphProto) -> bytes:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def picture(*rows: tuple[float, float, float]) -> dict[str, NDArray[np.float32]]:
    return {"x": np.array(rows, np.float32)}


def test_a_run_gives_each_output_by_name(model: bytes) -> None:
    session = engine.Session(model)
    run = session.run(picture((1, 1, 1), (2, 5, -1)))
    assert session.inputs == {"x": ("N", 3)}
    assert session.outputs == ("score", "positive")
    assert list(run.outputs) == ["score", "positive"]
    np.testing.assert_array_equal(run.outputs["score"], [[4, 2], [-1, 16]])
    np.testing.assert_array_equal(run.outputs["positive"], [[4, 2], [0, 16]])
    assert run.seconds > 0
    assert run.provider == session.provider == "cpu"
    assert session.fallback_reason is None


def test_only_the_outputs_asked_for_are_given(model: bytes) -> None:
    outputs = engine.Session(model).run(picture((1, 1, 1)), ["positive"]).outputs
    assert list(outputs) == ["positive"]
    np.testing.assert_array_equal(outputs["positive"], [[4, 2]])


def test_a_model_is_loaded_from_its_file_too(model: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(model)
    run = engine.Session(tmp_path / "model.onnx").run(picture((0, 1, 0)))
    np.testing.assert_array_equal(run.outputs["score"], [[0, 4]])


@pytest.mark.parametrize(
    ("feeds", "outputs", "sentence"),
    [
        ({}, None, "no value for input x; the inputs are x float32 (N, 3)"),
        ({"y": np.zeros((1, 3), np.float32)}, None, "no value for input x; the inputs are x float32 (N, 3)"),
        (picture((0, 0, 0)) | {"y": np.zeros(1)}, None, "no input is named y; the inputs are x float32 (N, 3)"),
        (picture((0, 0, 0)), ["colour"], "no output is named colour; the outputs are score, positive"),
        ({"x": np.zeros((1, 3))}, None, "input x must be float32, not float64"),
        ({"x": np.zeros((1, 4), np.float32)}, None, "input x must have the shape (N, 3), not (1, 4)"),
        ({"x": np.zeros(3, np.float32)}, None, "input x must have the shape (N, 3), not (3,)"),
        ({"x": None}, None, "input x must be a NumPy array, not NoneType"),
    ],
)
def test_a_feed_or_output_that_does_not_fit_is_named(
    model: bytes, feeds: dict[str, object], outputs: list[str] | None, sentence: str
) -> None:
    with pytest.raises(ValueError) as caught:
        engine.Session(model).run(feeds, outputs)  # type: ignore[arg-type]
    assert str(caught.value) == sentence


def test_an_input_with_a_default_may_be_left_out_and_is_named_where_it_does_not_fit() -> None:
    nodes = [helper.make_node("Mul", ["x", "factor"], ["y"])]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 3]) for name in "xy")
    factor = helper.make_tensor_value_info("factor", TensorProto.FLOAT, [None])
    default = numpy_helper.from_array(np.ones(1, np.float32), "factor")
    session = engine.Session(_bytes(helper.make_graph(nodes, "tiny", [x, factor], [y], [default])))
    assert (session.inputs, session.optional) == ({"x": ("N", 3)}, {"factor": ("?",)})
    feeds = picture((1, 2, 3))
    assert session.run(feeds).outputs["y"].tolist() == [[1, 2, 3]]
    assert session.run(feeds | {"factor": np.array([2], np.float32)}).outputs["y"].tolist() == [[2, 4, 6]]
    with pytest.raises(ValueError, match="input factor must be float32, not float64"):
        session.run(feeds | {"factor": np.ones(1)})
    with pytest.raises(ValueError, match=re.escape("the inputs are x float32 (N, 3), factor float32 (?,)")):
        session.run({})


def test_a_run_without_outputs_gives_none(model: bytes) -> None:
    assert engine.Session(model).run({"x": np.ones((1, 3), np.float32)}, []).outputs == {}


def test_a_failure_inside_the_model_is_not_blamed_on_the_feeds() -> None:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N"])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])
    shape = numpy_helper.from_array(np.array([2], np.int64), "shape")
    graph = helper.make_graph([helper.make_node("Reshape", ["x", "shape"], ["y"])], "two", [x], [y], [shape])
    session = engine.Session(_bytes(graph))
    np.testing.assert_array_equal(session.run({"x": np.ones(2, np.float32)}).outputs["y"], [1, 1])
    with pytest.raises(Exception, match="Reshape") as caught:
        session.run({"x": np.ones(3, np.float32)})
    assert not isinstance(caught.value, ValueError)


@pytest.mark.parametrize("junk", [b"", b"not a model"])
def test_a_broken_model_is_refused_in_a_sentence(junk: bytes) -> None:
    with pytest.raises(ValueError, match="ONNX Runtime can't load this model"):
        engine.Session(junk)


def test_threads_share_a_session(model: bytes) -> None:
    session = engine.Session(model)
    wrong: list[int] = []

    def work(seed: int) -> None:
        for x in np.random.default_rng(seed).normal(size=(200, 1, 3)).astype(np.float32):
            if not np.allclose(session.run({"x": x}).outputs["score"], x @ WEIGHTS, atol=1e-5):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_sessions_keep_to_one_thread_and_do_not_spin(model: bytes) -> None:
    options = engine._open(model, "cpu", 1).get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


KEPT = """
import numpy as np
from pathlib import Path
from glassbox.engine.session import Session
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
session = Session(Path(sys.argv[1]))
before = resident()
session.run({"x": np.ones((4_000_000, 3), np.float32)})
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_session_keeps_nothing_of_a_large_run(model: bytes, tmp_path: Path) -> None:
    """Input, score and positive take 112 MB; an arena would keep 64 of them."""
    (tmp_path / "model.onnx").write_bytes(model)
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys{KEPT}", tmp_path / "model.onnx"], capture_output=True, text=True, check=True
    )
    assert float(ran.stdout) < 30


def test_a_session_does_not_keep_the_file_that_it_was_opened_from() -> None:
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 3]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "relu", [x], [y])
    opset = helper.make_opsetid("", 18)
    data = helper.make_model(graph, opset_imports=[opset], ir_version=10).SerializeToString()
    held = sys.getrefcount(data)
    session = engine.Session(data)
    assert sys.getrefcount(data) == held
    assert session.run({"x": np.full((1, 3), -1, np.float32)}).outputs["y"].tolist() == [[0, 0, 0]]


def test_the_cpu_is_always_there() -> None:
    assert engine.provider_state("cpu") == engine.ProviderState("cpu", available=True, reason=None)


@pytest.mark.parametrize(
    "make", [engine.provider_state, lambda name: engine.Session(b"", name)], ids=["state", "session"]
)
def test_an_unknown_provider_is_named(make: object) -> None:
    with pytest.raises(ValueError, match="'tpu'; there are cpu, cuda"):
        make("tpu")  # type: ignore[operator]


@pytest.fixture
def forget_providers() -> object:
    engine.provider_state.cache_clear()
    yield
    engine.provider_state.cache_clear()


@pytest.mark.usefixtures("forget_providers")
def test_without_cuda_in_onnxruntime_the_cpu_runs_and_says_so(model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CPUExecutionProvider"])
    assert engine.provider_state("cuda") == engine.ProviderState("cuda", available=False, reason="not_built")
    session = engine.Session(model, "cuda")
    assert (session.provider, session.fallback_reason) == ("cpu", "not_built")
    np.testing.assert_array_equal(session.run(picture((1, 1, 1))).outputs["score"], [[4, 2]])


@pytest.mark.usefixtures("forget_providers")
def test_cuda_that_is_built_in_but_cannot_load_falls_back(model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """As onnxruntime-gpu does without libcublasLt: it lists CUDA, yet its sessions come without it."""
    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"])
    open_session = engine._open
    monkeypatch.setattr(engine, "_open", lambda model, provider, *more: open_session(model, "cpu", *more))
    assert engine.provider_state("cuda") == engine.ProviderState("cuda", available=False, reason="not_loaded")
    session = engine.Session(model, "cuda")
    assert (session.provider, session.fallback_reason) == ("cpu", "not_loaded")
    assert session.run(picture((1, 1, 1))).provider == "cpu"


@pytest.mark.skipif(not engine.provider_state("cuda").available, reason="needs onnxruntime-gpu and an NVIDIA device")
def test_cuda_agrees_with_the_cpu(model: bytes) -> None:
    feeds = picture((0.1, 0.2, 0.3), (1e3, -1, 7))
    on_cuda = engine.Session(model, "cuda").run(feeds)
    assert on_cuda.provider == "cuda"
    np.testing.assert_allclose(on_cuda.outputs["score"], engine.Session(model).run(feeds).outputs["score"], rtol=1e-6)


def test_half_precision_weights_behind_a_transpose_do_not_end_the_process(tmp_path: Path) -> None:
    """The optimiser of ONNX Runtime 1.32 does, so a child process tries."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT16, ["N", 2, 3])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT16, [2, "N", 2])
    nodes = [
        helper.make_node("Transpose", ["x"], ["turned"], perm=[1, 0, 2]),
        helper.make_node("MatMul", ["turned", "weights"], ["y"]),
    ]
    half = numpy_helper.from_array(WEIGHTS.astype(np.float16), "weights")
    (tmp_path / "half.onnx").write_bytes(_bytes(helper.make_graph(nodes, "half", [x], [y], [half])))
    program = (
        "import numpy, pathlib, sys; from glassbox.engine.session import Session;"
        "x = numpy.arange(6, dtype=numpy.float16).reshape(1, 2, 3);"
        "print(Session(pathlib.Path(sys.argv[1])).run({'x': x}).outputs['y'].tolist())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "half.onnx")]
    child = subprocess.run(command, capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    assert child.stdout.strip() == "[[[6.0, 4.0]], [[18.0, 10.0]]]"


def test_many_examples_give_in_parts_what_they_give_at_once() -> None:
    x, scale, y = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("x", ["N", 1, 5, 5]), ("scale", ["N", 1, 1, 1]), ("y", ["N", 2, 3, 3]))
    )
    rng = np.random.default_rng(0)
    kernel = numpy_helper.from_array(rng.normal(size=(2, 1, 3, 3)).astype(np.float32), "kernel")
    nodes = [helper.make_node("Conv", ["x", "kernel"], ["map"]), helper.make_node("Mul", ["map", "scale"], ["y"])]
    graph = helper.make_graph(nodes, "many", [x, scale], [y], [kernel])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    session = engine.Session(made.SerializeToString())
    many = 2 * session.part + 3
    feeds = {
        "x": rng.normal(size=(many, 1, 5, 5)).astype(np.float32),
        "scale": np.arange(many, dtype=np.float32).reshape(-1, 1, 1, 1),
    }
    sizes: list[int] = []
    run = session._run
    session._run = lambda names, given, options: sizes.append(len(given["x"])) or run(names, given, options)
    found = session.run_in_parts(feeds)
    assert sizes == [session.part, session.part, 3]
    np.testing.assert_allclose(found.outputs["y"], session.run(feeds).outputs["y"], rtol=1e-6, atol=1e-6)
