"""The browser gets Streamlit's scripts compressed, and the same bytes."""

import gzip
import os
import re
import shutil
import time
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import brotli
import pytest
from fontTools.ttLib import TTFont
from starlette.responses import PlainTextResponse

from glassbox.paths import PACKAGE, ROOT
from glassbox.ui.server import static_files
from glassbox.ui.server.prepared_files import ENCODINGS, KEPT, PreparedFiles, accepted, streamlit_files
from glassbox.ui.server.static_files import StaticFiles, prepared
from tests.full_disk import full_disk
from tests.ui.server.asgi import ask

SCRIPT = b"export const a = 1;\n" * 200


@pytest.fixture
def app(tmp_path: Path) -> StaticFiles:
    (tmp_path / "js").mkdir()
    (tmp_path / "made").mkdir()
    (tmp_path / "js" / "a.js").write_bytes(SCRIPT)
    (tmp_path / "js" / "a.png").write_bytes(SCRIPT)
    return StaticFiles(PlainTextResponse("passed on"), PreparedFiles(tmp_path, tmp_path / "made"))


@pytest.mark.parametrize(("encoding", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_script_comes_compressed_and_whole(app: StaticFiles, encoding: str, unpack) -> None:
    answer = ask(app, "/static/js/a.js", accept_encoding=f"deflate, {encoding}")
    assert (answer.status, answer.headers["content-encoding"]) == (200, encoding)
    assert unpack(answer.body) == SCRIPT and len(answer.body) < len(SCRIPT) / 10
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"] and answer.headers["vary"] == "accept-encoding"


def test_each_file_is_compressed_once(app: StaticFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setitem(ENCODINGS, "br", lambda data: made.append(len(data)) or b"packed")
    for _ in range(3):
        assert ask(app, "/static/js/a.js", accept_encoding="br").body == b"packed"
    app.files.prepare_all()
    assert made == [len(SCRIPT)]
    assert app.files.made
    names = sorted(file.name for file in app.files.made.iterdir())
    assert names == ["js-a.js.br", "js-a.js.gzip", "whole."], "and no half-written file"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the machine's temporary files lie meanwhile."""
    monkeypatch.setattr(static_files, "gettempdir", lambda: str(tmp_path))
    return tmp_path


def test_a_child_process_makes_the_files_while_the_server_runs(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = streamlit_files()
    smallest = next(iter(files._files))
    app = StaticFiles(PlainTextResponse("passed on"), files)
    with prepared(files):
        deadline = time.monotonic() + 60
        while not files.ready(smallest, "br") and time.monotonic() < deadline:
            time.sleep(0.05)
        monkeypatch.setitem(ENCODINGS, "br", lambda data: b"made by the server itself")
        answer = ask(app, smallest, accept_encoding="br")
        assert brotli.decompress(answer.body) == files._files[smallest].read_bytes()
    assert files.made is None
    assert ask(app, smallest, accept_encoding="br").body == b"passed on"


def test_the_next_server_finds_all_made_and_starts_no_child(
    app: StaticFiles, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(
        static_files.subprocess,
        "Popen",
        lambda command, **_: started.append(command) or SimpleNamespace(terminate=bool, wait=bool),
    )
    with prepared(app.files):
        first = app.files.made
        app.files.prepare_all()  # as the child does
    assert len(started) == 1 and started[0][-1] == str(first)
    with prepared(app.files):
        assert app.files.made == first
        assert gzip.decompress(ask(app, "/static/js/a.js", accept_encoding="gzip").body) == SCRIPT
        shutil.rmtree(first)  # whoever tidies up takes nothing from a visitor
        assert gzip.decompress(ask(app, "/static/js/a.js", accept_encoding="gzip").body) == SCRIPT
    assert len(started) == 1


def test_another_version_makes_what_it_replaces_anew_and_the_oldest_go(tmp_path: Path) -> None:
    source, made = tmp_path / "source", tmp_path / "temporary" / "key"
    (source / "media").mkdir(parents=True)
    (source / "media" / "icons.css").write_bytes(SCRIPT)
    made.mkdir(parents=True)
    path = "/static/media/icons.css"
    for version in range(KEPT + 2):
        files = PreparedFiles(source, made, {path: lambda: str(version).encode()}, version=str(version))  # noqa: B023
        assert not files.is_whole
        files.prepare_all()
        assert files.is_whole and files.ready(path, "identity") == str(version).encode()
        for made_now in made.glob(f"*{version}"):
            os.utime(made_now, (version, version))
        (tmp_path / "temporary" / f"other{version}").mkdir()
        os.utime(tmp_path / "temporary" / f"other{version}", (version, version))
    files.drop_old()
    kept = [f"media-icons.css.identity-{version}" for version in range(2, KEPT + 2)]
    assert sorted(file.name for file in made.glob("*identity*")) == kept
    assert len(list(made.glob("whole*"))) == KEPT and files.ready(path, "br")
    folders = sorted(folder.name for folder in (tmp_path / "temporary").iterdir())
    assert folders == ["key", *(f"other{version}" for version in range(3, KEPT + 2))]


def test_where_no_file_can_be_written_all_is_passed_on(app: StaticFiles, temporary: Path) -> None:
    (temporary / f"glassbox-static-{os.getuid()}").write_bytes(b"in the way")
    app.files.made = None
    with prepared(app.files):
        assert ask(app, "/static/js/a.js", accept_encoding="br").body == b"passed on"


def test_on_a_full_disk_each_file_is_sent_whole(app: StaticFiles) -> None:
    path = "/static/js/a.js"
    assert gzip.decompress(ask(app, path, accept_encoding="gzip").body) == SCRIPT
    with full_disk(room=10):
        assert brotli.decompress(ask(app, path, accept_encoding="br").body) == SCRIPT
        app.files.prepare_all()
    assert app.files.made
    assert [file.name for file in app.files.made.iterdir()] == ["js-a.js.gzip"], "nothing is half-written"
    assert ask(app, path, accept_encoding="br").body == b"passed on"
    assert gzip.decompress(ask(app, path, accept_encoding="gzip").body) == SCRIPT


def test_where_no_process_can_be_started_the_server_compresses_by_itself(
    app: StaticFiles, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_process(*_: object, **__: object) -> None:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(static_files.subprocess, "Popen", no_process)
    app.files.made = None
    with prepared(app.files):
        assert brotli.decompress(ask(app, "/static/js/a.js", accept_encoding="br").body) == SCRIPT


@pytest.mark.parametrize("other", ["open", "link"])
def test_nothing_is_taken_from_a_folder_that_others_may_write_to(app: StaticFiles, temporary: Path, other: str) -> None:
    above, elsewhere = temporary / f"glassbox-static-{os.getuid()}", temporary / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    if other == "open":
        above.mkdir()
        above.chmod(0o777)
    else:
        above.symlink_to(elsewhere)
    app.files.made = None
    with prepared(app.files):
        assert app.files.made is None
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize(
    ("path", "method", "encoding"),
    [
        ("/static/js/a.js", "GET", "identity"),
        ("/static/js/a.js", "HEAD", "br"),
        ("/static/js/a.png", "GET", "br"),
        ("/static/js/none.js", "GET", "br"),
        ("/static/js/../js/a.js", "GET", "br"),
        ("/explain", "GET", "br"),
    ],
)
def test_all_else_is_passed_on(app: StaticFiles, path: str, method: str, encoding: str) -> None:
    assert ask(app, path, method=method, accept_encoding=encoding).body == b"passed on"


def test_the_best_encoding_that_is_accepted() -> None:
    assert accepted("gzip, deflate, br, zstd") == "br"
    assert accepted("br;q=0, gzip;q=0.5") == "gzip"
    assert accepted("") is None and accepted("identity") is None


def test_the_installed_frontend_is_found() -> None:
    files = streamlit_files()
    paths = [path for path in files._files if path.startswith("/static/js/PlotlyChart")]
    assert len(paths) == 1 and len(files._files) > 100


def test_the_icon_font_keeps_the_icons_that_are_shown(tmp_path: Path) -> None:
    files = streamlit_files(tmp_path)
    (path,) = files._replaced
    app = StaticFiles(PlainTextResponse("passed on"), files)
    assert ask(app, path, accept_encoding="br").body == b"passed on"
    files.body(path, "identity")
    answer = ask(app, path, accept_encoding="br")
    assert answer.headers["content-type"] == "font/woff2" and "content-encoding" not in answer.headers
    font = TTFont(BytesIO(answer.body))
    letters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    names = {
        "".join(letters[glyph] for glyph in (first, *ligature.Component))
        for lookup in font["GSUB"].table.LookupList.Lookup
        for table in (getattr(one, "ExtSubTable", one) for one in lookup.SubTable)
        for first, ligatures in getattr(table, "ligatures", {}).items()
        for ligature in ligatures
    }
    sources = [*PACKAGE.rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    shown = {name for file in sources for name in re.findall(r":material/([a-z_]+):", file.read_text("utf-8"))}
    assert len(shown) > 20 and shown | {"expand_more", "close", "menu"} <= names
    assert len(answer.body) < 100_000
