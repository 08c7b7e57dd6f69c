"""glassbox.text.memorisation: every run that stands in the training text is found, and hardly any other."""

import hashlib
import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassbox.text import memorisation
from glassbox.text.memorisation import Run, characters_of, share

steady = settings(derandomize=True, deadline=None, max_examples=200)
SENTENCES = ["The cat sat on the mat.", "我们去全聚德（前门店）吃烤鸭吧", "short", "abcdefghijklmnop", "mnopqrstuvwxyz"]
FEW = st.text("ab", max_size=30)
PINNED = [48088, 105152, 105955, 169306, 291005, 374428]


@steady
@given(known=st.lists(FEW, max_size=4), text=FEW, length=st.integers(1, 6))
def test_a_character_is_in_a_run_if_it_lies_in_an_ngram_of_the_sentences(
    known: list[str], text: str, length: int
) -> None:
    index = memorisation.index([*known, "b" * length], length, bits=40)
    within = set()
    for start in range(len(text) - length + 1):
        if any(text[start : start + length] in sentence for sentence in [*known, "b" * length]):
            within |= {*range(start, start + length)}
    runs = index.runs(text)
    assert {place for run in runs for place in range(*run)} == within
    assert all(first.stop < second.start for first, second in itertools.pairwise(runs))
    assert share(runs, len(text)) == pytest.approx(len(within) / max(1, len(text)))


@steady
@given(sentences=st.lists(st.text(max_size=40), min_size=1), length=st.integers(1, 12))
def test_no_ngram_of_the_sentences_is_missed(sentences: list[str], length: int) -> None:
    cut = [characters_of(sentence) for sentence in sentences]
    if max(map(len, cut)) < length:
        with pytest.raises(ValueError, match=f"no sentence has {length} characters"):
            memorisation.index(sentences, length, bits=4)
        return
    index = memorisation.index(sentences, length, bits=4)
    assert all(index.found(characters).all() for characters in cut)


def test_a_sentence_is_one_run_and_its_end_is_in_none() -> None:
    index = memorisation.index(SENTENCES, 12, bits=20)
    first, second = (characters_of(sentence) for sentence in SENTENCES[:2])
    assert index.runs(first) == (Run(0, 23),)
    assert index.runs([*first, "\n", *second]) == (Run(0, 23), Run(24, 39))
    assert index.runs([*"we ate: ", *second[2:-1], *"!"]) == (Run(8, 20),)
    assert index.runs(second[:11]) == index.runs(["\n"] * 40) == index.runs([]) == ()
    assert index.runs(characters_of("THE  CAT\tsat on the ｍａｔ")) == (Run(0, 22),)


def test_short_runs_are_passed_over() -> None:
    index = memorisation.index(["abcdefghij", "xyz"], 3, bits=30)
    text = [*"abcd  cdefg xyz"]
    assert index.runs(text) == (Run(0, 4), Run(6, 11), Run(12, 15))
    assert index.runs(text, 4) == (Run(0, 4), Run(6, 11)) and index.runs(text, 6) == ()


def test_runs_that_overlap_or_touch_are_one() -> None:
    index = memorisation.index(SENTENCES, 12, bits=20)
    assert index.runs("abcdefghijklmnopqrstuvwxyz") == (Run(0, 26),), "and yet it stands nowhere as a whole"
    assert index.runs("abcdefghijklmnopqrstuvwxyz" + "abcdefghijklm") == (Run(0, 39),)
    assert index.runs("abcdefghijklm-opqrstuvwxyz") == (Run(0, 13), Run(14, 26))


@pytest.mark.parametrize("bits", [4, 8])
def test_others_are_found_as_often_as_is_said(bits: int) -> None:
    draw = random.Random(5)
    sentences, other = (["".join(draw.choices("abcdefgh", k=5_000)) for _ in range(4)] for _ in range(2))
    index = memorisation.index(sentences, 12, bits)
    known = {one[start : start + 12] for one in sentences for start in range(len(one))}
    absent = np.concatenate([index.found(one) for one in other])[
        [one[start : start + 12] not in known for one in other for start in range(len(one) - 11)]
    ]
    assert index.false_positive_rate == pytest.approx(2**-bits, rel=0.05)
    spread = (len(absent) * index.false_positive_rate) ** 0.5
    assert abs(absent.sum() - len(absent) * index.false_positive_rate) < 4 * spread


def test_hashes_are_the_same_everywhere() -> None:
    index = memorisation.index(["今天电影真好看", "ABC"], 3, bits=16)
    assert index.space == 6 << 16
    wanted = [hashlib.blake2b(ngram.encode(), digest_size=8).digest() for ngram in ("今天电", "天电影", "电影真")]
    assert {int.from_bytes(one, "little") % (6 << 16) for one in wanted} <= set(index.hashes.tolist())
    assert index.hashes.tolist() == PINNED


@pytest.mark.parametrize("bits", [0, 7, 16, 40])
def test_an_index_comes_back_from_its_file(bits: int) -> None:
    index = memorisation.index(SENTENCES, 12, bits)
    back = memorisation.from_bytes(index.to_bytes())
    assert (back.length, back.space) == (12, index.space)
    assert back.hashes.dtype == index.hashes.dtype == (np.uint64 if bits == 40 else np.uint32)
    assert back.hashes.tolist() == index.hashes.tolist()
    assert index.to_bytes() == back.to_bytes()


def test_a_file_takes_little_more_than_its_bits() -> None:
    draw = random.Random(6)
    sentences = ["".join(draw.choices("abcdefgh", k=1_000)) for _ in range(60)]
    for bits in (7, 16):
        index = memorisation.index(sentences, 12, bits)
        assert 8 * len(index.to_bytes()) / len(index.hashes) < bits + 2.6
