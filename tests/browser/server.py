"""A dashboard started for tests, and the browser that they drive."""

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from glassbox.cli import installation

CHROMIUM = next(filter(None, map(shutil.which, ("chromium-headless-shell", *installation.CHROMIUM))), None)
"""The one that draws no window of its own, if it is there: it takes a third less of the processor."""
ARGUMENTS = [
    "--no-sandbox",  # the tests may run as root, in a container
    "--disable-gpu",
    "--renderer-process-limit=1",
    "--disable-background-networking",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
PATIENCE = 60_000
"""Milliseconds before a test gives up: a machine may be very busy, a wrong page stays wrong."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium. Skips the test, or fails it in CI, where there is none on the path."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on the PATH: install Debian's package chromium")
        pytest.skip("no Chromium on the PATH; Debian's package is called chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def serve(command: Sequence[str], folder: Path, log: Path, port: int = 0) -> Iterator[str]:
    """Run `command`, which serves the dashboard, in `folder` on `port` or a free one, its output in `log`: its
    address."""
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    options = [f"--server.port={port}", "--server.address=127.0.0.1"]
    with (
        log.open("wb") as out,
        subprocess.Popen([*command, *options], cwd=folder, stdout=out, stderr=subprocess.STDOUT) as server,
    ):
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 4 * PATIENCE / 1000
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the dashboard did not start:\n{log.read_text(errors='replace')}")


def settle(page: Page) -> None:
    """Wait until the page has run and has nothing left to draw."""
    page.evaluate("window.calm = 0")
    page.wait_for_function(
        """() => {
          const app = document.querySelector('[data-testid="stApp"]')
          const size = document.querySelectorAll("*").length
          const busy = app.dataset.testScriptState !== "notRunning" || size !== window.lastSize
          const drawing = document.querySelector('[data-testid="stSkeleton"], [data-testid="stSpinner"]')
          window.lastSize = size
          window.calm = busy || drawing ? 0 : (window.calm ?? 0) + 1
          return window.calm >= 3
        }""",
        polling=100,
    )
