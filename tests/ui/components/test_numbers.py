"""Numbers are written alike by Python and by the browser: numbers.test.js holds the same table."""

import json
from pathlib import Path

import pytest

from glassbox.ui.base import formats

CASES = json.loads(Path(__file__).with_name("numbers.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_python_writes_the_numbers_of_the_table(name: str) -> None:
    written = getattr(formats, name)
    assert [(value, written(value)) for value, _ in CASES[name]] == [(value, text) for value, text in CASES[name]]
