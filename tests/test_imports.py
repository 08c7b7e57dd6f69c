"""The library is light: what it imports is what it needs, and nothing of the dashboard."""

import subprocess
import sys

import pytest

HEAVY = {"streamlit", "plotly", "pandas", "scipy", "pydantic", "starlette", "tensorflow"}


def imported(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter has once it has run `statement`."""
    program = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    result = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return set(result.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "graph.gradient",
        "graph.training",
        "graph.structure",
        "engine.session",
        "explain.terms.explain",
        "explain.attribution.registry",
        "explain.attribution.next_token",
        "explain.head_effects",
        "explain.ledger",
        "explain.lens",
        "explain.row_reader",
        "explain.steering",
        "inspection.commands",
        "training.learner",
    ],
)
def test_library_does_without_the_dashboard(module: str) -> None:
    assert not imported(f"import glassbox.{module}") & HEAVY


def test_package_itself_imports_nothing() -> None:
    assert imported("import glassbox") - imported("pass") == {"glassbox"}
