"""`glassbox dashboard`: serve the app, as `streamlit run dashboard.py` does."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Any

from glassbox.cli import installation
from glassbox.paths import ROOT
from glassbox.serving import output

PACKAGES = (
    "aiolimiter",
    "brotli",
    "fonttools",
    "httptools",
    "jinja2",
    "latex2mathml",
    "markdown-it-py",
    "plotly",
    "prometheus-client",
    "starlette",
    "streamlit",
)
"""What the app needs beside the base install: the extra `app` of pyproject.toml."""
MOST_WORKERS = 64
_PORT, _ADDRESS = "STREAMLIT_SERVER_PORT", "STREAMLIT_SERVER_ADDRESS"


def add(commands: Any) -> None:
    """Declare `dashboard` among argparse's subparsers `commands`."""
    parser = commands.add_parser(
        "dashboard",
        help="serve the app for the browser",
        usage="%(prog)s [-h] [STREAMLIT OPTION ...]",
        description="Serve the app and print its address, as `streamlit run dashboard.py` does. "
        "Every option of `streamlit run` is passed on, such as --server.port 8080, or --server.headless false to open "
        "a browser too.",
        epilog="Exit status: 1 if a package of the app is missing, 2 for a wrong option. Ctrl+C ends it.",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        help="processes that share the address, each with its own visitors (default: 1; Linux and macOS)",
    )
    parser.set_defaults(run=run, passes_on=True)


def run(options: argparse.Namespace) -> int:
    """Serve the app until it is interrupted, and return the exit status."""
    missing = [name for name in PACKAGES if installation.installed_version(name) is None]
    if missing:
        print(f'The dashboard needs {", ".join(missing)}: pip install "glassbox[app]"', file=sys.stderr)
        return 1
    output.never_fail()
    if options.workers != 1:
        return _run_several(options.workers, options.passed_on)
    streamlit = next(iter(metadata.entry_points(group="console_scripts", name="streamlit")))
    # Streamlit reads .streamlit/config.toml beside the script last, whatever folder the command is run in.
    streamlit.load()(["run", str(ROOT / "dashboard.py"), *options.passed_on], prog_name="streamlit")
    return 0


def _run_several(count: int, passed_on: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="glassbox dashboard --workers", add_help=False, allow_abbrev=False)
    parser.add_argument("--server.port", dest="port", type=int, default=int(os.environ.get(_PORT, "8501")))
    parser.add_argument("--server.address", dest="address", default=os.environ.get(_ADDRESS, ""))
    known, others = parser.parse_known_args(passed_on)
    wrong = [option for option in others if option.startswith("--server.ssl")]
    if not 1 <= count <= MOST_WORKERS or wrong or sys.platform == "win32":
        reason = (
            f"a proxy in front has to end TLS, not {wrong[0]}" if wrong else f"1 to {MOST_WORKERS}, and not on Windows"
        )
        print(f"--workers {count}: {reason}", file=sys.stderr)
        return 2
    from glassbox.serving import workers

    command = [
        "-m",
        "glassbox.ui.server.handed_over",
        "run",
        str(ROOT / "dashboard.py"),
        "--server.port",
        str(known.port),
        *others,
    ]
    try:
        return workers.run(count, known.address, known.port, command)
    except OSError as error:
        print(f"Port {known.port}: {error.strerror}", file=sys.stderr)
        return 1
