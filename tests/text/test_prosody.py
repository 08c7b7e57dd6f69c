"""glassbox.text.prosody: the rule of tones by well-known poems, rhyme, and the file that comes back as it was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassbox.text import prosody
from glassbox.text.prosody import EITHER, LEVEL, OBLIQUE, RHYMES, Place, Prosody, Tones, opposed

FENGQIAO = ("月落乌啼霜满天", "江枫渔火对愁眠", "姑苏城外寒山寺", "夜半钟声到客船")
FENGQIAO_TONES = "仄仄平平平仄平平平平仄仄平平平平平仄平平仄仄仄平平仄仄平"
PLAIN = Tones({"p": LEVEL, "z": OBLIQUE, "e": EITHER})
REGULATED = ("pzppz", "zpzzp", "ppzzp", "zzppz")


def test_pairs_that_have_to_be_opposed() -> None:
    five = {
        (Place(0, 1), Place(0, 3)),
        (Place(1, 1), Place(1, 3)),
        (Place(0, 1), Place(1, 1)),
        (Place(0, 3), Place(1, 3)),
    }
    assert set(opposed(("一二三四五",) * 2)) == five
    seven = list(opposed(("一二三四五六七",) * 4))
    assert len(seven) == len(set(seven)) == 4 * 2 + 2 * 3
    assert all(one < other for one, other in seven)


@pytest.mark.parametrize(
    ("line", "changed", "broken"),
    [
        (0, "pzpzz", [((0, 1), (0, 3)), ((0, 3), (1, 3))]),
        (1, "zzzpp", [((0, 1), (1, 1)), ((0, 3), (1, 3))]),
        (3, "zzpez", []),
        (2, "zzppe", [((2, 1), (3, 1)), ((2, 3), (3, 3))]),
    ],
)
def test_broken_pairs_are_named(line: int, changed: str, broken: list[object]) -> None:
    lines = [changed if number == line else same for number, same in enumerate(REGULATED)]
    assert sorted(PLAIN.broken(lines)) == broken
    assert PLAIN.regulated(lines) is (not broken)


def test_a_well_known_poem_keeps_the_rule_and_rhymes() -> None:
    tones = Tones(dict(zip("".join(FENGQIAO), FENGQIAO_TONES, strict=True)))
    assert tones.regulated(FENGQIAO)
    an = next(number for number, finals in enumerate(RHYMES) if "an" in finals)
    found = Prosody(tones, {"眠": frozenset({an}), "船": frozenset({an}), "寺": frozenset({3})})
    assert found.rhyme(FENGQIAO) == {an}
    assert not found.rhyme((*FENGQIAO[:3], FENGQIAO[2])) and not found.rhyme(("", "", "", ""))


@given(st.lists(st.text("pze", max_size=8), min_size=4, max_size=4))
def test_any_lines_can_be_looked_at(lines: list[str]) -> None:
    for one, other in PLAIN.broken(lines):
        assert lines[one.line][one.place] == lines[other.line][other.place] != "e"


CHARACTERS = "春江花月夜"


@given(
    st.dictionaries(st.sampled_from(CHARACTERS), st.sampled_from([LEVEL, OBLIQUE, EITHER])),
    st.dictionaries(st.sampled_from(CHARACTERS), st.frozensets(st.integers(0, len(RHYMES) - 1), min_size=1)),
    st.dictionaries(st.sampled_from(CHARACTERS), st.sampled_from(["chūn", "yuè", "ér", "lǚ"])),
)
def test_the_file_gives_back_what_it_was_made_of(
    tones: dict[str, str], rhymes: dict[str, frozenset[int]], readings: dict[str, str]
) -> None:
    vocabulary = ("<padding>", "<unknown>", *CHARACTERS)
    held = Prosody(Tones(tones), rhymes, readings)
    assert prosody.from_bytes(held.to_bytes(vocabulary), vocabulary) == held


def test_a_file_of_another_vocabulary_is_refused() -> None:
    file = Prosody(Tones({}), {}).to_bytes(CHARACTERS)
    with pytest.raises(ValueError, match="zip"):
        prosody.from_bytes(file, CHARACTERS[1:])
    assert np.iinfo(np.uint16).bits >= len(RHYMES)
