"""glassbox.ui.base.quoting: whatever a stranger writes is one code span of Markdown."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassbox.ui.base.quoting import SHOWN, listed, quoted
from tests.hostile.words import WORDS


def is_code(markdown: str) -> bool:
    """Whether `markdown` is one code span (CommonMark 0.31, section 6.1): a backtick, one or more other characters, a
    backtick; only a line end could end it early, with the paragraph."""
    return re.fullmatch(r"`[^`\x00-\x1f\x7f-\x9f\u2028\u2029]+`", markdown) is not None


@pytest.mark.parametrize("words", WORDS)
def test_hostile_words_are_code(words: str) -> None:
    assert is_code(quoted(words))


@settings(derandomize=True, deadline=None, max_examples=500)
@given(st.text(max_size=2 * SHOWN) | st.text(st.sampled_from("`\n\r\\ a!"), max_size=9))
def test_any_text_is_code_of_the_length_shown(text: str) -> None:
    assert is_code(quoted(text)) and len(quoted(text)) <= SHOWN + 3
    assert listed([text, "b"]) == f"{quoted(text)}, `b`"


def test_plain_words_are_shown_as_they_are() -> None:
    for words in ("height", "今天, 好", "a_b*c", "<i>", "–", "👩‍🚀", "x" * SHOWN):
        assert quoted(words) == f"`{words}`"


def test_what_is_not_seen_is_out_and_what_is_too_long_is_cut() -> None:
    assert quoted("a\u202eb\n\n`c`\0") == "`a b 'c' `"
    assert quoted("x" * 61) == f"`{'x' * 60}…`" and quoted("abc", limit=2) == "`ab…`"


def test_the_words_of_a_list_are_quoted_one_by_one() -> None:
    assert listed(["a, b", "`", "", "cde"], limit=4) == "`a, b`, `'`, ` `, `cde`"
