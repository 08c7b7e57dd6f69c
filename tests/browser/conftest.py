"""A running dashboard and a real Chromium, once for all browser tests."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from glassbox.paths import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--no-sandbox",  # the tests may run as root, in a container
    "--disable-gpu",
    "--disable-background-networking",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
PATIENCE = 15_000
"""Milliseconds before a test gives up: a machine may be slow, a wrong page stays wrong."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard, started for these tests on a free port."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on the PATH: install Debian's package chromium")
        pytest.skip("no Chromium on the PATH; Debian's package is called chromium")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log.txt"
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", f"--server.port={port}"]
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [*command, "--server.address=127.0.0.1"], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
        ) as server,
    ):
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the dashboard did not start:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def browser(address: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor with an English browser, on a laptop."""
    visitor = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    visitor.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield visitor
    visitor.close()


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    """The first screen, its verdicts drawn."""
    opened = context.new_page()
    opened.goto(address)
    expect(opened.locator(".gb-card-label").first).to_be_visible()
    return opened
