"""glassbox.text.tokens: any text is either read, the same way however it was typed, or refused with the reason."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassbox.text import tokens
from glassbox.text.tokens import TextError, Vocabulary

steady = settings(derandomize=True, deadline=None, max_examples=150)
CHARACTERS = Vocabulary("character", ("", "\N{REPLACEMENT CHARACTER}", *"今天電影 ab5é", "👍"))
WORDS = Vocabulary("word", ("", "\N{REPLACEMENT CHARACTER}", "film", "'s", "good", "don't", "-", "!"))
KINDS = st.sampled_from(["Lo", "Ll", "Lu", "Nd", "Po", "Mn", "Mc", "So", "Sk", "Cf", "Zs", "Sm", "Co", "Cn"])
ANY = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=60) | st.text(
    st.sampled_from("ab 今 👨👩🏽🇨🇳1ée\u0301\u200d\u200e\u202e\ufe0f\u20e3ﬁＡ㎞½'’“-ß\u3000\u00ad"), max_size=60
)


def codes(entries: tuple[tokens.Token, ...]) -> list[int]:
    return [token.id for token in entries]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ＡＢ！　５", "AB! 5"),
        ("電影 电影", "電影 电影"),  # traditional characters as they come
        ("ﾊﾝｶｸ ㎞ ﬁ", "ハンカク km fi"),
        ("e\u0301", "é"),
        ("\u202eabc\u202c \u200fabc\u200e", "abc abc"),
        ("\u2067שלום\u2069 a\ufeffb", "שלום ab"),
        ("  今\t天\r\n\r\n今\u3000天 ", "今 天 今 天"),
        ("so\u00adft\u200bware", "software"),
        ("葛\U000e0100飾", "葛飾"),
        ("می\u200cخواهم", "میخواهم"),
        ("❤\ufe0f 👨\u200d👩\u200d👧", "❤\ufe0f 👨\u200d👩\u200d👧"),
    ],
)
def test_what_was_typed_is_read_one_way(typed: str, read: str) -> None:
    assert tokens.normalise(typed) == read
    assert tokens.checked(typed) == read


@steady
@given(ANY)
def test_normal_text_stays_as_it_is(typed: str) -> None:
    once = tokens.normalise(typed)
    assert tokens.normalise(once) == once
    assert once == once.strip() and "  " not in once
    marks = [tokens.normalise(mark + typed) for mark in "\u200e\u200f\u202a\u202b\u202d\u202e\u2066\u2067\u2068"]
    assert set(marks) == {once}


@steady
@given(ANY, st.sampled_from(tokens.UNITS))
def test_tokens_lie_side_by_side_and_leave_out_nothing_but_spaces_between_words(typed: str, unit: str) -> None:
    plain = tokens.normalise(typed)
    spans = tokens.spans(plain, unit)
    ends = [0, *(end for _, end in spans), len(plain)]
    for (start, end), before in zip(spans, ends, strict=False):
        assert before <= start < end
        assert plain[before:start].strip(" ") == ""
    assert plain[ends[-2] :].strip(" ") == ""
    if unit == "character":
        assert "".join(plain[start:end] for start, end in spans) == plain


@pytest.mark.parametrize(
    ("plain", "cut"),
    [
        ("今天Ab", ["今", "天", "a", "b"]),
        ("a b", ["a", " ", "b"]),
        ("👍🏽👨\u200d👩\u200d👧🇨🇳🇫🇷", ["👍🏽", "👨\u200d👩\u200d👧", "🇨🇳", "🇫🇷"]),
        ("1\ufe0f\u20e3❤\ufe0f", ["1\ufe0f\u20e3", "❤\ufe0f"]),
        ("🏴\U000e0067\U000e0062\U000e007fa", ["🏴\U000e0067\U000e0062\U000e007f", "a"]),
        ("q\u0301\u0302x", ["q\u0301\u0302", "x"]),
        ("नमस्ते", ["न", "म", "स्", "ते"]),
    ],
)
def test_characters_are_those_a_reader_sees(plain: str, cut: list[str]) -> None:
    assert tokens.tokens(plain, "character") == cut


@pytest.mark.parametrize(
    ("plain", "cut"),
    [
        ("It's the boss's 'high-concept' film.", "it|'s|the|boss|'s|'|high|-|concept|'|film|."),
        ("isn’t it? don't!", "isn't|it|?|don't|!"),
        ("O'Shea's “best” — 1990's", "o'shea|'s|\"|best|\"|—|1990|'s"),
        ("'s 's. rock'n'roll 'sound' James'", "'s|'s|.|rock'n'roll|'|sound|'|james|'"),
        ("3.5 stars 👍🏽👍🏽!!", "3|.|5|stars|👍🏽|👍🏽|!|!"),
        ("naïve cafe\u0301 x_y", "naïve|cafe\u0301|x|_|y"),
    ],
)
def test_words_are_cut_from_the_signs_around_them(plain: str, cut: str) -> None:
    assert tokens.tokens(plain, "word") == cut.split("|")


def test_a_text_becomes_ids_and_what_is_unknown_is_told() -> None:
    found = CHARACTERS.encode(" 今天 Ｂ𠀀👍")
    assert [(t.text, t.id, t.known, t.start, t.end) for t in found] == [
        ("今", 2, True, 0, 1),
        ("天", 3, True, 1, 2),
        (" ", 6, True, 2, 3),
        ("B", 8, True, 3, 4),
        ("𠀀", tokens.UNKNOWN, False, 4, 5),
        ("👍", 11, True, 5, 6),
    ]
    assert codes(WORDS.encode("FILM’s awful - Don’t!")) == [2, 3, tokens.UNKNOWN, 6, 5, 7]


def test_the_stand_ins_are_never_read_from_a_text() -> None:
    assert codes(CHARACTERS.encode("a\N{REPLACEMENT CHARACTER}")) == [7, tokens.UNKNOWN]
    assert not CHARACTERS.encode("a\N{REPLACEMENT CHARACTER}")[1].known


@steady
@given(ANY)
def test_every_text_is_read_or_refused_with_a_known_reason(typed: str) -> None:
    for vocabulary in (CHARACTERS, WORDS):
        try:
            found = vocabulary.encode(typed)
        except TextError as error:
            assert error.code in ("empty", "blank", "unknown_only")
            continue
        plain = tokens.normalise(typed)
        assert 1 <= len(found) <= tokens.LIMIT
        for token in found:
            assert token.text == plain[token.start : token.end]
            assert token.known == (token.id > tokens.UNKNOWN)
            assert not token.known or vocabulary.entries[token.id] == token.text.lower().replace("’", "'")


@pytest.mark.parametrize("length", [1, 2, 499, 500])
def test_one_to_500_characters_are_read(length: int) -> None:
    assert len(CHARACTERS.encode("今" * length)) == length
    assert len(CHARACTERS.encode("  " + "今" * length + "\n" * 600)) == length


@pytest.mark.parametrize(
    ("typed", "code", "details", "sentence"),
    [
        ("", "empty", {}, "no text"),
        (" \n\t\u3000", "blank", {}, "white space"),
        ("\u200b\u202e", "blank", {}, "white space"),
        (" " * 1_000_000, "blank", {}, "white space"),
        ("今" * 501, "too_long", {"count": 501, "limit": 500}, "501 characters; up to 500"),
        ("a" * 1_000_000, "too_long", {"count": 1_000_000, "limit": 500}, "1,000,000 characters"),
        ("\ufdfa" * 50, "too_long", {"count": 900, "limit": 500}, "900"),  # 18 characters each, by NFKC
        ("ab\x07c", "control", {"point": "U+0007", "position": 3}, r"Character 3 is U\+0007"),
        ("\x00", "control", {"point": "U+0000", "position": 1}, "control"),
        ("a\x7f", "control", {"point": "U+007F", "position": 2}, "control"),
        ("a\ud800", "control", {"point": "U+D800", "position": 2}, "control"),
        ("𠀀 𠀁", "unknown_only", {"unit": "character"}, "unknown characters"),
        ("👎👎", "unknown_only", {"unit": "character"}, "unknown characters"),
    ],
)
def test_what_cannot_be_read_says_why(typed: str, code: str, details: dict[str, object], sentence: str) -> None:
    with pytest.raises(TextError, match=sentence) as caught:
        CHARACTERS.encode(typed)
    assert (caught.value.code, caught.value.details) == (code, details)


def test_unknown_words_are_called_so() -> None:
    with pytest.raises(TextError, match="unknown words"):
        WORDS.encode("今天 bonjour")


@pytest.mark.parametrize("entries", [(), ("",), ("", "?", "a", "a"), ("", "?", "a", "b", "a")])
def test_a_vocabulary_has_two_stand_ins_and_then_different_entries(entries: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="padding, unknown and then different entries"):
        Vocabulary("character", entries)


def test_a_vocabulary_has_one_of_two_units() -> None:
    with pytest.raises(ValueError, match="one of character, word, not 'syllable'"):
        Vocabulary("syllable", ("", "?", "a"))


@steady
@given(st.text(st.characters(categories=("Lu", "Ll", "Lo", "Nd")), min_size=1, max_size=30))
def test_full_width_is_read_as_half_width(typed: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in typed)
    assert tokens.normalise(wide) == tokens.normalise(typed)
    assert unicodedata.is_normalized("NFKC", tokens.normalise(typed))
