"""What `glassbox doctor` reports: the state of this installation and its machine.

Only the standard library is imported at the top, so that a report can be made whatever is missing.
"""

import contextlib
import ctypes
import hashlib
import importlib
import json
import os
import platform
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import glassbox
from glassbox.cli import cloud
from glassbox.engine.container import memory_limit
from glassbox.paths import MODELS, PACKAGE, ROOT

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
"""The names that a browser for the tests may have on the path."""
EXTRAS = ("app", "serve", "gpu", "export", "dev")
_MODULES = {"pillow": "PIL"}
_SAME_FILES = {"onnxruntime": ("onnxruntime", "onnxruntime-gpu")}
_REQUIREMENT = re.compile(r"(?P<name>[\w-]+)(\[[\w,]*\])?(?P<versions>[^;]*)")
_EXTRA = re.compile(r"""extra == ["'](.*)["']""")
_PROBLEMS = {
    "not_built": "this onnxruntime was built without CUDA",
    "not_loaded": "the CUDA libraries or an NVIDIA device are missing",
}


@dataclass(frozen=True)
class Package:
    """A requirement: the extra that asks for it (None: the base install), the versions wanted and the one installed
    (None: not installed). `problem` says why it can't be used (None: it can)."""

    extra: str | None
    wanted: str
    version: str | None
    problem: str | None


@dataclass(frozen=True)
class Report:
    """What `inspect` found.

    `providers`, by name: "ready" or what is wrong; `models`, by name: None if the file is the one that its card
    describes, or what is wrong; `memory`: bytes in "total", "available" and the container's "limit", as far as known;
    `sandbox`: whether each protection holds in the process that runs strangers' models, none if it can't be started;
    `listening`: whether a program listens on the dashboard's port;
    `missing`: a line each, by purpose: "needed", "app", "cloud", "cuda" and "browser_tests".
    """

    glassbox: str
    folder: str
    python: str
    platform: str
    packages: dict[str, Package]
    providers: dict[str, str]
    models: dict[str, str | None]
    memory: dict[str, int]
    sandbox: dict[str, bool]
    listening: bool
    missing: dict[str, list[str]]

    @property
    def ok(self) -> bool:
        """Whether nothing is missing that the library and its commands need."""
        return not self.missing["needed"]


def inspect(models: Path = MODELS) -> Report:
    """Return the report on this installation, with the models in the folder `models`."""
    python, packages = _requirements()
    found = _models(models)
    unfit = {name: package for name, package in packages.items() if package.problem}
    memory = _memory()
    missing = {
        "needed": [f"{name} {package.problem}" for name, package in unfit.items() if package.extra is None],
        "app": [f"{name} {package.problem}" for name, package in unfit.items() if package.extra == "app"],
        "cloud": list(_in_the_way_on_the_cloud(packages, memory)),
        "cuda": list(_missing_for_cuda()),
        "browser_tests": list(_missing_for_browser_tests()),
    }
    if not _within(platform.python_version(), python):
        missing["needed"].append(f"Python {python}; this is {platform.python_version()}")
    missing["needed"] += [f"the model {name}: {problem}" for name, problem in found.items() if problem]
    if not found:
        missing["needed"].append(f"the models: there are none in {models}")
    unusable = list(_damaged_files())
    if missing["app"]:
        missing["app"].append('to install what is missing: pip install "glassbox[app]"')
    missing["app"] += [f"the file {problem}" for problem in unusable]
    return Report(
        glassbox=glassbox.__version__,
        folder=str(PACKAGE),
        python=platform.python_version(),
        platform=platform.platform(),
        packages=packages,
        providers=_providers(),
        models=found,
        memory=memory,
        sandbox=_sandbox(),
        listening=cloud.listening(),
        missing=missing,
    )


def _requirements() -> tuple[str, dict[str, Package]]:
    """Return the versions of Python and of each package that pyproject.toml asks for, with what is installed."""
    wanted: list[tuple[str | None, str]]
    file = ROOT / "pyproject.toml"
    if file.exists():  # in a checkout
        project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
        python = project["requires-python"]
        wanted = [(None, line) for line in project["dependencies"]]
        wanted += [(extra, line) for extra in EXTRAS for line in project["optional-dependencies"][extra]]
    else:
        python = metadata.metadata("glassbox")["Requires-Python"]
        lines = [line.partition(";") for line in metadata.requires("glassbox") or ()]
        wanted = [(_EXTRA.sub(r"\1", condition.strip()) or None, line) for line, _, condition in lines]
    packages: dict[str, Package] = {}
    for name, package in (_package(extra, line) for extra, line in wanted):
        packages.setdefault(name, package)  # what two extras ask for is told of the first
    return python, packages


