"""What holds for all tests: nothing that they import reports home, and what shares a fixture runs in one process."""

from pathlib import Path

import pytest

import glassbox  # noqa: F401 (sets ORT_DISABLE_TELEMETRY before any test imports onnxruntime)

BROWSER = Path(__file__).parent / "browser"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group the tests for `pytest -n 2 --dist loadgroup`: a file's in one process, those of the browser all in one."""
    for item in items:
        group = BROWSER if BROWSER in item.path.parents else item.path
        item.add_marker(pytest.mark.xdist_group(str(group)))
