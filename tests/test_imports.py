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
        "inspection.comparison",
        "inspection.explanation",
        "inspection.making",
        "inspection.reading",
        "inspection.running",
        "training.learner",
    ],
)
def test_library_does_without_the_dashboard(module: str) -> None:
    assert not imported(f"import glassbox.{module}") & HEAVY


def test_a_process_that_reads_and_runs_a_file_loads_nothing_that_explains() -> None:
    program = """if True:
        import sys
        from glassbox.inspection.commands import COMMANDS
        from glassbox.inspection.requests import REQUESTS
        from glassbox.paths import MODELS
        data = (MODELS / "cnn" / "1" / "model.onnx").read_bytes()
        for command in ("read", "run"):
            COMMANDS[command]([data], REQUESTS[command](), {})
        print(*sys.modules)"""
    result = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded = result.stdout.split()
    assert {"glassbox.inspection.reading", "glassbox.inspection.running"} <= set(loaded)
    later = ("glassbox.explain", "glassbox.graph.gradient_rules", "glassbox.graph.training", "onnx.reference", "PIL")
    assert not [name for name in loaded if name.startswith(later)]


def test_package_itself_imports_nothing() -> None:
    assert imported("import glassbox") - imported("pass") == {"glassbox"}