def _package(extra: str | None, requirement: str) -> tuple[str, Package]:
    """'numpy>=2.1' -> "numpy" and its Package; one of the base install is also imported, as its files may be broken."""
    match = _REQUIREMENT.fullmatch(requirement.strip())
    assert match, requirement
    name, wanted = match["name"], match["versions"]
    version = next(filter(None, map(installed_version, _SAME_FILES.get(name, (name,)))), None)
    problem = None
    if version is None:
        problem = "is not installed"
    elif not _within(version, wanted):
        problem = f"is {version}, not {wanted}"
    elif extra is None:
        try:
            importlib.import_module(_MODULES.get(name, name))
        except Exception as error:
            problem = f"can't be imported: {error}"
    return name, Package(extra, wanted, version, problem)


def installed_version(name: str) -> str | None:
    """Return the version of the package `name` that is installed, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _within(version: str, wanted: str) -> bool:
    """Return whether `version` is among those that `wanted` allows; True where nothing can compare them."""
    try:
        from packaging.specifiers import SpecifierSet
    except ImportError:  # and so reported as missing
        return True
    return SpecifierSet(wanted).contains(version, prereleases=True)


def _models(folder: Path) -> dict[str, str | None]:
    """Return what is wrong with each model under `folder`, by name: None if nothing is."""
    names = {card.parent.name for card in folder.glob("*/card.json")} | {
        file.parts[-3] for file in folder.glob("*/1/*")
    }
    return {name: _misfit(folder / name) for name in sorted(names)}


def _misfit(folder: Path) -> str | None:
    """Return what keeps the model in `folder` from being used, or None."""
    try:
        from glassbox.cli import files
    except ImportError:  # and so reported as missing; the file itself is held to its card all the same
        return _changed(folder)
    return files.model_problem(folder)


def _changed(folder: Path) -> str | None:
    try:
        card = json.loads((folder / "card.json").read_bytes())
        model = (folder / "1" / "model.onnx").read_bytes()
    except (OSError, ValueError, RecursionError) as error:
        return str(error)
    same = isinstance(card, dict) and hashlib.sha256(model).hexdigest() == card.get("sha256")
    return None if same else "its file's sha256 is not the one in its card"


def _damaged_files() -> Iterator[str]:
    """Yield what is wrong with the studies and tables of the dashboard."""
    try:
        from glassbox.cli import files
    except ImportError:  # and so reported as missing
        return
    yield from files.damaged()


def _providers() -> dict[str, str]:
    try:
        from glassbox.engine.session import PROVIDERS, provider_state
    except ImportError as error:
        return {"cpu": f"can't be used: {error}"}
    return {name: _PROBLEMS[reason] if (reason := provider_state(name).reason) else "ready" for name in PROVIDERS}


def _sandbox() -> dict[str, bool]:
    try:
        from glassbox.engine.isolation import Sandbox
        from glassbox.input_error import InputError
    except ImportError:  # and so reported as missing
        return {}
    with Sandbox() as sandbox, contextlib.suppress(InputError):
        return sandbox.protections()
    return {}


def _memory() -> dict[str, int]:
    """Return the bytes of memory as far as the system tells: in total, available now, and this container's limit."""
    if sys.platform == "win32":
        status = (ctypes.c_ulonglong * 8)(64)  # MEMORYSTATUSEX: the length and load, then the sizes
        ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return {"total": status[1], "available": status[2]}
    try:
        lines = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
        kilobytes = {name: int(value) for name, value, *_ in lines}
        sizes = {"total": kilobytes["MemTotal:"] * 1024, "available": kilobytes["MemAvailable:"] * 1024}
    except OSError:  # macOS
        return {"total": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")}
    limit = memory_limit()
    return sizes if limit is None else sizes | {"limit": limit}


def _in_the_way_on_the_cloud(packages: dict[str, Package], memory: dict[str, int]) -> Iterator[str]:
    """Yield what keeps a checkout from being served by Streamlit Community Cloud; an installed package is not."""
    if not (ROOT / "pyproject.toml").exists():
        return
    needed = {name: package.wanted for name, package in packages.items() if package.extra in (None, "app", "serve")}
    granted = min((memory[kind] for kind in ("total", "limit") if kind in memory), default=None)
    yield from cloud.problems(ROOT, needed, granted, installed_version, _within)


def _missing_for_cuda() -> Iterator[str]:
    """Yield what keeps the networks from running on an NVIDIA device."""
    providers = _providers()
    if providers.get("cuda") == "ready":
        return
    if providers.get("cuda") == _PROBLEMS["not_built"]:
        yield 'a build of onnxruntime with CUDA: see "Use a GPU" in README.md'
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        yield "an NVIDIA driver, 580 or newer"
        return
    if driver.cuInit(0) != 0:
        yield "an NVIDIA device that the driver can use"
    elif providers.get("cuda") == _PROBLEMS["not_loaded"]:
        yield 'the CUDA libraries: pip install "onnxruntime-gpu[cuda,cudnn]"'


def _missing_for_browser_tests() -> Iterator[str]:
    """Yield what keeps the tests in tests/browser from running."""
    for name in ("pytest", "playwright"):
        if installed_version(name) is None:
            yield f'{name}: pip install "glassbox[dev]"'
    if not any(map(shutil.which, CHROMIUM)):
        yield f"a Chromium on the path: {', '.join(CHROMIUM)} (Debian: apt install chromium)"
