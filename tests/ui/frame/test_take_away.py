"""A page as one file: what is drawn in each language, recorded, packed, and nothing in it that asks for a server."""

import base64
import gzip
import json
import re
from types import SimpleNamespace
from typing import Any, cast

import pytest
import streamlit as st
from streamlit.proto.Block_pb2 import Block
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.testing.v1 import AppTest

from glassbox.ui.base import i18n
from glassbox.ui.frame import shell
from glassbox.ui.frame.places import PLACES
from glassbox.ui.frame.take_away import page_file, recording, words
from glassbox.ui.frame.take_away.drawing import Drawing, key_of
from glassbox.ui.frame.take_away.page_file import Side
from glassbox.ui.frame.take_away.recording import Node, recorded
from tests.ui.dashboard import visit

LIMIT = 2_000_000
"""Bytes of a file."""


def unpacked(text: str) -> bytes:
    return gzip.decompress(base64.b85decode(text.replace(":", "<")).rstrip(b"\0") + bytes(3))


def page_of(file: bytes) -> dict[str, Any]:
    found = re.search(rb'id="gb-page">([^<]*)</script>', file)
    assert found
    return cast(dict[str, Any], json.loads(unpacked(found[1].decode())))


def sides_of(app: AppTest) -> tuple[Side, ...]:
    return cast("tuple[Side, ...]", app.session_state["take_away"])


def taken(app: AppTest) -> bytes:
    """The file of the page in front, as its button saves it."""
    app.button(key="take_make").click().run()
    return page_file.page_file(sides_of(app), address="http://localhost/rnn?lang=en")


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 5, 4096])
def test_packed_text_is_base_85_of_gzip(length: int) -> None:
    data = bytes(range(256)) * 16
    packed = page_file.packed_text(data[:length])
    assert gzip.decompress(base64.b85decode(packed.replace(":", "<"))) == data[:length]
    assert not {"<", '"', "/"} & set(packed)


@pytest.mark.parametrize("key", PLACES)
def test_each_page_is_taken_in_both_languages(key: str) -> None:
    app = visit(key)
    before = [one.value for one in app.title]
    file = taken(app)
    assert [one.value for one in app.title] == before and app.session_state["language"] == "en"
    assert len(file) <= LIMIT
    page = page_of(file)
    assert [side["code"] for side in page["sides"]] == ["zh", "en"]
    for side in page["sides"]:
        question = i18n.strings(side["code"])[f"{key}.question"]
        assert side["title"].startswith(question) and "<h1>" in side["markup"]
        assert len(re.findall("data-part=", side["markup"])) == len(side["parts"])
        assert len(re.findall("data-chart=", side["markup"])) == len(side["charts"])
        assert all(part["code"] < len(page["codes"]) for part in side["parts"])
    (chinese, english) = page["sides"]
    assert len(english["parts"]) == len(chinese["parts"]) and len(english["charts"]) == len(chinese["charts"])


def test_charts_that_wait_for_the_window_are_recorded_and_bring_their_script() -> None:
    app = visit("model_zoo")
    shown = len(app.get("plotly_chart"))
    file = taken(app)
    assert len(app.get("plotly_chart")) == shown  # they go on waiting on the page itself
    page = page_of(file)
    assert all(side["charts"] for side in page["sides"])
    assert b'id="gb-plotly"></script>' not in file
    assert all("template" not in chart["figure"]["layout"] for side in page["sides"] for chart in side["charts"])


def test_what_was_recorded_is_over_with_the_next_run() -> None:
    app = visit()
    taken(app)
    assert len(sides_of(app)) == 2
    app.run()
    assert "take_away" not in app.session_state or not sides_of(app)
    assert app.button(key="take_make")


def test_a_page_that_fails_says_so_and_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ArithmeticError("of a test")

    app = visit()
    monkeypatch.setattr("glassbox.ui.frame.shell._head", fail)
    with pytest.raises(AssertionError, match="of a test"):
        app.button(key="take_make").click().run()
    assert "take_away" not in app.session_state


