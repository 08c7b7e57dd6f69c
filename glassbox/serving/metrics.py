"""What the service tells of itself in Prometheus' format: requests, batches, and how long both took.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import os

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from glassbox.serving.batching import Done
from glassbox.serving.settings import Settings

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable, prometheus_client's own: the folder in which several processes count together."""
MEDIA_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Counts what is done. No label is anything that was sent: routes and models are those that there are."""

    def __init__(self, settings: Settings) -> None:
        self._registry = kept = CollectorRegistry()
        self._requests = Counter("glassbox_requests", "Requests answered.", ["route", "status"], registry=kept)
        self._seconds = _histogram("glassbox_request_seconds", "From a request to its answer.", "route", _SECONDS, kept)
        self._rows = _histogram("glassbox_batch_rows", "Rows of a batch that ran.", "model", _ROWS, kept)
        self._ran = _histogram("glassbox_batch_seconds", "A batch's run.", "model", _SECONDS, kept)
        self._waited = _histogram(
            "glassbox_batch_wait_seconds", "The wait of a batch's first request.", "model", _SECONDS, kept
        )
        for name, text, value in (
            ("glassbox_batch_window_seconds", "How long a request waits for others.", settings.window / 1000),
            ("glassbox_batch_rows_limit", "The most rows of a batch.", settings.batch),
        ):
            Gauge(name, text, multiprocess_mode="max", registry=kept).set(value)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._requests.labels(route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def batch(self, model: str, done: Done) -> None:
        """Count a batch, by what its first request got."""
        self._rows.labels(model).observe(done.rows)
        self._ran.labels(model).observe(done.ran)
        self._waited.labels(model).observe(done.waited)

    def text(self) -> bytes:
        """Return all that was counted, by all processes."""
        registry = self._registry
        if FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


def _histogram(name: str, text: str, label: str, buckets: tuple[float, ...], kept: CollectorRegistry) -> Histogram:
    return Histogram(name, text, [label], buckets=buckets, registry=kept)
