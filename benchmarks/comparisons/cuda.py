"""Networks on a GPU beside one thread of the CPU, by batch, and the batch from which the GPU pays."""

from collections.abc import Iterator
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.comparisons import Setting, check
from benchmarks.measure import timings
from benchmarks.tables import OURS, Table, duration
from glassbox.engine.session import Session, provider_state
from glassbox.paths import MODELS

BATCHES = (1, 8, 64, 512)
NETWORKS = ("mlp", "cnn", "cnn_deep", "lstm", "poet_zh")
TITLE = "CUDA beside the CPU"
TOLERANCE = 1e-4
"""How far apart the two may be, as a share of the largest number: both compute in float32, in other orders."""


def tables(setting: Setting) -> Iterator[Table]:
    state = provider_state("cuda")
    if not state.available:
        missing = f"not measured: no GPU was at hand ({state.reason}); CUDA.md is from a machine with one"
        yield Table(TITLE, ("", "time"), [["CUDA", missing]])
        return
    rows, pays = [], []
    for name in NETWORKS:
        model = (MODELS / name / "1" / "model.onnx").read_bytes()
        sessions = {OURS: Session(model), "CUDA": Session(model, "cuda")}
        found = []
        for batch in BATCHES:
            feeds = _feeds(sessions[OURS], batch)
            calls = {kind: lambda one=one, feeds=feeds: _first(one, feeds) for kind, one in sessions.items()}
            if batch <= 8:
                check(calls, TOLERANCE)
            # The clock on the wall: the GPU's work is not the CPU's.
            found.append(timings(calls, setting.rounds, clock=perf_counter, most=setting.most))
        rows += [
            [f"{name}, {kind}", *(duration(one[key].seconds) for one in found)]
            for kind, key in (("CPU", OURS), ("CUDA", "CUDA"))
        ]
        faster = [b for b, one in zip(BATCHES, found, strict=True) if one["CUDA"].seconds < one[OURS].seconds]
        pays.append(f"{name} {faster[0] if faster else 'none of these'}")
    note = (
        f"One thread of the CPU; what is copied to the GPU and back counts. It pays from a batch of: {', '.join(pays)}."
    )
    yield Table(TITLE, ("batch", *map(str, BATCHES)), rows, note=note)


def _feeds(session: Session, batch: int) -> dict[str, NDArray[np.generic]]:
    """Random pictures, or random ids in a text of as many as the longest quatrain has."""
    rng = np.random.default_rng(0)
    ((name, shape),) = session.inputs.items()
    if session.types[name] == "int64":
        return {name: rng.integers(10, 4000, (batch, 36))}
    return {name: rng.random((batch, *shape[1:]), np.float32)}


def _first(session: Session, feeds: dict[str, NDArray[np.generic]]) -> NDArray[np.float32]:
    return session.run_in_parts(feeds, session.outputs[:1]).outputs[session.outputs[0]]
