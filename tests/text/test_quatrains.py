"""What visitors write, as the network that writes quatrains reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export import quatrains as trained
from glassbox.text import quatrains
from glassbox.text.quatrains import Asked, form_of, read
from glassbox.text.tokens import UNKNOWN, Vocabulary

POEM = "床前明月光，疑是地上霜。举头望明月，低头思故乡。"
WORDS = Vocabulary(
    "character", ("<padding>", "<unknown>", "\n", *quatrains.ASKED, *dict.fromkeys(POEM[:5] + "疑是地上霜"))
)
CONTEXT = trained.CONTEXT


def test_a_poem_is_read_as_it_was_trained_on() -> None:
    poem = trained.Poem("tang", "wujue", "", ("床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"), "")
    found = read(POEM, Asked(), WORDS, CONTEXT)
    asked = trained.front(WORDS, "wujue", "tang", "regulated")
    expected = [*asked, *(WORDS.id(sign) for line in poem.lines for sign in (*line, quatrains.END))]
    assert list(found.ids) == expected and found.asked[0] == "<wujue>"
    assert (found.removed, found.behind, found.unknown) == (0, 0, tuple(dict.fromkeys("举头望低思故乡")))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("床前明月光\n疑是", "床前明月光/疑是"),
        ("床前明月光疑是", "床前明月光疑是"),
        ("床前明月光疑是地上霜", "床前明月光/疑是地上霜"),
        ("床前明月光 疑是地上霜，", "床前明月光/疑是地上霜/"),
        (" / ，", ""),
        ("", ""),
        ("床\x00前\x07\u202e明", "床前明"),
        ("ｌｉＡ", "liA"),
    ],
)
def test_lines_end_where_a_reader_would_end_them(text: str, said: str) -> None:
    found = read(text, Asked(), WORDS, CONTEXT)
    assert "".join(found.signs).replace("\n", "/") == said
    assert found.removed == sum(sign in text for sign in "\x00\x07")
    assert read(said, Asked(form=found.asked[0][1:-1]), WORDS, CONTEXT).ids == found.ids, "a link leads to the same"


@pytest.mark.parametrize(
    ("line", "form"), [("床前明月光", "wujue"), ("朝辞白帝彩云间", "qijue"), ("字" * 14, "qijue"), ("字" * 35, "qijue")]
)
def test_the_first_line_tells_the_form(line: str, form: str) -> None:
    assert form_of(line) == form


@given(st.text(max_size=80), st.sampled_from(["", "wujue", "qijue", "x"]), st.text(max_size=3))
def test_any_text_is_read(text: str, form: str, theme: str) -> None:
    found = read(text, Asked(form, theme=theme), WORDS, CONTEXT)
    assert len(found.ids) == len(found.asked) + len(found.signs) <= CONTEXT and len(found.asked) == quatrains.FRONT
    assert UNKNOWN not in found.ids[: quatrains.FRONT], "what asks is always known"
    lines = "".join("/" if sign == "\n" else "." for sign in found.signs).split("/")
    assert all(len(line) <= quatrains.FORMS[found.asked[0][1:-1]] for line in lines)


def test_what_does_not_fit_is_counted() -> None:
    found = read("床" * 10_000, Asked(), WORDS, CONTEXT)
    assert len(found.ids) == CONTEXT
    assert found.behind == 10_000 + 10_000 // 5 - 1 - (CONTEXT - quatrains.FRONT)
