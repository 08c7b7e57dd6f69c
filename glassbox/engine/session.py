"""ONNX Runtime, held to what Glassbox needs of it: a provider that is what it says, named runs, honest times."""

import contextlib
import functools
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Literal, NamedTuple

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

PROVIDERS = ("cpu", "cuda")
Optimised = Literal["none", "extended", "all"]

_LEVELS = {"none": "ORT_DISABLE_ALL", "extended": "ORT_ENABLE_EXTENDED", "all": "ORT_ENABLE_ALL"}
_CPU = "CPUExecutionProvider"
_CUDA = "CUDAExecutionProvider"
# No TF32: it keeps 10 bits of a product, and each number here is checked against a sum to 1e-5.
# The memory grows by what is asked, not by doubling, as several small models share the device.
_CUDA_OPTIONS = {"use_tf32": "0", "arena_extend_strategy": "kSameAsRequested"}
_NUMPY_NAMES = {"float": "float32", "double": "float64", "string": "str"}
_FATAL = 4  # the engine's log level: its errors reach us as exceptions, so it need not print them too
# This optimiser widens float16 weights once, not in each run. ONNX Runtime 1.32 then looks at the shapes of a MatMul
# behind a Transpose, finds none for the widened weight, and ends the process. Float32 models have no use for it.
_WIDENING = "FuseFp16InitializerToFp32NodeTransformer"
_ENDS_THE_PROCESS = (b"Transpose", b"MatMul")
_FEW, _MANY, _CONVOLVES = 8, 256, b"Conv"
"""Examples that are run at once of many: the feature maps of more would leave the processor's cache. In an ONNX file
operators stand by their names."""
# All runs share them: without, the engine makes some for each, a fifth of what an empty model takes.
_OPTIONS = ort.RunOptions()
_STRICT: dict[str, str] = {}
"""Entries of a session's settings in a process that runs strangers' models; empty elsewhere."""


def be_strict(folder: str) -> None:
    """Have this process open every model from now on as one that nobody vouches for: read as ONNX alone, optimised
    within bounds, and no file of weights but those in `folder`, which is empty."""
    _STRICT.update(
        {
            "session.load_model_format": "ONNX",
            "session.model_external_initializers_file_folder_path": folder,
            "session.function_expansion_node_limit": "20000",
            "optimization.constant_folding_max_output_size_in_bytes": "16777216",
        }
    )


@dataclass(frozen=True)
class ProviderState:
    """Whether a provider can run here. `reason`, when it can't: "not_built" (this onnxruntime has no CUDA in it: see
    requirements-gpu.txt) or "not_loaded" (it has, but the CUDA libraries or a device are missing)."""

    name: str
    available: bool
    reason: str | None = None


class Run(NamedTuple):  # half the cost of a frozen dataclass, which counts when a whole run takes 10 us
    """What one run gave: its outputs by name, the seconds inside ONNX Runtime alone, and the provider that ran it."""

    outputs: dict[str, NDArray[Any]]
    seconds: float
    provider: str


class Session:
    """One model, ready to run. Threads may share it: ONNX Runtime's `run` is safe to call from several at once.

    `provider` is the one really used. When it is not the one asked for, `fallback_reason` says why (see ProviderState).
    `inputs` holds each input's shape: a number where it is fixed, the dimension's name where it is free; `optional`
    those of the inputs that may be left out, as they have a default; `types` the dtype of either by NumPy's name.
    `output_shapes` and `output_types` hold those of the outputs. `part`: the examples that `run_in_parts` runs at once.
    """

    def __init__(
        self,
        model: bytes | Path,
        provider: str = "cpu",
        threads: int = 1,
        *,
        optimised: Optimised = "all",
        arena: bool = False,
    ) -> None:
        """Load `model`, a file's bytes or its path. Raises ValueError for an unknown provider or a broken model.

        `optimised`: how far ONNX Runtime may rewrite the graph: not at all, what is the same for any processor, or all.
        `arena`: keep the memory of a run for the next one, which large tensors make worth it.
        """
        self.fallback_reason = provider_state(provider).reason
        self.provider = provider if self.fallback_reason is None else "cpu"
        try:
            self._session = _open(model, self.provider, threads, optimised, arena)
            if self.provider == "cuda" and _CUDA not in self._session.get_providers():
                self.provider, self.fallback_reason = "cpu", "not_loaded"
        except Exception as error:
            raise ValueError(f"ONNX Runtime can't load this model: {error}") from error
        # What `InferenceSession.run` calls: what that looks at before, the engine and `misfit` say too.
        self._run = self._session._sess.run
        self.part = _FEW if self.provider == "cpu" and _CONVOLVES in _bytes(model) else _MANY
        needed, optional = self._session.get_inputs(), self._session.get_overridable_initializers()
        self.types = {node.name: _numpy_name(node.type) for node in [*needed, *optional]}
        self.inputs, self.optional = _shapes(needed), _shapes(optional)
        given = self._session.get_outputs()
        self.outputs: tuple[str, ...] = tuple(node.name for node in given)
        self.output_shapes, self.output_types = _shapes(given), {node.name: _numpy_name(node.type) for node in given}

    def run(self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None) -> Run:
        """Run the model on `feeds` (arrays by input name) and give `outputs` (names), or all of them.

        Raises ValueError, naming what the model has, when a name, shape or dtype doesn't fit; what fails inside the
        model comes as ONNX Runtime raised it.
        """
        names = self.outputs if outputs is None else outputs
        start = perf_counter()
        try:
            values = self._run(names or self.outputs, feeds, _OPTIONS)
        except Exception as error:
            # Looked into only now: a check before each run would cost as much as a small model's whole run.
            problem = self.misfit(feeds, names)
            if problem is None:
                raise
            raise ValueError(problem) from error
        seconds = perf_counter() - start
        return Run(dict(zip(names, values)), seconds, self.provider)  # noqa: B905 (the engine gives one value a name)

    def run_in_parts(self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None) -> Run:
        """As `run`, for inputs and outputs whose first axis is that of the examples: `part` of them at a time.

        On the CPU feature maps of a few examples stay in its cache: 1,024 digits take the CNN a sixth of the time.
        """
        many = max(map(len, feeds.values()), default=0)
        if many <= self.part:
            return self.run(feeds, outputs)
        runs = [
            self.run({name: cells[first : first + self.part] for name, cells in feeds.items()}, outputs)
            for first in range(0, many, self.part)
        ]
        joined = {name: np.concatenate([run.outputs[name] for run in runs]) for name in runs[0].outputs}
        return Run(joined, sum(run.seconds for run in runs), self.provider)

    def misfit(self, feeds: Mapping[str, Any], names: Sequence[str]) -> str | None:
        """Return what about the names, shapes and dtypes of a run does not fit the model, in a sentence; else None."""
        shapes = self.inputs | self.optional
        if missing := [name for name in self.inputs if name not in feeds]:
            return f"no value for input {', '.join(missing)}; the inputs are {self._known()}"
        if unknown := [name for name in feeds if name not in shapes]:
            return f"no input is named {', '.join(unknown)}; the inputs are {self._known()}"
        if unknown := [name for name in names if name not in self.outputs]:
            return f"no output is named {', '.join(unknown)}; the outputs are {', '.join(self.outputs)}"
        for name, value in feeds.items():
            shape = shapes[name]
            if not isinstance(value, np.ndarray):
                return f"input {name} must be a NumPy array, not {type(value).__name__}"
            if value.dtype.name != self.types[name] and self.types[name] != "str":
                return f"input {name} must be {self.types[name]}, not {value.dtype.name}"
            fits = len(shape) == value.ndim and all(
                isinstance(size, str) or size == given for size, given in zip(shape, value.shape, strict=True)
            )
            if not fits:
                return f"input {name} must have the shape {_shape_text(shape)}, not {_shape_text(value.shape)}"
        return None

    def _known(self) -> str:
        shapes = self.inputs | self.optional
        return ", ".join(f"{name} {self.types[name]} {_shape_text(shape)}" for name, shape in shapes.items())


