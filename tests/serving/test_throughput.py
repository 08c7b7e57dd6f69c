"""The load test counts what was asked and answered, and nobody can make it run for long."""

import json

import numpy as np
import pytest

from glassbox.serving import throughput
from glassbox.serving.protocol import ServiceError
from glassbox.serving.settings import Settings
from glassbox.serving.throughput import Load, LoadedService, compare
from tests.serving.client import tensor

BODY = json.dumps({"inputs": [tensor("picture", np.zeros((1, 1, 28, 28), np.float32))]}).encode()


def test_requests_that_wait_together_run_together() -> None:
    load = LoadedService("cnn", Settings()).measure(BODY, {}, clients=8, seconds=0.1)
    assert 8 in load.batches and max(load.batches) == 8
    assert sum(rows * count for rows, count in load.batches.items()) == len(load.latencies)
    assert load.rate == len(load.latencies) / load.seconds


def test_without_batching_each_runs_alone_and_waits_for_those_before_it() -> None:
    load = LoadedService("cnn", Settings(batch=1)).measure(BODY, {}, clients=8, seconds=0.1)
    assert set(load.batches) == {1} and load.mean_batch == 1
    # Little's law, https://doi.org/10.1287/opre.9.3.383: all eight clients are in the system at all times.
    inside = load.rate * load.latencies.mean()
    assert inside == pytest.approx(8, rel=0.2)


def test_percentiles_are_nearest_ranks() -> None:
    load = Load(1, 1.0, np.arange(1.0, 101.0), {1: 50, 3: 50}, 0.5, (100.0,))
    assert [load.percentile(share) for share in (0.5, 0.95, 0.99, 1.0, 0.0)] == [50, 95, 99, 100, 1]
    assert (load.rate, load.mean_batch, load.rate_of_a_core) == (100, 2, 200)


def test_both_ways_are_measured_by_turns_and_put_together() -> None:
    services = [LoadedService("cnn", Settings(batch=1)), LoadedService("cnn", Settings())]
    alone, together = compare(services, BODY, {}, clients=4, seconds=0.1)
    for load in (alone, together):
        assert load.clients == 4 and load.seconds >= 0.1 and len(load.rounds) == throughput.ROUNDS
        assert load.processor > 0 and min(load.rounds) <= load.rate <= max(load.rounds)
        assert (np.diff(load.latencies) >= 0).all()
        assert sum(rows * count for rows, count in load.batches.items()) == len(load.latencies)
    assert set(alone.batches) == {1} and 4 in together.batches


def test_a_load_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "MOST_SECONDS", 0.05)
    monkeypatch.setattr(throughput, "MOST_CLIENTS", 3)
    load = LoadedService("cnn", Settings()).measure(BODY, {}, clients=1000, seconds=1000)
    assert max(load.batches) == 3


def test_what_is_refused_is_said() -> None:
    with pytest.raises(ServiceError, match="no model"):
        LoadedService("nothing", Settings())
    with pytest.raises(ServiceError, match="no inference request"):
        LoadedService("cnn", Settings()).measure(b"{}", {}, clients=2, seconds=0.1)
