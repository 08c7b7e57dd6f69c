"""pyproject.toml, the requirements files and what the code imports: one list of packages."""

import ast
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import glassbox
from glassbox.cli import dashboard, serve
from glassbox.paths import PACKAGE, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FILES = {
    "requirements.txt": ("base", "app", "serve"),
    "requirements-dev.txt": ("dev",),
    "requirements-gpu.txt": ("gpu",),
    "export/requirements.txt": ("export",),
}
"""The files of exact versions, and the parts of pyproject.toml that each holds."""


def requirements(part: str) -> dict[str, Requirement]:
    lines = PROJECT["dependencies"] if part == "base" else PROJECT["optional-dependencies"][part]
    return {requirement.name: requirement for requirement in map(Requirement, lines)}


@pytest.mark.parametrize("file", FILES)
def test_a_requirements_file_pins_what_pyproject_asks_for(file: str) -> None:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    pinned = {pin.name: pin for pin in map(Requirement, (line for line in lines if line and line[0] not in "#-"))}
    wanted = {name: one for part in FILES[file] for name, one in requirements(part).items()}
    assert pinned.keys() == wanted.keys()
    for name, pin in pinned.items():
        assert re.fullmatch(r"==[\w.]+", str(pin.specifier)), f"{name} is not pinned"
        assert wanted[name].specifier.contains(str(pin.specifier)[2:]), f"{name} {pin.specifier} is not what is wanted"
        assert pin.extras == wanted[name].extras


def pins(file: str) -> dict[str, set[str]]:
    """The versions that a requirements file pins each package to: more than one where Python's version decides."""
    found: dict[str, set[str]] = {}
    for pin in (
        Requirement(line) for line in (ROOT / file).read_text(encoding="utf-8").splitlines() if line[0] not in "#-"
    ):
        found.setdefault(canonicalize_name(pin.name), set()).add(str(pin.specifier).removeprefix("=="))
    return found


@pytest.mark.parametrize("file", [*FILES, "docs/requirements.txt"])
def test_the_constraints_hold_the_versions_of_every_file(file: str) -> None:
    constraints = pins("constraints.txt")
    assert {name: version for name, version in pins(file).items() if constraints.get(name) != version} == {}
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(r"^-[cr] (\.\./)?(constraints|requirements)\.txt$", text, re.MULTILINE)


def test_all_that_gets_installed_is_pinned() -> None:
    constraints, waiting, seen = pins("constraints.txt"), [], set()
    waiting = [one for part in ("base", "app", "dev") for one in requirements(part).values()]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name in seen or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        seen.add(name)
        assert metadata.version(name) in constraints[name], f"{name} is not pinned to what is installed"
        waiting += map(Requirement, metadata.requires(name) or ())
    assert len(seen) > 40


def test_the_dashboard_asks_for_what_its_extra_installs() -> None:
    assert set(dashboard.PACKAGES) == set(requirements("app"))


def test_the_service_asks_for_what_its_extra_installs() -> None:
    assert set(serve.PACKAGES) == set(requirements("serve"))


def test_every_extra_is_pinned_somewhere() -> None:
    assert {"base", *PROJECT["optional-dependencies"]} == {part for parts in FILES.values() for part in parts}


def test_the_code_imports_what_it_asks_for_and_no_more() -> None:
    base, app = (set(requirements(part)) for part in ("base", "app"))
    library = imported(file for file in PACKAGE.rglob("*.py") if PACKAGE / "ui" not in file.parents) - {"ray"}
    screens = imported([ROOT / "dashboard.py", *(ROOT / "pages").glob("*.py"), *(PACKAGE / "ui").rglob("*.py")])
    serving = imported((PACKAGE / "serving").rglob("*.py")) - {"ray"}  # in deploy/ray/requirements.txt
    serving, library = serving | {"httptools"}, library | {"httptools"}  # which uvicorn imports for serving/heads.py
    only_with_app = {
        "streamlit",
        "jinja2",
    }  # for cli/dashboard.py and playground/take_home.py
    wanted = set(requirements("serve"))
    assert library - only_with_app - wanted == base and only_with_app <= app
    assert serving - base == wanted and wanted - {"uvicorn"} <= app  # beside the pages, Streamlit runs uvicorn
    assert screens <= base | app | {"starlette", "uvicorn", "websockets", "pandas"}  # Streamlit's own server and tables
    assert app <= screens | library


def imported(files: Iterable[Path]) -> set[str]:
    """The names of the distributions whose modules `files` import, at the top or within a function."""
    modules = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    distributions = metadata.packages_distributions()
    known = distributions | {"ray": ["ray"]}  # which few have installed
    return {canonicalize_name(known[name][0]) for name in modules - sys.stdlib_module_names - {"glassbox"}}


def test_the_library_imports_neither_streamlit_nor_plotly() -> None:
    modules = [
        module.name
        for module in pkgutil.walk_packages(glassbox.__path__, "glassbox.")
        if not module.name.startswith("glassbox.ui")
        and module.name not in ("glassbox.__main__", "glassbox.serving.ray_serve")  # which needs Ray
    ]
    assert "glassbox.graph.gradient" in modules
    code = f"import sys, {', '.join(modules)}; print([name for name in ('streamlit', 'plotly') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
