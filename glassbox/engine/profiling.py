"""What each operator of a model costs, by ONNX Runtime's own profile."""

import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from glassbox.graph.model import Model, labels, read

RUNS = 200
"""The profile counts whole microseconds, which only many runs make finer."""
_SUFFIX = "_kernel_time"


def operator_seconds(model: Model, feeds: Mapping[str, NDArray[Any]], runs: int = RUNS) -> dict[str, float]:
    """Return the seconds a run spends in each node on the CPU, by the names of `graph.model.labels`.

    The graph is run as it is written: ONNX Runtime's optimisations merge operators, which then have no time of their
    own. Each time is the mean of the middle half of `runs`, as a run that was interrupted says nothing about the model.
    Raises ValueError for what is no ONNX model, and OSError where there is no room for the profile, a file of some
    hundred kilobytes; what can't be run raises as ONNX Runtime does.

    https://onnxruntime.ai/docs/performance/tune-performance/profiling-tools.html
    """
    named = read(model)
    names = labels(named.graph)
    for node, name in zip(named.graph.node, names, strict=True):
        node.name = name
    events = _profile(named.SerializeToString(), dict(feeds), runs)
    times: dict[str, list[float]] = defaultdict(list)
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith(_SUFFIX):
            times[event["name"].removesuffix(_SUFFIX)].append(event["dur"] * 1e-6)
    return {name: _middle(times[name]) for name in names if name in times}


def _profile(model: bytes, feeds: dict[str, NDArray[Any]], runs: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        options = ort.SessionOptions()
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "profile")
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        for _ in range(runs):
            session.run(None, feeds)
        try:
            events: list[dict[str, Any]] = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
        except ValueError as error:  # ONNX Runtime says nothing of a disk that is full
            raise OSError("the profile could not be written") from error
        return events


def _middle(times: list[float]) -> float:
    """Return the mean of the middle half."""
    ordered, quarter = np.sort(times), len(times) // 4
    return float(ordered[quarter : len(ordered) - quarter].mean())
