"""How many requests a second the service answers, and how long each waits, when several clients ask at once.

The clients are in this process: what is measured is the service, from the bytes of a request to those of its answer,
without the network and the web server.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray

from glassbox.serving.batching import Done, Runner
from glassbox.serving.endpoint import Request
from glassbox.serving.service import Service
from glassbox.serving.settings import Settings

MOST_CLIENTS = 256
MOST_SECONDS = 5.0
"""Of one measurement."""
ROUNDS = 4
"""Both ways of running are measured by turns, so that what else the machine does falls on both alike."""


@dataclass(frozen=True)
class Load:
    """What `clients`, each of whom asks again as soon as it has its answer, got in `seconds`: the `latencies` of all
    requests in seconds, in ascending order; `batches`: how many batches ran, by their rows. `processor`: the seconds
    that the process worked meanwhile, on all its cores; `rounds`: the requests answered each second in each round."""

    clients: int
    seconds: float
    latencies: NDArray[np.float64]
    batches: Mapping[int, int]
    processor: float
    rounds: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Return the requests answered each second."""
        return len(self.latencies) / self.seconds

    @property
    def rate_of_a_core(self) -> float:
        """Return the requests that one core answers each second while it does nothing else."""
        return len(self.latencies) / self.processor

    def percentile(self, share: float) -> float:
        """Return the seconds within which `share` of the requests were answered: the nearest rank."""
        return float(self.latencies[max(math.ceil(share * len(self.latencies)) - 1, 0)])

    @property
    def mean_batch(self) -> float:
        """Return the mean of the rows of a batch."""
        return sum(rows * count for rows, count in self.batches.items()) / sum(self.batches.values())


class LoadedService:
    """The service with a load on it, of the model `model`, by the settings `settings`."""

    def __init__(self, model: str, settings: Settings) -> None:
        """Raises ServiceError if there is no such model, or it is refused."""
        self._service = Service(settings)
        self._batches: Counter[int] = Counter()
        self._service.runner = Runner(settings.window / 1000, settings.batch, self._count)
        self._service.models.load(model)
        self._path = {"name": model}

    def _count(self, model: str, done: Done) -> None:
        self._batches[done.rows] += 1

    def measure(self, body: bytes, headers: Mapping[bytes, bytes], clients: int, seconds: float) -> Load:
        """Return what `clients`, MOST_CLIENTS at most, get who send `body` for `seconds`, MOST_SECONDS at most.

        Raises ServiceError where the request is refused.
        """
        request = Request(self._path, headers, b"", body)
        self._batches.clear()
        worked = process_time()
        latencies, took = asyncio.run(self._drive(request, min(clients, MOST_CLIENTS), min(seconds, MOST_SECONDS)))
        worked = process_time() - worked
        rate = len(latencies) / took
        return Load(clients, took, np.sort(np.array(latencies)), dict(self._batches), worked, (rate,))

    async def _drive(self, request: Request, clients: int, seconds: float) -> tuple[list[float], float]:
        latencies: list[float] = []
        begun = perf_counter()

        async def client() -> None:
            while (asked := perf_counter()) - begun < seconds:
                await asyncio.sleep(0)  # it stands behind the others, as the requests of a web server do
                await self._service.infer(request)
                latencies.append(perf_counter() - asked)

        await asyncio.gather(*(client() for _ in range(clients)))
        return latencies, perf_counter() - begun


def compare(
    services: Sequence[LoadedService], body: bytes, headers: Mapping[bytes, bytes], *, clients: int, seconds: float
) -> list[Load]:
    """Return what each of `services` did under the same load, for `seconds` each, measured by turns.

    Raises ServiceError where the request is refused.
    """
    parts: list[list[Load]] = [[] for _ in services]
    for _ in range(ROUNDS):
        for service, found in zip(services, parts, strict=True):
            found.append(service.measure(body, headers, clients, seconds / ROUNDS))
    return [_together(found) for found in parts]


def _together(parts: Sequence[Load]) -> Load:
    return Load(
        parts[0].clients,
        sum(part.seconds for part in parts),
        np.sort(np.concatenate([part.latencies for part in parts])),
        dict(sum((Counter(part.batches) for part in parts), Counter())),
        sum(part.processor for part in parts),
        tuple(rate for part in parts for rate in part.rounds),
    )
