"""What cannot be read leaves nothing behind: no exception is kept, whose traceback would keep file and pixels."""

import ast
import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from glassbox.csv_file import CsvError
from glassbox.digits.decoding import PictureError
from glassbox.digits.reader import Reader
from glassbox.paths import PACKAGE, ROOT
from glassbox.text.tokens import TextError
from glassbox.training.learner import Diverged
from glassbox.ui.pages.backprop import teaching
from glassbox.ui.pages.read import batch
from glassbox.zoo import digit_models
from tests.hostile import pictures
from tests.ui.dashboard import upload, visit

BROKEN = pictures.truncated_png()
UPLOADS = 8


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list["weakref.ref[Image.Image]"]:
    """Every picture that Pillow opens in the test, with the pixels that it has decoded."""
    seen: list[weakref.ref[Image.Image]] = []
    original = Image.open

    def spied(*arguments: Any, **options: Any) -> Image.Image:
        image = original(*arguments, **options)
        seen.append(weakref.ref(image))
        return image

    monkeypatch.setattr(Image, "open", spied)
    return seen


@contextmanager
def none_kept() -> Iterator[None]:
    """Fails if an exception of ours that was raised in the block is alive after it, wherever it is kept."""
    before = errors()
    yield
    gc.collect()
    assert [error for error in errors() if not any(error is one for one in before)] == []


def errors() -> list[BaseException]:
    return [one for one in gc.get_objects() if isinstance(one, PictureError | CsvError | TextError | Diverged)]


def test_the_builder_makes_a_picture_that_breaks_once_its_pixels_are_there() -> None:
    assert len(BROKEN) < 60_000
    reading = batch.read_file("a.png", BROKEN, Reader(digit_models.load()))
    assert reading.error is not None and reading.error.code == "broken"


def test_a_broken_picture_is_gone_as_soon_as_it_is_refused(opened: list["weakref.ref[Image.Image]"]) -> None:
    reader = Reader(digit_models.load())
    gc.collect()
    gc.disable()  # nothing must wait for the collector, which the server runs now and then only
    try:
        kept = [batch.read_file(f"{number}.png", BROKEN, reader) for number in range(UPLOADS)]
        assert len(opened) == len(kept) == UPLOADS
        assert [image for image in opened if image() is not None] == []
    finally:
        gc.enable()


def test_broken_uploads_leave_neither_pixels_nor_exceptions_in_the_session(
    opened: list["weakref.ref[Image.Image]"],
) -> None:
    with none_kept():
        app = upload(visit(), **{f"{number}.png": BROKEN for number in range(UPLOADS)})
    assert len(app.session_state["readings"]) == UPLOADS and app.session_state["picture_problem"].code == "broken"
    assert len(opened) == UPLOADS and [image for image in opened if image() is not None] == []


@pytest.mark.parametrize("link", ["x", "!" * 500])
def test_a_broken_link_leaves_no_exception(link: str) -> None:
    with none_kept():
        app = visit(d=link)
    assert app.session_state["picture_problem"].code == "link"


def test_a_table_that_cannot_be_read_leaves_no_exception() -> None:
    with none_kept():
        app = visit("text", text="a film", task="sentiment", view="table")
        app.file_uploader[0].upload("a.csv", b'text\n"never closed').run()
    assert app.session_state["text_own_problem"].code == "quotes"


def test_rows_that_cannot_be_used_leave_no_exception() -> None:
    with none_kept():
        app = visit("playground", state={"playground_view": "own"})
        app.file_uploader[0].upload("a.csv", b"1,2\n").run()
    assert app.session_state["playground_csv_error"].code == "columns"


def test_training_that_diverges_leaves_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "RATES", (0.03, 1e30))
    with none_kept():
        app = visit("backprop", state={"backprop_model": "mlp", "backprop_rate": 1e30, "teach_steps": 10})
        app.button(key="teach_go").click().run()
    (taught,) = app.session_state["taught"].values()
    assert taught.stopped.cause == "learning_rate"


def handlers(path: Path) -> Iterator[ast.ExceptHandler]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler) and node.name:
            yield node


SOURCES = [ROOT / "dashboard.py", *(ROOT / "pages").glob("*.py"), *PACKAGE.rglob("*.py")]


def test_no_handler_lets_its_exception_out() -> None:
    """An exception is read (its attributes, its sentence), logged or raised on, but neither returned, stored nor handed
    over."""
    loose = [
        f"{path.relative_to(ROOT)}:{name.lineno}"
        for path in SOURCES
        for handler in handlers(path)
        for name in bare_names(handler)
    ]
    assert loose == []


def bare_names(handler: ast.ExceptHandler) -> Iterator[ast.Name]:
    """Yield where a handler uses its exception otherwise than to read it, to log it or to raise another."""
    allowed = set[int]()
    for node in ast.walk(handler):
        if isinstance(node, ast.Attribute | ast.FormattedValue):
            allowed.add(id(node.value))
        elif isinstance(node, ast.Raise):
            allowed.update(map(id, ast.walk(node)))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("str", "_log.")):
            allowed.update(map(id, node.args))
    for node in ast.walk(handler):
        if isinstance(node, ast.Name) and node.id == handler.name and id(node) not in allowed:
            yield node