def test_a_run_that_is_broken_off_is_recorded_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by another choice of the visitor's before the run has ended."""
    head, asked = shell._head, iter([True])

    def break_off(page: shell.Page) -> None:
        head(page)
        if next(asked, False):
            st.rerun()

    app = visit()
    monkeypatch.setattr(shell, "_head", break_off)
    app.button(key="take_make").click().run()
    assert [side.code for side in sides_of(app)] == ["zh", "en"]


def message(path: list[int], **delta: Element | Block) -> ForwardMsg:
    made = ForwardMsg()
    made.metadata.delta_path.extend(path)
    for name, one in delta.items():
        getattr(made.delta, name).CopyFrom(one)
    return made


def words_of(text: str) -> Element:
    element = Element()
    element.markdown.body = text
    return element


def test_recording_follows_what_takes_the_place_of_what(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[ForwardMsg] = []
    context = SimpleNamespace(enqueue=sent.append)
    monkeypatch.setattr(recording, "get_script_run_ctx", lambda: context)
    block = Block()
    block.vertical.border = False
    with recorded() as page:
        for one in (
            message([1, 0], new_element=words_of("sidebar")),
            message([0, 0], add_block=block),
            message([0, 0, 1], new_element=words_of("second")),
            message([0, 0, 0], new_element=words_of("first")),
            message([0, 1], new_element=words_of("waiting")),
            message([0, 1], add_block=block),
            message([0, 1, 0], new_element=words_of("there")),
        ):
            context.enqueue(one)
    assert not sent and context.enqueue == sent.append
    made = Drawing({}).of(page)
    assert re.findall(r"<p>(\w+)</p>", made) == ["first", "second", "there"]


def test_recording_ends_with_a_run_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[ForwardMsg] = []
    context = SimpleNamespace(enqueue=sent.append)
    monkeypatch.setattr(recording, "get_script_run_ctx", lambda: context)
    with pytest.raises(ArithmeticError), recorded():
        context.enqueue(message([0, 0], new_element=words_of("seen")))
        raise ArithmeticError
    context.enqueue(message([0, 0], new_element=words_of("later")))
    assert len(sent) == 1


def test_streamlit_sends_what_a_run_draws_by_its_context() -> None:
    """A private part that recording.py relies on."""
    assert callable(ScriptRunContext.enqueue) and not hasattr(ScriptRunContext, "__slots__")


@pytest.mark.parametrize(
    ("markdown", "made"),
    [
        ("**bold** and `x`", "<p><strong>bold</strong> and <code>x</code></p>"),
        (":material/draft: Words", "<p>Words</p>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
        ("[go](javascript:alert(1))", "<p>[go](javascript:alert(1))</p>"),
        ("costs \\$5 and \\$6", "<p>costs $5 and $6</p>"),
    ],
)
def test_markdown_becomes_html_that_does_nothing(markdown: str, made: str) -> None:
    assert words.to_html(markdown) == made


@pytest.mark.parametrize(("markdown", "display"), [("so $x^2$ is", "inline"), ("$$\nx^2\n$$", "block")])
def test_formulas_become_mathml(markdown: str, display: str) -> None:
    made = words.to_html(markdown)
    assert f'display="{display}"' in made and "<msup>" in made and "$" not in made


def test_what_cannot_be_read_as_a_formula_is_shown_as_it_was_written() -> None:
    assert words.formula("a_b_c<") == "<code>a_b_c&lt;</code>"


def test_a_key_is_found_in_what_streamlit_makes_of_it() -> None:
    assert key_of("$$ID-05586b4c3f1a0eee8050d582b01fb4b2-gb_head") == "gb_head"
    assert key_of("$$ID-05586b4c3f1a0eee8050d582b01fb4b2-None") == key_of("") == ""


def test_a_place_that_shows_nothing_leaves_no_box() -> None:
    block = Block()
    block.expandable.label = "Unopened"
    assert Drawing({}).of(Node(block=block)) == ""
