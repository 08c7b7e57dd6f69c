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
    """A copy of the code, and of what Python has compiled of it, to change and throw away."""
    for folder in ("glassbox", "tests", "locale", "content", "pages"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for name in ("models", "studies", "export"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "dashboard.py", tmp_path)
    return tmp_path


def run(code: str, folder: Path, *arguments: str) -> str:
    """What `code` prints when it is run with `arguments` in `folder`."""
    ran = subprocess.run([sys.executable, "-c", code, *arguments], cwd=folder, capture_output=True, text=True)
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
    """A rule that stands there is the one that is used: a wrong one fails, the example's passes."""
    rules, tests = files(recipe)
    code = _CODE.search(RECIPES[recipe])["code"]
    name, before = re.search(r'@rule\("(\w+)"\)', code)[1], (copy / rules).read_text(encoding="utf-8")
    wrong = f'@rule("{name}")\ndef wrong(*given):\n    raise AssertionError("not the rule of {name}")\n'
    (copy / rules).write_text(f"{before}\n\n{wrong}", encoding="utf-8")
    with pytest.raises(AssertionError, match=f"not the rule of {name}"):
        run(check, copy)
    (copy / rules).write_text(f"{before}\n\n{code}", encoding="utf-8")
    run(check, copy)
    assert re.search(r"\b(check|run)\(", (copy / tests).read_text(encoding="utf-8"))


VISIT = """
import sys
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from glassbox.paths import ROOT
from glassbox.ui.frame import places

manifest_scanner.scan_component_manifests = list  # none is installed, which takes longer to find out than a page
language, *keys = sys.argv[1:]
for key in keys or places.PLACES:
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.query_params["lang"] = language
    app.switch_page(places.PLACES[key].file).run()
    assert not app.exception, (key, app.exception[0].message)
    print(app.title[0].value, *(text.value for text in app.markdown), sep="\\n")
"""
"""Visit the pages that are named, or all, in a language, and print their titles and texts."""


def test_a_page_is_there_once_its_files_are(copy: Path) -> None:
    page, strings, places = files("A page")
    code = _CODE.search(RECIPES["A page"])["code"].replace("KEY", "throwaway")
    (copy / page.replace("KEY", "throwaway")).write_text(code, encoding="utf-8")
    said = {"en": "Ink: {share}", "zh": "墨迹：{share}"}
    for language, ink in said.items():
        words = f'name = "N"\nquestion = "Q {language}"\nlead = "L"\nink = "{ink}"\n'
        named = strings.replace("LANG", language).replace("KEY", "throwaway")
        (copy / named).write_text(words, encoding="utf-8")
        (copy / f"content/throwaway.{language}.md").write_text("Prose.", encoding="utf-8")
    text = (copy / places).read_text(encoding="utf-8")
    entry = 'Place("throwaway", "pages/throwaway.py", "learn", ":material/delete:"),\n'
    (copy / places).write_text(re.sub(r"(^ +)(?=Place\(\"playground\")", rf"\1{entry}\1", text, flags=re.M), "utf-8")
    for language, ink in said.items():
        shown = run(VISIT, copy, language, "throwaway", "playground")
        assert f"Q {language}" in shown
        assert re.search(ink.replace("{share}", r"\d+%"), shown)


def test_a_language_is_there_once_its_files_are(copy: Path) -> None:
    strings, prose, terms = (copy / name for name in files("A language"))
    shutil.copytree(copy / "locale/en", strings.with_name("fr"))
    frame = strings.with_name("fr") / "frame.toml"
    words = frame.read_text(encoding="utf-8").replace('"English"', '"Français"').replace('= "en"', '= "fr"')
    frame.write_text(words, encoding="utf-8")
    home = strings.with_name("fr") / "read.toml"
    home.write_text(re.sub("^question = .*", 'question = "Essai"', home.read_text("utf-8"), flags=re.M), "utf-8")
    for text in prose.parent.glob(prose.name.replace("LANG", "en")):
        shutil.copy(text, text.with_name(text.name.replace(".en.", ".fr.")))
    with_french = re.sub(r"^(says_)?en = (.*)$", r"\g<0>\n\1fr = \2", terms.read_text("utf-8"), flags=re.MULTILINE)
    terms.write_text(with_french, encoding="utf-8")
    assert "Essai" in run(VISIT, copy, "fr")
