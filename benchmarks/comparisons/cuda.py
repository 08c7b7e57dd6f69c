"""The CNN on a GPU beside the CPU, by batch, and the batch from which it pays."""

from collections.abc import Iterator

import numpy as np

from benchmarks.comparisons import Setting
from benchmarks.measure import by_turns
from benchmarks.tables import Table, duration
from glassbox.engine.session import Session, provider_state
from glassbox.paths import MODELS

BATCHES = (1, 8, 64, 512, 4096)
TITLE = "CUDA beside the CPU, CNN"


def tables(setting: Setting) -> Iterator[Table]:
    state = provider_state("cuda")
    if not state.available:
        yield Table(TITLE, ("", "time"), [["CUDA", f"not measured: no GPU was at hand ({state.reason})"]])
        return
    model = (MODELS / "cnn" / "1" / "model.onnx").read_bytes()
    sessions = {"CPU, one thread": Session(model), "CUDA": Session(model, "cuda")}
    found = []
    for batch in BATCHES:
        feeds = {"picture": np.random.default_rng(0).random((batch, 1, 28, 28), np.float32)}
        calls = {name: lambda one=one, feeds=feeds: one.run_in_parts(feeds) for name, one in sessions.items()}
        found.append(by_turns(calls, min(setting.rounds, 50)))  # the clock on the wall: the GPU's work is not the CPU's
    rows = [[name, *(duration(one[name]) for one in found)] for name in sessions]
    pays = next((str(b) for b, one in zip(BATCHES, found, strict=True) if one["CUDA"] < one["CPU, one thread"]), "none")
    yield Table(TITLE, ("batch", *map(str, BATCHES)), rows, note=f"The batch from which it pays: {pays}.")
