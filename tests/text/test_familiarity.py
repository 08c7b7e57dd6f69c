"""glassbox.text.familiarity: runs of tokens, the filter that holds them, and what is said of a text by it."""

from pathlib import Path

import numpy as np
import pytest

from glassbox.engine.session import Session
from glassbox.paths import MODELS
from glassbox.text import familiarity
from glassbox.text.familiarity import NewRuns
from glassbox.text.reader import TextReader
from glassbox.zoo import text_models as text_zoo
from glassbox.zoo.text_models import RunFilter, Smoothing
from tests import text_checks, text_models

KNOWN = ["今天去看电影", "电影真好看"]


@pytest.fixture
def reader(tmp_path: Path) -> TextReader:
    text_models.write(tmp_path, "text_zh_gru")
    text_checks.write(tmp_path, KNOWN)
    return TextReader(text_zoo.load(tmp_path))


def test_runs_are_tokens_in_a_row_from_the_text_s_beginning_to_its_end() -> None:
    assert familiarity.runs("看电影", "character", 2) == ["\n\x1f看", "看\x1f电", "电\x1f影", "影\x1f\n"]
    assert familiarity.runs("It's  a film", "word", 3)[1] == "it\x1f's\x1fa"
    assert familiarity.runs("看", "character", 4) == ["\n\x1f看\x1f\n"]
    assert familiarity.runs("", "word", 1) == ["\n", "\n"]


def test_places_of_a_run_are_the_same_in_every_process() -> None:
    """Worked out with b2sum: blake2b-128 of "a" is 27c35e6e9373877f29e562464e46497e."""
    first, step = 0x7F8773936E5EC327, 0x7E49464E4662E529
    expected = [(first + k * step) % 2**64 % 1024 for k in range(3)]
    np.testing.assert_array_equal(familiarity.places(["a", "a"], 1024, 3), [expected, expected])


def test_shares_are_those_of_a_plain_set() -> None:
    rng = np.random.default_rng(0)
    letters = np.array(list("abcdefgh "))
    held, texts = (["x" + "".join(rng.choice(letters, rng.integers(3, 30))).strip() for _ in range(60)] for _ in "ab")
    seen = {run for text in held for run in familiarity.runs(" ".join(text.split()), "character", 3)}
    model = text_checks.model(sorted(seen), 2**18, 8).SerializeToString()
    shares, counts = NewRuns(Session(model), "character", RunFilter(3, 8, 2**18)).shares(texts)
    for text, share, count in zip(texts, shares, counts, strict=True):
        runs = familiarity.runs(" ".join(text.split()), "character", 3)
        assert (share, count) == (np.mean([run not in seen for run in runs]), len(runs))
    assert 0 < shares.mean() < 1
    assert [len(part) for part in NewRuns(Session(model), "character", RunFilter(3, 8, 2**18)).shares([])] == [0, 0]


def test_smoothing_by_hand() -> None:
    """Runs of three tokens: two more tokens than runs."""
    held, counts = RunFilter(3, 1, 8), np.array([2, 18, 2])
    found = familiarity.smoothed(np.array([1.0, 1.0, 0.0]), counts, held, Smoothing(0.25, 4))
    np.testing.assert_allclose(found, [5 / 8, 21 / 24, 1 / 8])
    assert familiarity.smoothed(np.array([0.5]), np.array([2]), held, Smoothing(0.25, 0)) == [0.5]


def test_a_text_is_familiar_up_to_the_threshold(reader: TextReader) -> None:
    known, short, long = reader.familiarity("topic", ["今天去看电影。"[:-1], "哪", "哪里吃饭去哪里吃饭"])
    assert known is not None and short is not None and long is not None
    assert (known.new, known.runs, known.familiar) == (0, 7, True)
    assert known.unfamiliarity == pytest.approx(1 / 12)
    assert (short.new, short.runs, short.familiar) == (2, 2, False)
    assert short.unfamiliarity == pytest.approx(4 / 7)
    assert (long.new, long.runs, long.familiar) == (10, 10, False)
    assert long.as_strange == pytest.approx(sum(share >= 12 / 15 for share in np.linspace(0, 1, 101)) / 101)
    assert known.as_strange > short.as_strange > long.as_strange


def test_verdicts_come_with_familiarity_and_without_a_check_with_none(reader: TextReader, tmp_path: Path) -> None:
    texts = ["哪里吃饭去哪里吃饭", "", "今天去看电影"]
    first, _, last = reader.verdicts("text_zh_gru", texts)
    assert [verdict.familiarity.familiar for verdict in (first, last)] == [False, True]  # type: ignore[union-attr]
    assert reader.familiarity("sentiment", texts) == [None] * 3


SHIPPED = (MODELS / "text_zh_familiarity" / "card.json").exists()
shipped = pytest.mark.skipif(not SHIPPED, reason="the checks are not here: python -m export makes them")


@shipped
def test_the_shipped_checks_are_small_and_better_than_the_networks_themselves() -> None:
    """A check on runs of one to four tokens, against the energy of the scores and the distance of the last state."""
    zoo = text_zoo.load(MODELS)
    assert set(zoo.familiarity) == set(text_zoo.TASKS)
    for card in zoo.familiarity.values():
        assert card.bytes <= 200_000
        assert 0.95 <= card.held_out_passed < 0.97 and card.passed > 0.92
        ours = [auroc for name, auroc in card.candidates.items() if name.startswith("new runs")]
        assert max(ours) > max(card.candidates["energy"], card.candidates["Mahalanobis distance"])
        assert not {one.kind for one in card.strange} & set(card.chosen_by)
        assert all(one.auroc > 0.8 for one in card.strange)


@shipped
@pytest.mark.parametrize(
    ("task", "text", "familiar"),
    [
        ("topic", "今天股市大跌", False),
        ("topic", '<div class="row"><p>Hello</p></div>', False),
        ("topic", "想订一家有早餐的酒店，价格在300元左右。", True),
        ("topic", "谢谢", True),
        ("sentiment", '<div class="row"><p>Hello</p></div>', False),
        ("sentiment", "stocks fell sharply today", False),
        ("sentiment", "The actors are wonderful, but the story is a dull and lifeless mess.", True),
        ("scenario", "<p>hi</p>", False),
        ("scenario", "wake me up at seven if it is going to rain", True),
    ],
)
def test_the_shipped_checks_know_what_their_networks_learned_from(task: str, text: str, familiar: bool) -> None:
    (found,) = TextReader(text_zoo.load(MODELS)).familiarity(task, [text])
    assert found is not None and found.familiar is familiar
