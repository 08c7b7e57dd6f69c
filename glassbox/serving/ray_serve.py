"""The models on Ray Serve: the same addresses and answers from replicas, which come and go with the work.

    python -m glassbox.serving.ray_serve --replicas 1 4

needs `pip install -r deploy/ray/requirements.txt`. Each replica is a process with the service of
`glassbox.serving.service` in it, with its own batches; Ray Serve's proxy spreads the requests over them, and starts
another one where a replica ends. A rate limit counts in each replica by itself.
https://docs.ray.io/en/latest/serve/
"""

import argparse
import signal
import threading
from collections.abc import Sequence

import ray
from ray import serve
from ray.serve.config import AutoscalingConfig
from ray.serve.schema import LoggingConfig
from starlette.routing import Router

from glassbox.serving.alone import application

NAME = "glassbox"
WAITING = 256
"""Requests that a replica takes on at a time; more wait in the proxy."""
_STORE = 100_000_000
"""Bytes of Ray's store of objects, through which no request goes."""
_STARTS = 4
BUSY = 32.0
"""Requests in a replica on the average from which on another replica is started."""


def start(host: str, port: int, fewest: int, most: int) -> None:
    """Serve at `host` and `port` with `fewest` to `most` replicas, on the Ray of this process, which is started unless
    it runs. Return once all the first replicas have loaded their models."""
    if not ray.is_initialized():
        _start_ray()
    serve.start(http_options={"host": host, "port": port})
    models = serve.deployment(
        serve.ingress(_replica)(),
        name="models",
        max_ongoing_requests=WAITING,
        graceful_shutdown_timeout_s=10,
        health_check_period_s=2,
        autoscaling_config=AutoscalingConfig(
            min_replicas=fewest, max_replicas=most, initial_replicas=fewest, target_ongoing_requests=BUSY
        ),
        logging_config=LoggingConfig(enable_access_log=False),
    )
    serve.run(models.bind(), name=NAME, route_prefix="/")


def _replica() -> Router:
    return application(replica=True)


def _start_ray() -> None:
    """Start Ray on this machine. It gives its own processes half a minute to come up, which a busy machine may not
    keep to: so it is tried a few times. Raises what Ray raises at the last try."""
    for left in reversed(range(_STARTS)):
        try:
            ray.init(include_dashboard=False, log_to_driver=False, logging_level="warning", object_store_memory=_STORE)
            return
        except Exception:
            ray.shutdown()
            if not left:
                raise


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(
        prog="python -m glassbox.serving.ray_serve", description="Serve the models on Ray Serve."
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="(default: %(default)s)")
    parser.add_argument(
        "--replicas", type=int, nargs=2, default=(1, 4), metavar=("FEWEST", "MOST"), help="(default: 1 4)"
    )
    options = parser.parse_args(arguments)
    fewest, most = options.replicas
    if not 1 <= fewest <= most:
        parser.error("--replicas takes the fewest, 1 at least, and the most")
    start(options.host, options.port, fewest, most)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):  # after Ray's own handlers, which would abort
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    serve.shutdown()
    ray.shutdown()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
