"""`glassbox dashboard`: serve the app, as `streamlit run dashboard.py` does."""

import argparse
import sys
from importlib import metadata
from typing import Any

from glassbox.cli import installation
from glassbox.paths import ROOT

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
    parser.set_defaults(run=run, passes_on=True)


def run(options: argparse.Namespace) -> int:
    """Serve the app until it is interrupted, and return the exit status."""
    missing = [name for name in PACKAGES if installation.installed_version(name) is None]
    if missing:
        print(f'The dashboard needs {", ".join(missing)}: pip install "glassbox[app]"', file=sys.stderr)
        return 1
    streamlit = next(iter(metadata.entry_points(group="console_scripts", name="streamlit")))
    # Streamlit reads .streamlit/config.toml beside the script last, whatever folder the command is run in.
    streamlit.load()(["run", str(ROOT / "dashboard.py"), *options.passed_on], prog_name="streamlit")
    return 0
