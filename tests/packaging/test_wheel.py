"""The wheel, built and installed in a fresh environment outside the tree, and used from there as anybody would.

Only `pytest -m wheel` runs this (.ci/run does): it installs packages.
"""

import asyncio
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from glassbox.paths import MODELS, ROOT
from glassbox.ui.base import i18n
from glassbox.ui.frame import places
from tests.browser.server import PATIENCE, chromium, serve
from tests.browser.test_read import give
from tests.cli.test_predict import drawn_seven
from tests.hostile.attacker import Attacker

pytestmark = pytest.mark.wheel
EN = i18n.strings("en")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the tree with a picture, and with settings for Streamlit that must not reach the dashboard."""
    path = tmp_path_factory.mktemp("elsewhere")
    drawn_seven().save(path / "seven.png")
    (path / ".streamlit").mkdir()
    settings = '[server]\nenableXsrfProtection = false\n[client]\ntoolbarMode = "developer"\n'
    (path / ".streamlit/config.toml").write_text(settings)
    return path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "uv", "build", "-q", "--wheel", "--out-dir", out, ROOT], check=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def base(wheel: Path, folder: Path) -> Path:
    """The programs of a fresh environment with the base install."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    programs = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    install(programs, str(wheel))
    return programs


def install(programs: Path, requirement: str) -> None:
    """Install into the environment of `programs`, by uv: pip takes ten times as long."""
    command = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", programs / "python", requirement]
    subprocess.run(command, check=True)


@pytest.fixture(scope="module")
def app(base: Path, wheel: Path) -> Path:
    """The same with the extra `app`."""
    install(base, f"{wheel}[app]")
    return base


def run(command: Sequence[str | Path], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_the_library_is_there_without_the_app(base: Path, folder: Path) -> None:
    code = "import glassbox; from glassbox.graph.gradient import differentiate; print(glassbox.__file__)"
    ran = run([base / "python", "-c", code], folder)
    assert ran.returncode == 0, ran.stderr
    assert Path(ran.stdout.strip()).is_relative_to(folder / "venv")


def test_predict_reads_a_picture(base: Path, folder: Path) -> None:
    ran = run([base / "glassbox", "predict", "seven.png", "--json"], folder)
    assert ran.returncode == 0, ran.stderr
    assert [one["label"] for one in json.loads(ran.stdout)["predictions"].values()] == ["7", "7", "7"]


def test_doctor_finds_nothing_needed_missing(base: Path, folder: Path) -> None:
    ran = run([base / "glassbox", "doctor", "--json"], folder)
    report = json.loads(ran.stdout)
    assert (ran.returncode, report["missing"]["needed"]) == (0, [])
    assert report["models"] == {card.parent.name: None for card in MODELS.glob("*/card.json")}
    assert report["missing"]["app"]


def test_dashboard_says_what_to_install(base: Path, folder: Path) -> None:
    ran = run([base / "glassbox", "dashboard"], folder)
    assert ran.returncode == 1
    assert 'pip install "glassbox[app]"' in ran.stderr


@pytest.fixture(scope="module")
def address(app: Path, folder: Path) -> Iterator[str]:
    with serve([str(app / "glassbox"), "dashboard"], folder, folder / "log.txt") as served:
        yield served


def test_each_page_opens_with_its_source(address: str, folder: Path) -> None:
    """All that unfolds is open, and nothing went wrong in it. Before there is a browser, with a loop of its own."""

    async def opened(place: places.Place) -> Attacker:
        async with Attacker(address, places.address(place), "lang=en") as visitor:
            await visitor.open()
            assert visitor.exceptions() == visitor.refusals() == [], place.key
            return visitor

    for place in places.PLACES.values():
        source = (ROOT / place.file).read_text(encoding="utf-8").splitlines()[0]
        shown = asyncio.run(opened(place)).drawn("code")
        assert any(source in one.code.code_text for one in shown), place.key
    assert "Traceback" not in (folder / "log.txt").read_text(errors="replace")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(locale="en-US", viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield opened
    opened.close()


def test_a_digit_is_read_in_the_browser(page: Page, address: str, folder: Path) -> None:
    page.goto(address)
    picture = (folder / "seven.png").read_bytes()
    give(page, {"name": "seven.png", "mimeType": "image/png", "buffer": picture})
    expect(page.locator(".gb-card-label")).to_have_text(["7", "7", "7"])


def test_a_page_is_a_click_away_and_shows_the_programs_that_came_with_it(page: Page, address: str) -> None:
    page.goto(f"{address}?lang=en")
    page.get_by_test_id("stSidebar").get_by_role("link", name=EN["faq.name"], exact=True).click()
    expect(page.get_by_role("heading", name=EN["faq.question"], level=1)).to_be_visible()
    page.goto(f"{address}/faq?lang=en&q=programs")
    expect(page.get_by_text("python -m export --only mlp")).to_be_visible()


def test_the_apps_settings_hold_whatever_the_folders_say(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".gb-card").first).to_be_visible()
    assert not page.get_by_test_id("stMainMenu").count()
    with urllib.request.urlopen(address) as answer:
        assert "Content-Security-Policy" in answer.headers  # of the app's own server: see glassbox/ui/server
    upload = urllib.request.Request(f"{address}/_stcore/upload_file/a/b", data=b"x", method="PUT")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(upload)
    assert refused.value.code == 403
