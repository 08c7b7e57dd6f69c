"""Whatever has become of a model, a study or a table: it is left out and named, and all else goes on."""

import inspect
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from glassbox import paths
from glassbox.cli import files, installation
from glassbox.history import language_models, milestones
from glassbox.history import study as growth
from glassbox.paths import MODELS
from glassbox.trust import scoreboard
from glassbox.trust.attacks import robustness
from glassbox.trust.attacks import study as attacks
from glassbox.trust.cost import carbon, compression, footprint
from glassbox.ui.base import i18n
from glassbox.ui.components import world_map
from glassbox.ui.pages.sustainability import parts
from glassbox.zoo import digit_models
from tests.hostile import tampering
from tests.ui.dashboard import visit, warnings

EN = i18n.strings("en")
REFUSED = ["mlp", "cnn", "familiarity"]


@pytest.mark.parametrize("kind", tampering.MODELS)
def test_a_tampered_model_is_refused_with_its_reason_and_no_other(tmp_path: Path, kind: str) -> None:
    for name in ("mlp", "cnn", "familiarity"):
        shutil.copytree(MODELS / name, tmp_path / name)
    reason, tamper = tampering.MODELS[kind]
    tamper(tmp_path / "cnn")
    zoo = digit_models.load(tmp_path)
    assert zoo.refused == {"cnn": reason} or (kind, zoo.refused) == ("unknown_role", {"cnn": "card"})
    assert list(zoo.cards) == ["mlp"] and zoo.familiarity is not None
    problems = {name: problem for name, problem in installation._models(tmp_path).items() if problem}
    assert list(problems) == ["cnn"]


@pytest.fixture
def fresh() -> Iterator[None]:
    """What was read of studies and tables is forgotten, before and after."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    for cached in CACHES:
        cached.cache_clear()
    st.cache_resource.clear()


CACHES: tuple[Any, ...] = (
    growth.growth_study,
    compression.pruning_study,
    attacks.privacy_study,
    robustness.robustness_study,
    language_models.architectures,
    milestones.milestones,
    milestones.accelerators,
    milestones.milestone_growth,
    milestones.accelerator_growth,
    carbon.grids,
    carbon.published,
    carbon.outlines,
    carbon.country_names,
    world_map.paths,
    world_map.dots,
)
STUDIES = ("growth.json", "quantisation.json", "privacy.json", "robustness.json", "explanations.json")
TABLES = ("milestones.csv", "accelerators.csv", "grids.csv", "published_energy.csv", "world.json", "architectures.csv")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: None) -> Path:
    """A folder with copies of the studies and the tables, which the pages read."""
    for file in (*(paths.STUDIES / name for name in STUDIES), *(paths.DATA / name for name in TABLES)):
        shutil.copy(file, tmp_path)
    monkeypatch.setattr(growth, "STUDY", tmp_path / "growth.json")
    for reader, name in (
        (compression.pruning_study, "quantisation.json"),
        (attacks.privacy_study, "privacy.json"),
        (robustness.robustness_study, "robustness.json"),
        (scoreboard.load_or_none, "explanations.json"),
    ):
        function = inspect.unwrap(reader)
        monkeypatch.setattr(function, "__defaults__", (tmp_path / name,))
    monkeypatch.setattr(milestones, "MILESTONES", tmp_path / "milestones.csv")
    monkeypatch.setattr(milestones, "ACCELERATORS", tmp_path / "accelerators.csv")
    monkeypatch.setattr(language_models, "ARCHITECTURES", tmp_path / "architectures.csv")
    monkeypatch.setattr(carbon, "DATA", tmp_path)
    monkeypatch.setattr(footprint, "LIMIT", 0.0)  # what an answer costs here is measured anew for each damage
    return tmp_path


SHOWN: tuple[dict[str, tuple[str, ...]], ...] = (
    {
        "growth.json": ("factors", "faq"),
        "quantisation.json": ("sustainability",),
        "privacy.json": ("privacy",),
        "explanations.json": ("explainability",),
        "architectures.csv": ("gpt",),
    },
    {
        "milestones.csv": ("factors", "faq", "gpt"),
        "robustness.json": ("privacy",),
        "grids.csv": ("sustainability",),
    },
    {"accelerators.csv": ("factors", "faq"), "published_energy.csv": ("sustainability",)},
    {"world.json": ("sustainability",)},
)
"""The pages that show what is in a file; in each round, a page shows one file that is damaged."""
OPEN = {"footprint_zeros": True} | {f"sustainability_part_{part}": True for part in parts.KEYS}
"""What is unfolded where the files are shown."""


def test_each_study_and_table_is_damaged_once() -> None:
    assert sorted(name for shown in SHOWN for name in shown) == sorted((*STUDIES, *TABLES))
    for shown in SHOWN:
        pages = [page for of_file in shown.values() for page in of_file]
        assert len(pages) == len(set(pages))


@pytest.mark.parametrize("kind", tampering.FILES)
def test_a_page_says_which_study_or_table_is_damaged(root: Path, kind: str) -> None:
    for shown in SHOWN:
        whole = {name: (root / name).read_bytes() for name in shown}
        _forget()
        for name in shown:
            tampering.FILES[kind](root / name)
        for name, pages in shown.items():
            for page in pages:
                said = warnings(visit(page, state=OPEN))
                assert name in said or EN.get(f"{page}.missing", "-") in said, (name, page)
        for name, content in whole.items():
            (root / name).unlink(missing_ok=True)
            (root / name).write_bytes(content)


def test_doctor_names_damaged_studies_and_tables(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tampering.FILES["deep"](root / "growth.json")
    tampering.FILES["missing"](root / "grids.csv")
    tampering.FILES["huge"](root / "world.json")
    monkeypatch.setattr(files, "GROWTH", root / "growth.json")
    assert [problem.partition(":")[0] for problem in files.damaged()] == ["growth.json", "grids.csv", "world.json"]
    said = installation.inspect().missing["app"]
    assert all(f"the file {problem}" in said for problem in files.damaged())
