"""CONTRIBUTING.md: each recipe names at most three files that are there, and its example works where it says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from glassbox.paths import ROOT

_RECIPE = re.compile(r"^### (?P<title>.+)\n(?P<steps>(?:(?!^##).*\n?)*)", re.MULTILINE)
_STEP = re.compile(r"^\d\. (?P<step>.*(?:\n   .*)*)", re.MULTILINE)
_CODE = re.compile(r"^```python\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL)
RECIPES = {found["title"]: found["steps"] for found in _RECIPE.finditer((ROOT / "CONTRIBUTING.md").read_text("utf-8"))}


def files(recipe: str) -> list[str]:
    """The file that each step of a recipe is about: the first that it names."""
    return [re.search(r"`([^`]+)`", step["step"])[1] for step in _STEP.finditer(RECIPES[recipe])]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the code, to change and throw away."""
    for folder in ("glassbox", "tests", "locale", "content", "pages"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("models", "studies", "export"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "dashboard.py", tmp_path)
    return tmp_path


def run(code: str, folder: Path) -> str:
    ran = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_names_at_most_three_files_that_are_there(recipe: str) -> None:
    named = files(recipe)
    assert 1 <= len(named) <= 3
    for name in named:
        assert list(ROOT.glob(re.sub(r"KEY|LANG|NAME", "*", name))), name


def test_the_gradient_rule(copy: Path) -> None:
    check = """
import numpy as np
from onnx import helper
from tests.gradients import check
check([helper.make_node("Atan", ["x"], ["y"])], {"x": np.linspace(-3, 3, 7)})
"""
    with pytest.raises(AssertionError, match="Atan"):
        run(check, copy)
    rules, tests = files("A gradient rule")
    code = _CODE.search(RECIPES["A gradient rule"])["code"]
    with (copy / rules).open("a", encoding="utf-8") as file:
        file.write(f"\n\n{code}")
    run(check, copy)
    assert "check(" in (copy / tests).read_text(encoding="utf-8")
