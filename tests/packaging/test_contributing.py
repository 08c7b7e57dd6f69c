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


@pytest.mark.parametrize(
    ("recipe", "check"),
    [
        (
            "A gradient rule",
            """
import numpy as np
from onnx import helper
from tests.gradients import check
check([helper.make_node("Atan", ["x"], ["y"])], {"x": np.linspace(-3, 3, 7)})
""",
        ),
        (
            "An operator's terms",
            """
import numpy as np
from onnx import helper
from tests.explain.terms.test_operators import numbers, run
run(helper.make_node("PRelu", ["x", "slope"], ["y"]), {"x": numbers(1, 2, 3, 4)}, {"slope": numbers(2, 3, 1)})
""",
        ),
    ],
)
def test_the_example_of_a_rule_works_once_it_stands_where_the_recipe_says(recipe: str, check: str, copy: Path) -> None:
    rules, tests = files(recipe)
    code = _CODE.search(RECIPES[recipe])["code"]
    with pytest.raises(AssertionError, match=re.search(r'@rule\("(\w+)"\)', code)[1]):
        run(check, copy)
    with (copy / rules).open("a", encoding="utf-8") as file:
        file.write(f"\n\n{code}")
    run(check, copy)
    assert re.search(r"\b(check|run)\(", (copy / tests).read_text(encoding="utf-8"))
