"""The README and its Chinese twin: the program runs, and what they name is there."""

import re
from pathlib import Path

import pytest

from glassbox.__main__ import COMMANDS
from glassbox.paths import ROOT
from tests.docs.test_programs import PROGRAM, printed

READMES = [ROOT / "README.md", ROOT / "README.zh.md"]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_program_prints_what_the_readme_says(readme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (found,) = PROGRAM.finditer(readme.read_text(encoding="utf-8"))
    assert printed(found["program"], readme.name) == found["output"]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_files_and_commands_that_it_names_are_there(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    files = {
        name for name in re.findall(r"\]\(([^)#]+)\)|`([\w./-]+/|[\w./-]+\.(?:py|txt|toml))`", text) for name in name
    }
    named = {name for name in files if name and "://" not in name and "KEY" not in name}
    assert {"glassbox/", "dashboard.py", "requirements.txt", "CONTRIBUTING.md"} <= named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
    assert set(re.findall(r"`glassbox (\w+)", text)) == set(COMMANDS)


def test_the_twins_give_the_same_commands() -> None:
    commands = [
        re.findall(r"^(?:python3|pip|\.venv).*$", path.read_text(encoding="utf-8"), re.MULTILINE) for path in READMES
    ]
    assert commands[0] == commands[1]
    assert any("pytest" in line for line in commands[0])
