"""`glassbox serve`: the models as a service, beside the dashboard or alone."""

import argparse
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from glassbox.cli import installation

PACKAGES = ("aiolimiter", "httptools", "prometheus-client", "starlette", "uvicorn")
"""What the service needs beside the base install: the extra `serve` of pyproject.toml."""
_SETTINGS = {
    "body": ("BYTES", "the most bytes of a request"),
    "seconds": ("SECONDS", "the most time to send and answer a request"),
    "window": ("MILLISECONDS", "how long a request waits for others to run with as one batch"),
    "batch": ("ROWS", "the most rows of such a batch; 1: no batches"),
    "rate": ("NUMBER", "requests a minute for each key or, without keys, each address; 0: any"),
    "keys": ("FILE", "the file of the keys' hashes; without one no key is asked for"),
    "origins": ("SITES", "the sites, between blanks, whose pages may ask: https://school.example"),
    "drain": ("SECONDS", "from the signal to end, which /v2/health/ready tells, to the last connection"),
}


def add(commands: Any) -> None:
    """Declare `serve` among argparse's subparsers `commands`."""
    parser = commands.add_parser(
        "serve",
        help="serve the models to other programs",
        description="Serve every model by the Open Inference Protocol: beside the dashboard, or alone. Each setting "
        "can be given by an environment variable too: GLASSBOX_SERVICE_BATCH for --batch.",
        epilog="Exit status: 1 if a package or a file is missing, 2 for a wrong option. SIGTERM or Ctrl+C ends it once "
        "what it has taken is answered.",
    )
    parser.add_argument("--no-dashboard", action="store_true", help="without the dashboard, in less memory")
    parser.add_argument("--new-key", action="store_true", help="add a key to the file of --keys, print it, and end")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="(default: %(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the port (default: 1)")
    parser.add_argument("--quiet", action="store_const", const="0", dest="log", help="log no line for each request")
    parser.add_argument("--metrics", action="store_const", const="1", help="open /metrics, for Prometheus")
    for name, (value, text) in _SETTINGS.items():
        parser.add_argument(f"--{name}", metavar=value, help=text)
    parser.set_defaults(run=run, passes_on=True)


def run(options: argparse.Namespace) -> int:
    """Serve until it is interrupted, and return the exit status."""
    if options.new_key:
        return _new_key(options.keys)
    missing = [name for name in PACKAGES if installation.installed_version(name) is None]
    if missing:
        print(f'The service needs {", ".join(missing)}: pip install "glassbox[serve]"', file=sys.stderr)
        return 1
    from glassbox.serving.settings import Settings, variable

    given = {name: getattr(options, name) for name in (*_SETTINGS, "metrics", "log")}
    if options.no_dashboard:
        os.environ.setdefault(variable("log"), "1")
    os.environ.update({variable(name): value for name, value in given.items() if value is not None})
    try:
        settings = Settings.from_environment()
    except ValueError as error:
        print(str(error), file=sys.stderr)
        return 2
    if not options.no_dashboard:
        from glassbox.cli import dashboard

        return dashboard.run(options)
    if options.passed_on or options.workers < 1:
        print(f"--no-dashboard takes no {' '.join(options.passed_on) or 'such --workers'}", file=sys.stderr)
        return 2
    if options.workers > 1 and settings.metrics:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # which prometheus_client reads as it is imported
            return _serve(options)
    return _serve(options)


def _serve(options: argparse.Namespace) -> int:
    from glassbox.serving import alone

    with suppress(OSError):  # where the log finds no room, the models are served nevertheless
        print(f"The models are served at http://{options.host}:{options.port}/v2", file=sys.stderr, flush=True)
    alone.run(options.host, options.port, options.workers)
    return 0


def _new_key(file: str | None) -> int:
    from glassbox.serving import keys

    if not file:
        print("--new-key needs --keys FILE, where the hash of the key is kept", file=sys.stderr)
        return 2
    try:
        print(keys.add(Path(file)))
    except OSError as error:
        print(f"{file}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"Keep this key: only its hash is in {file}.", file=sys.stderr)
    return 0
