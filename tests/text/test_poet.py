"""glassbox.text.poet: what is asked for stands in front, what is given is written, and all else is drawn."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassbox.engine.session import Session
from glassbox.text.poet import Poet, Request, acrostic
from glassbox.text.quatrains import ANY, ASKED, END, FORMS, FRONT, LINES, Asked
from glassbox.text.sampling import Sampling, WrittenCharacter
from glassbox.text.tokens import TextError
from glassbox.text.transformer import CachedTransformer
from glassbox.zoo import transformer_models
from tests import poets
from tests.poets import CHARACTERS, CONTEXT, LENGTH, VOCABULARY

ASK = Asked("wujue", "tang", "regulated")
SAMPLING = Sampling(0.8, 12, seed=4)
SHIPPED = transformer_models.load()


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> transformer_models.TransformerZoo:
    folder: Path = tmp_path_factory.mktemp("models")
    poets.write(folder)
    return transformer_models.load(folder)


@pytest.fixture(scope="module")
def poet(zoo: transformer_models.TransformerZoo) -> Poet:
    return Poet(CachedTransformer(zoo.model_bytes("poet_zh"), zoo.cards["poet_zh"].context), zoo.cards["poet_zh"])


@pytest.fixture(scope="module")
def first_graph(zoo: transformer_models.TransformerZoo) -> Session:
    return Session(zoo.model_bytes("poet_zh"))


def text(characters: list[WrittenCharacter]) -> str:
    return "".join(one.character for one in characters)


def drawn(first_graph: Session, words: list[str], position: int, sampling: Sampling) -> tuple[str, float]:
    """The character that comes behind `words`, drawn from what the first graph gives, and its probability."""
    ids = np.array([[VOCABULARY.index(word) for word in words]])
    logits = first_graph.run({"ids": ids}).outputs["logits"][0, -1].astype(float) / sampling.temperature
    possible = [i for i, word in enumerate(VOCABULARY) if word not in (*VOCABULARY[:2], *ASKED)]
    kept = sorted(possible, key=lambda i: -logits[i])[: sampling.top_k]
    odds = {i: float(np.exp(logits[i] - logits[kept[0]])) for i in sorted(kept)}
    number = np.random.default_rng([sampling.seed, position]).random() * sum(odds.values())
    chosen = next(i for i, end in zip(odds, itertools.accumulate(odds.values()), strict=True) if number < end)
    return VOCABULARY[chosen], odds[chosen] / sum(odds.values())


@pytest.mark.parametrize(
    ("asked", "front"),
    [
        (ASK, ["<wujue>", "<tang>", "<regulated>", ANY, ANY]),
        (Asked("qijue", "song", "free", "江月"), ["<qijue>", "<song>", "<free>", "江", "月"]),
        (Asked("", "song", "free", " 江、月。"), ["<wujue>", "<song>", "<free>", "江", "月"]),
    ],
)
def test_each_character_is_drawn_from_what_the_network_gives_behind_all_before(
    poet: Poet, first_graph: Session, asked: Asked, front: list[str]
) -> None:
    words = list(front)
    for position, one in enumerate(poet.write(Request(asked), SAMPLING)):
        character, probability = drawn(first_graph, words, position, SAMPLING)
        assert (one.character, one.given) == (character, False)
        assert one.probability == pytest.approx(probability, abs=1e-5)
        assert dict(one.alternatives)[character] == one.probability
        words.append(character)
    assert words.count(END) == LINES


def test_a_poem_ends_behind_its_last_line(poet: Poet) -> None:
    for seed in range(5):
        written = text(list(poet.write(Request(ASK), replace(SAMPLING, seed=seed))))
        lines = written.split(END)
        assert [len(line) for line in lines] == [LENGTH] * LINES + [0]
        assert set(written) <= {*CHARACTERS, END}


def test_a_poem_without_line_ends_ends_with_the_context(poet: Poet) -> None:
    ways = {place: "春" for place in range(LENGTH, 99, LENGTH + 1)}
    written = text(list(poet.write(Request(ASK), SAMPLING, ways)))
    assert END not in written and len(written) == CONTEXT - FRONT + 1


def test_the_same_seed_writes_the_same_and_another_another(poet: Poet) -> None:
    one, same, other = (list(poet.write(Request(ASK), Sampling(seed=seed))) for seed in (1, 1, 2))
    assert one == same and text(one) != text(other)


def test_an_acrostic_begins_each_line_and_is_asked_for(poet: Poet) -> None:
    poem = list(poet.write(Request(ASK, acrostic("春 江，花月")), SAMPLING))
    assert [line[:1] for line in text(poem).split(END)] == ["春", "江", "花", "月", ""]
    assert [place for place, one in enumerate(poem) if one.given] == [i * (LENGTH + 1) for i in range(LINES)]
    free = list(poet.write(Request(ASK), SAMPLING))
    assert poem[0].alternatives == free[0].alternatives
    probabilities = SAMPLING.probabilities(poet.start(Request(ASK)).logits, poet.never)
    assert poem[0].probability == probabilities[VOCABULARY.index("春")]


def test_lines_are_given_whole_in_part_or_not(poet: Poet) -> None:
    poem = list(poet.write(Request(ASK, ("春江花月夜。", "", "山水")), SAMPLING))
    lines = text(poem).split(END)
    assert lines[0] == "春江花月夜" and lines[2][:2] == "山水" and len(lines[2]) == LENGTH
    assert [place for place, one in enumerate(poem) if one.given] == [0, 1, 2, 3, 4, 5, 12, 13]


def test_what_follows_the_given_is_what_would_follow_it_had_it_been_drawn(poet: Poet, first_graph: Session) -> None:
    words = ["<wujue>", "<tang>", "<regulated>", ANY, ANY, *"春江花"]
    poem = list(poet.write(Request(ASK, ("春江花",)), SAMPLING))
    assert poem[3].character == drawn(first_graph, words, 3, SAMPLING)[0]


def test_a_form_that_is_left_open_is_that_of_the_first_line(poet: Poet) -> None:
    open_form = replace(ASK, form="")
    assert poet.checked(Request(open_form, ("春江花月夜，",))).asked.form == "wujue"
    assert poet.checked(Request(open_form, ("春江花月夜风雪",))).asked.form == "qijue"
    assert poet.checked(Request(open_form)).asked.form == "wujue"


def test_a_way_is_taken_and_what_stands_before_it_stays(poet: Poet) -> None:
    plain = list(poet.write(Request(ASK), SAMPLING))
    taken = next(c for c, _ in plain[8].alternatives if c not in (plain[8].character, END))
    other = list(poet.write(Request(ASK), SAMPLING, {8: taken}))
    assert other[:8] == plain[:8] and other[8].character == taken and other[8].given
    assert other[8].alternatives == plain[8].alternatives
    assert other[8].probability == dict(plain[8].alternatives)[taken]
    assert other[9:] != plain[9:]
    ended = text(list(poet.write(Request(ASK), SAMPLING, {2: END})))
    assert ended[2] == END and ended.count(END) == LINES


@pytest.mark.parametrize(
    ("beginnings", "theme", "code", "details"),
    [
        (("春江\x07",), "", "control", {"point": "U+0007", "position": 3}),
        (("春江", "\ud800"), "", "control", {"point": "U+D800", "position": 1}),
        (("春" * 10_000,), "", "too_long", {"count": 10_000, "limit": LENGTH}),
        (("春江花月夜风",), "", "too_long", {"count": 6, "limit": LENGTH}),
        (("。 ，",), "", "blank", {}),
        ((" \n ",), "", "blank", {}),
        (("春龘江龘齉",), "", "unknown", {"characters": "龘齉"}),
        (("<tang",), "", "unknown", {"characters": "<tang"}),
        ((), "龘月", "unknown", {"characters": "龘"}),
        ((), "春", "theme", {"count": 1, "length": 2}),
        ((), "春江月", "too_long", {"count": 3, "limit": 2}),
        ((), "\0月", "control", {"point": "U+0000", "position": 1}),
    ],
)
def test_what_cannot_be_written_is_said(
    poet: Poet, beginnings: tuple[str, ...], theme: str, code: str, details: dict[str, object]
) -> None:
    with pytest.raises(TextError) as caught:
        poet.write(Request(replace(ASK, theme=theme), beginnings))
    assert (caught.value.code, caught.value.details) == (code, details)
    assert "{" not in str(caught.value)


def test_an_acrostic_has_no_more_characters_than_a_poem_has_lines() -> None:
    assert acrostic("") == ()
    with pytest.raises(TextError) as caught:
        acrostic("春江花月夜")
    assert caught.value.details == {"count": 5, "limit": LINES}


@pytest.mark.parametrize("way", ["龘", "<tang>", "<padding>", "春江", ""])
def test_a_way_that_cannot_be_written_is_said(poet: Poet, way: str) -> None:
    with pytest.raises(TextError) as caught:
        poet.write(Request(ASK), SAMPLING, {3: way})
    assert caught.value.code == "unknown"


@pytest.mark.parametrize(
    "request_",
    [
        Request(replace(ASK, form="sonnet")),
        Request(replace(ASK, form="any")),
        Request(replace(ASK, dynasty="ming")),
        Request(replace(ASK, rule="tang")),
        Request(ASK, ("春",) * 5),
    ],
)
def test_what_no_poem_can_be_is_refused(poet: Poet, request_: Request) -> None:
    with pytest.raises(ValueError, match="quatrain"):
        poet.write(request_)


@given(st.lists(st.text(max_size=8), max_size=LINES), st.text(max_size=4), st.sampled_from(["", *FORMS]))
def test_any_words_are_written_or_refused_with_a_reason(
    poet: Poet, beginnings: list[str], theme: str, form: str
) -> None:
    try:
        checked = poet.checked(Request(Asked(form, theme=theme), tuple(beginnings)))
    except TextError as error:
        assert error.code in ("blank", "control", "theme", "too_long", "unknown")
    else:
        assert poet.checked(checked) == checked
        assert all(len(line) <= FORMS[checked.asked.form] for line in checked.beginnings)
        assert set("".join(checked.beginnings)) <= set(CHARACTERS)


@pytest.mark.parametrize(
    "changes", [{"task": "plays"}, {"front": 1}, {"vocabulary": (*VOCABULARY[:2], "x", *VOCABULARY[3:])}]
)
def test_a_card_of_another_network_is_refused(
    zoo: transformer_models.TransformerZoo, changes: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match="poet_zh is no transformer that writes quatrains"):
        Poet(
            CachedTransformer(zoo.model_bytes("poet_zh"), zoo.cards["poet_zh"].context),
            replace(zoo.cards["poet_zh"], **changes),
        )


@pytest.mark.skipif("poet_zh" not in SHIPPED.cards, reason="poet_zh is not among the models")
@pytest.mark.parametrize("form", FORMS)
def test_the_shipped_network_writes_in_the_form_and_on_what_is_given(form: str) -> None:
    poet = Poet(
        CachedTransformer(SHIPPED.model_bytes("poet_zh"), SHIPPED.cards["poet_zh"].context), SHIPPED.cards["poet_zh"]
    )
    request = Request(Asked(form, theme="明月"), ("春", "夏风", "", "冬"))
    right = 0
    for seed in range(10):
        lines = text(list(poet.write(request, Sampling(0.8, 40, 0.95, seed)))).split(END)
        assert lines[0][0] == "春" and len(lines) == LINES + 1
        right += [len(line) for line in lines] == [FORMS[form]] * LINES + [0]
        right += (lines[1][:2], lines[3][:1]) == ("夏风", "冬")
    assert right >= 19
