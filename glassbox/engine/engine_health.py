"""How a server that runs the models is doing."""

from dataclasses import dataclass

from glassbox.input_error import Reason


@dataclass(frozen=True)
class Latency:
    """Percentiles of the seconds that the last `count` runs took, as they were measured here."""

    count: int
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class EngineHealth:
    """How a server is doing. `ready`: whether it says so now, `problem`: why not, as far as is known.

    `server`: its name and version, "" while unknown; `binary`: whether tensors go as bytes, not JSON. `breaker`: see
    CircuitBreaker.state. `runs` that it answered, `failures` (tries that failed), and how often the embedded engine
    answered `instead`. `latency` is None before the first run.
    """

    address: str
    ready: bool
    problem: Reason | None
    server: str
    binary: bool
    breaker: str
    runs: int
    failures: int
    instead: int
    latency: Latency | None
