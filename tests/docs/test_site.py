"""The built site: MkDocs finds nothing to complain of, and the pages ask no other host for anything."""

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the documentation's tools are not installed (docs/requirements.txt)")

ROOT = Path(__file__).parents[2]
FETCHED = {"src", "srcset", "poster", "data"}
LOADED_LINKS = {"stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "modulepreload", "manifest"}


class Requests(HTMLParser):
    """The addresses that a browser asks for when it opens a page, without those that a visitor would have to click."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.addresses += [value for name, value in attrs if name in FETCHED and value]
        if tag == "link" and LOADED_LINKS & set((given.get("rel") or "").split()):
            self.addresses.append(given.get("href") or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def requested(site: Path) -> Iterator[tuple[Path, str]]:
    for page in site.rglob("*.html"):
        reader = Requests()
        reader.feed(page.read_text(encoding="utf-8"))
        yield from ((page, address) for address in reader.addresses)
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        yield from ((sheet, address) for address in re.findall(r"""(?:url\(|@import)\s*["']?([^"')]+)""", text))


def test_no_page_asks_another_host(site: Path) -> None:
    addresses = list(requested(site))
    assert any(address.endswith(".css") for _, address in addresses)
    assert [(page, address) for page, address in addresses if re.match(r"(https?:)?//", address)] == []


def test_doctests_are_code_and_the_fields_of_a_named_tuple_are_told(site: Path) -> None:
    assert '<span class="gp">&gt;&gt;&gt; </span>' in (site / "api/graph.html").read_text(encoding="utf-8")
    run = (site / "api/engine.html").read_text(encoding="utf-8").partition('id="glassbox.engine.session.Run"')[2]
    assert "seconds" in run.partition("Bases:")[0]


def test_the_api_is_there(site: Path) -> None:
    assert 'id="glassbox.graph.gradient.differentiate"' in (site / "api/graph.html").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (ROOT / "glassbox").glob("*/__init__.py")} - {"cli", "data", "ui"}
    assert rooms == {path.stem for path in (site / "api").glob("*.html")}
