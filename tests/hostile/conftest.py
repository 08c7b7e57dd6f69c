"""A dashboard that is attacked, one for all of these tests."""

import sys
from collections.abc import Iterator

import pytest

from glassbox.paths import ROOT
from tests.browser.server import serve

COMMAND = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--client.showErrorDetails=full"]


@pytest.fixture(scope="package")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(COMMAND, ROOT, tmp_path_factory.mktemp("server") / "log") as address:
        yield address