@functools.cache  # bounded by PROVIDERS: any other name raises
def provider_state(name: str) -> ProviderState:
    """Return whether the provider `name` (one of PROVIDERS) can run on this machine.

    Raises ValueError for another name.

    That onnxruntime lists CUDA says only that it was built with it; so a one-node model is opened on it, once.
    """
    if name not in PROVIDERS:
        raise ValueError(f"no provider is named {name!r}; there are {', '.join(PROVIDERS)}")
    if name == "cpu":
        return ProviderState(name, available=True)
    if _CUDA not in ort.get_available_providers():
        return ProviderState(name, available=False, reason="not_built")
    with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
        ort.preload_dlls()  # finds CUDA and cuDNN where pip puts them; it prints what it does not find
    loaded = False
    with contextlib.suppress(Exception):
        loaded = _CUDA in _open(_probe(), "cuda", threads=1).get_providers()
    return ProviderState(name, loaded, None if loaded else "not_loaded")


def _open(
    model: bytes | Path, provider: str, threads: int, optimised: Optimised = "all", arena: bool = False
) -> ort.InferenceSession:
    """Many visitors share few cores: each run keeps to its own thread, and none spins while it waits for work, so runs
    side by side do not slow each other. A digit takes microseconds; splitting that over cores would cost more.

    No arena by default: each session's own would keep what its largest run ever took; a digit takes as long without."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.enable_cpu_mem_arena = arena
    options.graph_optimization_level = getattr(ort.GraphOptimizationLevel, _LEVELS[optimised])
    options.log_severity_level = _FATAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    for name, value in _STRICT.items():
        options.add_session_config_entry(name, value)
    if _STRICT:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.enable_mem_pattern = False
    data = _bytes(model)
    if all(name in data for name in _ENDS_THE_PROCESS):  # in an ONNX file operators stand by their names
        options.add_session_config_entry("optimization.disable_specified_optimizers", _WIDENING)
    providers = [(_CUDA, _CUDA_OPTIONS), _CPU] if provider == "cuda" else [_CPU]
    session = ort.InferenceSession(model, options, providers=providers)
    session.disable_fallback()  # a failed run is an error here, never a silent second try elsewhere
    session._model_bytes = None  # kept for that second try alone: some 25 MB once each page has opened its models
    return session


def _bytes(model: bytes | Path) -> bytes:
    return model if isinstance(model, bytes) else Path(model).read_bytes()


def _probe() -> bytes:
    from onnx import TensorProto, helper  # only where CUDA is built in: importing it takes a while

    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "probe", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return bytes(model.SerializeToString())


def _shapes(nodes: Sequence[ort.NodeArg]) -> dict[str, tuple[int | str, ...]]:
    return {node.name: tuple("?" if size is None else size for size in node.shape) for node in nodes}


def _numpy_name(onnx_type: str) -> str:
    """'tensor(float)' -> 'float32'."""
    name = onnx_type.removeprefix("tensor(").removesuffix(")")
    return _NUMPY_NAMES.get(name, name)


def _shape_text(shape: Sequence[int | str]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
