"""What keeps a checkout from being served by Streamlit Community Cloud, said by `glassbox doctor`."""

import re
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from glassbox.cli import cloud, installation
from glassbox.paths import ROOT

NEEDED = {"streamlit": ">=1.67,<1.68", "numpy": ">=2.1"}
HERE = {"streamlit": "1.67.0", "numpy": "2.4.6"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that the Cloud reads, as they are here."""
    for name in cloud.FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def problems(root: Path, memory: int | None = None) -> list[str]:
    return [*cloud.problems(root, NEEDED, memory, HERE.get, installation._within)]


def change(name: str, old: str, new: str) -> Callable[[Path], None]:
    def changed(root: Path) -> None:
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new))

    return changed


def test_nothing_is_in_the_way_of_this_checkout(checkout: Path) -> None:
    assert problems(checkout) == problems(checkout, cloud.MEMORY) == []


CONFIG = ".streamlit/config.toml"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda root: (root / "requirements.txt").unlink(), "requirements.txt is not in "),
        (lambda root: (root / CONFIG).unlink(), f"{CONFIG} is not in "),
        (lambda root: (root / "Pipfile").touch(), "Pipfile is taken instead of requirements.txt"),
        (change("requirements.txt", "numpy==2.4.6\n", ""), "requirements.txt does not pin numpy, .*>=2.1"),
        (change("requirements.txt", "streamlit==1.67.0", "streamlit==1.50.0"), "pins streamlit to 1.50.0, .*needs"),
        (change("requirements.txt", "numpy==2.4.6", "numpy==2.4.5"), "pins numpy to 2.4.5, and 2.4.6 is what you try"),
        (change(CONFIG, "[server]", "[server]\nport = 80"), "sets server.port to 80, and only 8501"),
        (change(CONFIG, "[server]", '[server]\naddress = "localhost"'), "server.address to localhost"),
        (change(CONFIG, "headless = true", ""), "does not set server.headless"),
        (change(CONFIG, 'fileWatcherType = "none"', ""), "does not set server.fileWatcherType"),
        (change(CONFIG, "[server]", "[server"), "config.toml can't be read"),
    ],
)
def test_what_is_in_the_way_is_named(checkout: Path, spoil: Callable[[Path], None], said: str) -> None:
    spoil(checkout)
    (problem,) = problems(checkout)
    assert re.search(said, problem)


def test_too_little_memory_is_named(checkout: Path) -> None:
    assert problems(checkout, 512_000_000) == ["512 MB of memory are here, and the app may take 690 MB"]


def test_a_port_that_is_taken_is_told_from_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert cloud.listening(port)
    assert not cloud.listening(port)
