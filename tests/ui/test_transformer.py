"""The page on what a language model looks at: what it sends to the browser, its link, and the sums that open."""

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from glassbox.explain.attribution.next_token import NextToken, rivals
from glassbox.explain.head_effects import head_effects
from glassbox.explain.interventions import HeadAblation
from glassbox.explain.ledger import ledger
from glassbox.explain.lens import LogitLens
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.graph.transformer_writer import write_transformer
from glassbox.text import quatrains
from glassbox.text.quatrains import Asked as Poem
from glassbox.ui.base import formats, i18n
from glassbox.ui.components.attention import Asked, checked
from glassbox.ui.frame import transformers
from glassbox.ui.pages.transformer import controls, copied, directions, figure, opened, poets, rival, state, writing
from glassbox.ui.pages.transformer.poets import PLAYS, QUATRAINS, TASKS
from glassbox.zoo import transformer_models
from glassbox.zoo.cards import Accelerator, Teacher
from glassbox.zoo.transformer_models import TransformerCard
from tests import poets as small_poets
from tests import text_models
from tests.explain.test_interventions import means
from tests.transformers import Shape, weights
from tests.ui.dashboard import component, components, is_said, visit

STRINGS = {language: i18n.strings(language) for language in i18n.LANGUAGES}
SMALL = Shape(vocabulary=12, context=8, layers=2, heads=3, size=4, width=10, neurons=7, biases=True)
WORDS = tuple("abcdefghijkl")
IDS = [3, 0, 11, 3, 7]
LIMIT = 160_000
ZH, EN = poets.NAMES
OPENING = TASKS[QUATRAINS].examples[0].text


@pytest.fixture(scope="module")
def small() -> TransformerReader:
    return TransformerReader(write_transformer(weights(SMALL)))


@pytest.fixture(scope="module")
def page() -> AppTest:
    return visit("transformer", model=ZH)


def numbers(text: str) -> NDArray[np.float16]:
    return np.frombuffer(base64.b64decode(text), "<f2")


def softmax(logits: NDArray[Any]) -> NDArray[Any]:
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def rows(packed: str, count: int, steps: int) -> list[list[NDArray[np.float16]]]:
    """Of each of `count` triangles, the row of each position."""
    whole = numbers(packed).reshape(count, -1)
    starts = [t * (t + 1) // 2 for t in range(steps + 1)]
    return [[one[starts[t] : starts[t + 1]] for t in range(steps)] for one in whole]


def test_what_comes_next_is_what_the_network_says(small: TransformerReader) -> None:
    reading = small.read(IDS)
    found = figure.behind(reading, reading, LogitLens(small), WORDS, {})
    shares = softmax(reading.logits)
    for t, behind in enumerate(found):
        best = np.argsort(-shares[t])[: figure.GUESSES]
        assert [bar.text for bar in behind.bars] == [WORDS[i] for i in best]
        np.testing.assert_allclose([bar.share for bar in behind.bars], shares[t, best], rtol=1e-6)
        assert [bar.before for bar in behind.bars] == [bar.share for bar in behind.bars]
        assert behind.follows == (pytest.approx(shares[t, IDS[t + 1]]) if t + 1 < len(IDS) else None)
        assert [guess.text for guess in behind.normed[-1]] == [WORDS[i] for i in best]


def test_a_score_is_the_sum_of_its_parts_and_the_engines_number(small: TransformerReader) -> None:
    off = [HeadAblation(0, 1)]
    plain, reading = small.read(IDS), small.read(IDS, off)
    for one in (plain, reading):
        for t, behind in enumerate(figure.behind(one, plain, LogitLens(small), WORDS, {2: (4, 5)})):
            score = behind.score
            parts = score.embedding + score.place + score.rest + score.heads.sum() + score.neurons.sum()
            assert parts == pytest.approx(score.total) and score.close
            token = 4 if t == 2 else int(plain.logits[t].argmax())
            expected = one.logits[t, token] - (one.logits[t, 5] if t == 2 else 0)
            assert score.engine == pytest.approx(float(expected))
            assert (score.token, score.against) == (WORDS[token], WORDS[5] if t == 2 else "")
            assert score.heads.shape == (2, 3, t + 1)
            neurons = ledger(one, t, token, 5 if t == 2 else None).part("neuron", 1).amounts
            assert dict(score.largest[1]).items() <= dict(enumerate(neurons)).items()
            assert (
                np.abs([amount for _, amount in score.largest[1]]).sum() >= np.sort(np.abs(neurons))[-5:].sum() - 1e-9
            )


def test_bars_show_what_was_likeliest_before_heads_were_switched_off(small: TransformerReader) -> None:
    plain, reading = small.read(IDS), small.read(IDS, [HeadAblation(1, 0), HeadAblation(1, 1)])
    now, before = softmax(reading.logits), softmax(plain.logits)
    for t, behind in enumerate(figure.behind(reading, plain, LogitLens(small), WORDS, {})):
        shown = {bar.text: bar for bar in behind.bars}
        for shares in (now, before):
            assert {WORDS[i] for i in np.argsort(-shares[t])[: figure.GUESSES]} <= shown.keys()
        for text, bar in shown.items():
            assert bar.share == pytest.approx(now[t, WORDS.index(text)])
            assert bar.before == pytest.approx(before[t, WORDS.index(text)])


def test_effect_of_a_head_is_what_comes_next_without_it(small: TransformerReader) -> None:
    plain = small.read(IDS)
    tokens = figure.explained_tokens(plain, {1: (9, None)})
    assert tokens == [9 if t == 1 else int(plain.logits[t].argmax()) for t in range(len(IDS))]
    found = head_effects(plain, tokens)
    for layer in range(2):
        for head in range(3):
            without = softmax(small.read(IDS, [HeadAblation(layer, head)]).logits)
            np.testing.assert_allclose(found[layer, head], without[range(len(IDS)), tokens], rtol=1e-4)


def test_attention_arrives_in_the_browser_as_it_was(page: AppTest) -> None:
    data = component(page, "attention")
    assert len(json.dumps(data)) <= LIMIT
    card = transformers.zoo().cards[ZH]
    read = quatrains.read(OPENING, Poem(), state.words(card), card.context)
    reading = TransformerReader(transformers.zoo().model_bytes(ZH)).read(read.ids)
    attention, steps = figure.attention(reading), len(read.ids)
    heads = data["layers"] * data["heads"]
    arrived = rows(data["attention"], heads, steps)
    for which in range(heads):
        for t in range(steps):
            expected = attention.reshape(heads, steps, steps)[which, t]
            np.testing.assert_allclose(arrived[which][t], expected[: t + 1], rtol=1e-3, atol=1e-6)
            assert expected[t + 1 :].sum() == 0, "what comes later is masked"
    likeliest = [card.vocabulary[i].replace("\n", "⏎") for i in reading.logits[card.front :].argmax(axis=-1)]
    assert [behind["token"] for behind in data["behind"]][card.front :] == likeliest
    added = rows(data["added"], heads, steps)
    for t, behind in enumerate(data["behind"]):
        parts = [behind["embedding"], behind["place"], behind["rest"], *behind["neurons"]]
        total = sum(parts) + sum(float(added[which][t].astype(np.float64).sum()) for which in range(heads))
        assert total == pytest.approx(behind["engine"], abs=0.05) and behind["close"]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_tokens_have_names(language: str) -> None:
    signs = component(visit("transformer", language, model=ZH), "attention")["signs"]
    words = STRINGS[language]
    asked = [words[f"transformer.asked.{name}"] for name in ("wujue", "tang", "regulated", "any_of", "any_of")]
    asked[-2:] = [text.format(number=number) for number, text in enumerate(asked[-2:], 1)]
    assert [text for text, kind, *_ in signs if kind == "asked"] == asked
    assert [text for text, kind, *_ in signs if kind == "end"] == ["⏎"] * 3


SHAPE = (4, 4, 20, 20)


@pytest.mark.parametrize(
    "forged",
    [
        None,
        "point",
        {"kind": "point"},
        {"kind": "erase", "position": 0},
        {"kind": "point", "position": 20},
        {"kind": "point", "position": -1},
        {"kind": "point", "position": True},
        {"kind": "point", "position": 0.5},
        {"kind": "switch", "position": 0, "layer": 4},
        {"kind": "switch", "position": 0, "layer": 0, "head": 4},
        {"kind": "way", "position": 0, "way": "half"},
        {"kind": "explain", "position": 0, "token": 3},
        {"kind": "open", "position": 3, "part": "bias"},
        {"kind": "open", "position": 3, "part": "head", "index": 4},
        {"kind": "open", "position": 3, "part": "head", "source": 4},
        {"kind": "open", "position": 3, "part": "neuron", "layer": 9},
    ],
)
def test_forged_requests_are_passed_over(forged: object) -> None:
    assert checked(forged, SHAPE) is None


def test_requests_are_taken() -> None:
    asked = {"kind": "open", "position": 19, "layer": 3, "head": 0, "part": "head", "index": 3, "source": 19}
    assert checked(asked, SHAPE) == Asked("open", 19, 3, 0, part="head", index=3, source=19)


@pytest.mark.parametrize("part", ["token", "position", "head", "neuron"])
def test_an_entry_opens_and_leads_on_to_where_its_numbers_came_from(part: str) -> None:
    index = {"head": (1, 2), "neuron": (5,)}.get(part, ())
    entered = opened.Entered(part, 1 if index else None, index)
    app = visit("transformer", model=ZH, state={"look_opened": entered})
    tables = [one.value for one in app.html if "<table" in one.value]
    assert len(tables) == 1 and STRINGS["en"]["charts.sum.total"] in tables[0]
    steps = [button for button in app.button if (button.key or "").startswith("look_on_")]
    if part in ("token", "position"):
        assert not steps and STRINGS["en"]["transformer.opened.learned"] in [one.value for one in app.caption]
        return
    for _ in range(6):
        steps[0].click().run()
        steps = [button for button in app.button if (button.key or "").startswith("look_on_")]
        if not steps:
            break
    assert app.session_state["look_path"]
    app.button(key="look_back").click().run()


def test_before_a_click_the_largest_entry_of_a_head_stands_open(page: AppTest) -> None:
    (shown,) = [one.value for one in page.html if "<table" in one.value]
    card = transformers.zoo().cards[ZH]
    reading = transformers.reader(ZH, "cpu").read(state.reads(card, OPENING).ids)
    place = reading.steps - 1
    found = ledger(reading, place, int(reading.logits[place].argmax()))
    largest = max(float(np.abs(found.part("head", layer).amounts).max()) for layer in range(4))
    (total,) = re.findall(r'<tr class="[^"]*total[^"]*">.*?</tr>', shown, re.DOTALL)
    assert formats.number(largest) in total


def test_the_cells_that_have_a_name_are_those_of_the_network() -> None:
    reading = transformers.reader(ZH, "cpu").read([3, 5, 7])
    known = {name.removeprefix("transformer.cell.") for name in STRINGS["en"] if name.startswith("transformer.cell.")}
    assert known >= opened._NAMED
    there = {
        f"{match[1]}_{match[3] or 'stream'}" if (match := opened._LAYERED.fullmatch(name)) else name.replace("/", "_")
        for name in reading.inside.tensors
    }
    assert there >= opened._NAMED


def test_link_brings_text_place_head_tokens_and_what_is_off() -> None:
    link = {
        "model": ZH,
        "text": "春眠不觉晓/处处闻啼",
        "ask": "wujue.song.free.春晓",
        "at": "-1",
        "head": "2.3",
        "off": "1.2-4.4",
        "word": "鸟",
        "against": "⏎",
        "dose": "0.2",
        "seed": "7",
        "section": "steering",
    }
    app = visit("transformer", **link)
    data = component(app, "attention")
    assert data["chosen"] == {"position": 4, "layer": 1, "head": 2}
    assert data["off"] == [[0, 1], [3, 3]]
    assert data["changed"] == "Switched off: 1·2, 4·4. Steered: moon 0.20."
    assert [text for text, *_ in data["signs"][1:5]] == [
        *(STRINGS["en"][f"transformer.asked.{x}"] for x in ("song", "free")),
        *"春晓",
    ]
    assert (data["behind"][4]["token"], data["behind"][4]["against"]) == ("鸟", "⏎")
    assert {name: app.query_params[name] for name in link} == link
    again = visit("transformer", **{name: app.query_params[name] for name in app.query_params})
    assert component(again, "attention") == data


@pytest.mark.parametrize(
    "link",
    [
        {"head": "9.9"},
        {"head": "0.1"},
        {"head": "2"},
        {"off": "7.7-x-1"},
        {"at": "999"},
        {"at": "x"},
        {"ask": "wujue.ming.free."},
        {"ask": "x"},
        {"word": "囧"},
        {"against": "<any>>"},
        {"way": "half"},
        {"dose": "9"},
        {"dose": "0.07"},
        {"seed": "-1"},
        {"section": "x"},
        {"text": "床" * 10_000},
    ],
)
def test_what_a_forged_link_says_is_passed_over(page: AppTest, link: dict[str, str]) -> None:
    assert component(visit("transformer", **{"model": ZH, **link}), "attention") == component(page, "attention")


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("床前囧月光", "unknown"),
        ("床前\x07明月光", "removed"),
        ("床前明月光" * 2_000, "behind"),
        ("hello world", "unknown"),
    ],
)
def test_what_can_not_be_read_is_said_and_nothing_is_lost(language: str, text: str, said: str) -> None:
    app = visit("transformer", language, state={"look_model": ZH, "look_text": text})
    notices = [one.value for one in app.html if "gb-notice" in one.value]
    assert any(is_said(f"transformer.{said}", one.split(">", 1)[1].removesuffix("</p>"), language) for one in notices)
    assert app.session_state["look_text"] == text
    assert component(app, "attention")["signs"]


def test_markup_in_a_text_is_shown_as_it_is_written() -> None:
    card = transformers.zoo().cards[ZH]
    (sentence,) = controls.not_read(quatrains.read("<b>&", Poem(), state.words(card), card.context), QUATRAINS)
    assert "`< b > &`" in sentence
    app = visit("transformer", state={"look_model": ZH, "look_text": "<b>&"})
    assert not any("<b>&" in one.value for one in app.html)


def test_a_sign_of_markdown_is_no_markdown_in_names() -> None:
    card = transformers.zoo().cards[ZH]
    signs = figure.signs(quatrains.read("$月$", Poem(), state.words(card), card.context), {})
    assert [figure.named(sign) for sign in signs[card.front :]] == ["`$`", "月", "`$`"]
    assert "`$`" in opened.place_name(signs, card.front)


def test_without_the_network_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poets, "offered", dict)
    assert [one.value for one in visit("transformer").info] == [STRINGS["en"]["transformer.no_model"]]


def test_another_text_is_read_from_its_end_and_heads_stay_off(page: AppTest) -> None:
    app = visit("transformer", model=ZH, off="2.1", at="0", word="乡")
    app.selectbox(key="look_example_widget").set_value(TASKS[QUATRAINS].examples[1].text).run()
    data = component(app, "attention")
    assert data["chosen"]["position"] == len(data["signs"]) - 1 and data["off"] == [[1, 0]]
    assert "word" not in app.query_params and "at" not in app.query_params


def verses(app: AppTest) -> list[str]:
    """The poems that go on without and with the dose."""
    return re.findall(r'<p class="gb-verse" lang="zh">(.*?)</p>', "".join(one.value for one in app.html))


def test_a_dose_changes_what_is_written_and_the_bars_of_the_figure() -> None:
    app = visit("transformer", model=ZH, section="steering", text="江上", dose="-0.3", seed="3")
    data = component(app, "attention")
    assert data["changed"] and any(share != before for _, share, before in data["behind"][-1]["bars"])
    plain, steered = verses(app)
    assert plain != steered and all(verse.startswith("江上<b>") for verse in (plain, steered))
    app.select_slider(key="look_dose_widget").set_value(0.0).run()
    assert verses(app) == [plain, plain]
    assert component(app, "attention")["changed"] == "" and app.query_params["dose"] == "0"
    app.button(key="look_seed_button").click().run()
    app.session_state["look_seed"] = 4
    app.run()
    assert verses(app)[0] != plain
    before = component(app, "attention")["signs"]
    app.button(key="look_inside_plain").click().run()
    signs = component(app, "attention")["signs"]
    assert signs[: len(before)] == before and len(signs) > len(before)


def test_a_poem_is_steered_behind_its_first_line() -> None:
    app = visit("transformer", model=ZH, section="steering", text="床前明月光/疑是地上霜/举头望明月/低头思故乡/")
    for verse in verses(app):
        assert verse.startswith("床前明月光<br><b>") and len(verse) > len("床前明月光<br><b>") + 10


def test_a_head_that_is_off_writes_its_mean_where_that_is_asked_for() -> None:
    reader = TransformerReader(write_transformer(weights(SMALL)), means=means(SMALL))
    plain = reader.read(IDS)
    tokens = figure.explained_tokens(plain, {})
    found = head_effects(plain, tokens, mean=True)
    for layer in range(2):
        for head in range(3):
            without = softmax(reader.read(IDS, [HeadAblation(layer, head, mean=True)]).logits)
            np.testing.assert_allclose(found[layer, head], without[range(len(IDS)), tokens], rtol=1e-4)
    reading = reader.read(IDS, [HeadAblation(0, 1, mean=True)])
    for behind in figure.behind(reading, plain, LogitLens(reader), WORDS, {}):
        assert behind.score.close and behind.score.rest != 0


@pytest.mark.parametrize("at", ["-2", "3"])
def test_rivals_are_the_librarys_and_each_has_its_scores(at: str) -> None:
    app = visit("transformer", model=ZH, section="attributions", at=at)
    card = transformers.zoo().cards[ZH]
    read = quatrains.read(OPENING, Poem(), state.words(card), card.context)
    reading, place = transformers.reader(ZH, "cpu").read(read.ids), int(at) + card.front
    token = int(reading.logits[place].argmax())
    first = card.front if place >= card.front else 0
    text = NextToken(transformers.gradient(ZH, "cpu"), reading, place, token, first=first)
    found = rivals(text)
    shown = {one["name"]: one for one in component(app, "passage")["passages"]}
    assert shown.keys() == found.keys()
    for name, scored in found.items():
        assert len(shown[name]["tokens"]) == place + 1 - first
        np.testing.assert_allclose(shown[name]["shades"], scored.map / np.abs(scored.map).max(), atol=2e-3)
        assert f"{scored.scores.insertion.area:.2f}" in shown[name]["note"]


def test_the_cache_is_that_of_the_poem_and_its_times_are_measured_when_asked_for() -> None:
    app = visit("transformer", model=ZH, section="cache", text="春眠不觉晓/处处", head="2.1", seed="2")
    data = component(app, "key_value_cache")
    card = transformers.zoo().cards[ZH]
    ids = [state.words(card).id("\n" if sign == "⏎" else sign) for sign in data["signs"][card.front :]]
    read = quatrains.read("春眠不觉晓/处处", Poem(), state.words(card), card.context)
    assert ids[: len(read.signs)] == list(read.ids[card.front :]) and len(data["signs"]) > len(read.ids)
    whole = [*read.ids[: card.front], *ids]
    inside = transformers.reader(ZH, "cpu").read(whole).inside.tensors
    kept = [inside[f"attention1/{part}"][0].transpose(1, 0, 2).reshape(len(whole), -1) for part in ("key", "value")]
    expected = np.concatenate(kept, axis=1)
    cells = np.frombuffer(base64.b64decode(data["cells"]), np.int8).reshape(expected.shape)
    np.testing.assert_allclose(cells / 127 * np.abs(expected).max(), expected, atol=np.abs(expected).max() / 200)
    each = 2 * 4 * expected.shape[1] // 2 * data_layers(card)
    assert data["sizes"][0] == f"{each / 1000:.2f}\u00a0kB" and data["seconds"] == []
    app.button(key="look_measure_button").click().run()
    assert len(component(app, "key_value_cache")["seconds"]) == len(whole)
    (chart,) = [one for one in components(app, "curves")]
    assert [len(curve["values"]) for curve in chart["curves"]] == [len(whole)] * 2


def test_the_cache_of_a_play_is_that_of_its_text_and_a_few_characters_more() -> None:
    app = visit("transformer", section="cache")
    signs = component(app, "key_value_cache")["signs"]
    text = [sign for sign, *_ in component(app, "attention")["signs"]]
    assert signs[: len(text)] == text and len(signs) == len(text) + writing.FEW


def data_layers(card: TransformerCard) -> int:
    return len([layer for layer in card.layers if layer.name.startswith("attention")])


@pytest.fixture(scope="module")
def play() -> AppTest:
    return visit("transformer")


@pytest.mark.parametrize(("language", "name"), [("en", EN), ("zh", ZH)])
def test_the_poet_of_the_pages_language_stands_first_and_is_in_the_link(language: str, name: str) -> None:
    app = visit("transformer", language)
    assert app.query_params["model"] == name
    control = app.segmented_control(key="look_model_widget")
    assert control.options[0] == STRINGS[language][f"transformer.writes.{transformers.zoo().cards[name].task}"]


def test_another_poet_begins_with_its_own_text_and_nothing_changed(play: AppTest) -> None:
    app = visit("transformer", off="2.1", at="3", dose="0.2", word="e")
    assert component(app, "attention")["off"] == [[1, 0]]
    app.segmented_control(key="look_model_widget").set_value(ZH).run()
    data = component(app, "attention")
    assert (data["off"], data["changed"], data["spaced"]) == ([], "", False)
    assert "".join(text for text, kind, *_ in data["signs"] if kind == "sign") == OPENING.translate(
        str.maketrans("", "", "，。")
    )
    assert app.query_params["model"] == ZH and "word" not in app.query_params
    app.segmented_control(key="look_model_widget").set_value(EN).run()
    assert component(app, "attention")["signs"] == component(play, "attention")["signs"]


def test_a_link_from_before_there_was_a_choice_leads_to_the_quatrains() -> None:
    app = visit("transformer", text="春眠不觉晓", ask=".tang.regulated.")
    assert app.query_params["model"] == ZH
    assert [text for text, kind, *_ in component(app, "attention")["signs"] if kind == "sign"] == list("春眠不觉晓")


def test_a_network_that_is_not_offered_is_passed_over(play: AppTest) -> None:
    app = visit("transformer", model="mlp")
    assert component(app, "attention") == component(play, "attention") and app.query_params["model"] == EN


def test_a_play_arrives_character_by_character_and_its_score_adds_up(play: AppTest) -> None:
    data, card = component(play, "attention"), transformers.zoo().cards[EN]
    assert len(json.dumps(data)) <= 4_000 * len(data["signs"]) and data["spaced"]
    text = TASKS[PLAYS].examples[0].text
    shown = [state.SHOWN.get(sign, sign) for sign in text]
    assert [text for text, *_ in data["signs"]] == [STRINGS["en"]["transformer.asked.line"], *shown]
    assert {kind for text, kind, *_ in data["signs"] if text == "␣"} == {"space"}
    ids = [state.words(card).id(sign) for sign in "\n" + text]
    logits = TransformerReader(transformers.zoo().model_bytes(EN)).read(ids).logits
    likeliest = [card.vocabulary[i] for i in logits.argmax(axis=-1)]
    assert [behind["token"] for behind in data["behind"]] == [state.SHOWN.get(sign, sign) for sign in likeliest]
    assert all(behind["close"] for behind in data["behind"])
    assert data["ways"] == [[way, STRINGS["en"][f"components.attention.way_{way}"]] for way in state.WAYS]


def test_a_link_brings_a_play_with_its_lines_and_spaces() -> None:
    link = {"model": EN, "text": "KING:\nMy lord, what", "at": "4", "word": "⏎", "against": "␣", "off": "1.2"}
    app = visit("transformer", **link)
    data = component(app, "attention")
    assert "".join(text for text, *_ in data["signs"][1:]) == "KING:⏎My␣lord,␣what"
    assert (data["behind"][5]["token"], data["behind"][5]["against"]) == ("⏎", "␣")
    assert {name: app.query_params[name] for name in link} == link and "ask" not in app.query_params


@pytest.mark.parametrize(
    ("text", "said"), [("", "empty"), ("月 is it", "unknown"), ("a\x07", "removed"), ("to " * 90, "behind")]
)
def test_what_of_a_play_can_not_be_read_is_said(text: str, said: str) -> None:
    app = visit("transformer", state={"look_model": EN, "look_text": text})
    notices = [one.value for one in app.html if "gb-notice" in one.value]
    assert any(is_said(f"transformer.{said}", one.split(">", 1)[1].removesuffix("</p>")) for one in notices)


def test_what_only_a_poem_can_be_asked_for_is_offered_for_poems_alone(play: AppTest, page: AppTest) -> None:
    keys = {f"look_{name}_widget" for name in ("form", "dynasty", "rule")}
    assert not keys & {one.key for one in play.segmented_control}
    assert keys <= {one.key for one in page.segmented_control}


@pytest.mark.parametrize(("language", "read"), [("en", "chuáng"), ("zh", "")])
def test_readers_of_english_see_how_characters_are_read(language: str, read: str) -> None:
    signs = component(visit("transformer", language, model=ZH), "attention")["signs"]
    assert [reading for text, kind, reading, _ in signs if text == "床"] == [read]


def test_what_stands_in_the_training_text_is_marked() -> None:
    card = transformers.zoo().cards[EN]
    known = "Now is the winter of our discontent"
    marked = copied.copied(card, "It is so. " + known)
    assert marked and {10, 10 + len(known) - 1} <= marked and 0 not in marked
    assert not copied.copied(card, "xyzzy plugh quux frobnicate")
    signs = component(visit("transformer", state={"look_model": EN, "look_text": known}), "attention")["signs"]
    assert [one[3] for one in signs] == [False] + [True] * len(known)


def test_steering_opens_with_a_dose_that_shows_and_leaves_the_other_sections_alone(play: AppTest) -> None:
    app = visit("transformer", section="steering")
    direction = TASKS[PLAYS].direction
    assert app.select_slider(key="look_dose_widget").value == direction.dose
    plain, steered = re.findall(r'<p class="gb-verse" lang="en">(.*?)</p>', "".join(one.value for one in app.html))
    assert plain != steered
    assert component(app, "attention")["changed"] and "dose" not in app.query_params
    app.segmented_control(key="look_section_widget").set_value("opened").run()
    assert component(app, "attention") == component(play, "attention")


@pytest.mark.parametrize("name", poets.NAMES)
def test_a_dose_makes_what_it_leads_to_likelier_and_costs_something(name: str) -> None:
    card = transformers.zoo().cards[name]
    found = {dose: directions.effect(name, "cpu", dose, card) for dose in (-0.3, 0.3)}
    for dose, effect in found.items():
        gained, lost = (effect.toward, effect.away) if dose > 0 else (effect.away, effect.toward)
        assert gained.after > gained.before and lost.after < lost.before
        assert effect.nats.after > effect.nats.before


@pytest.fixture
def beside_a_rival(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small networks that write quatrains: the transformer, and a recurrent one that learned from the same."""
    small_poets.write(tmp_path)
    content = text_models.writer("gru", len(small_poets.VOCABULARY)).SerializeToString()
    digest = hashlib.sha256(content).hexdigest()
    measured = {"nats": 2.0, "accuracy": 0.25, "tokens": 100, "unigram": 4.0}
    told = {"architecture": "gru", "heads": 0, "bytes": len(content), "sha256": digest, "held_out": measured}
    small_poets.write(tmp_path, "rival", **told)
    (tmp_path / "rival" / "1" / "model.onnx").write_bytes(content)
    found = transformer_models.load(tmp_path)
    kept = (transformers.vocabulary, transformers.reader, transformers.lens, transformers.cached)
    for one in kept:
        one.clear()
    monkeypatch.setattr(transformers, "zoo", lambda: found)
    yield
    for one in kept:
        one.clear()


def test_a_rival_is_shown_beside_the_transformer_and_measured_when_asked(beside_a_rival: None) -> None:
    app = visit("transformer", section="rival")
    shown = "".join(one.value for one in app.html)
    assert formats.number(math.exp(2.0)) in shown and formats.percent(0.25) in shown
    energy = STRINGS["en"]["transformer.rival.energy"]
    assert energy not in shown
    app.button(key="look_rival_button").click().run()
    assert energy in "".join(one.value for one in app.html)
    signs = quatrains.read(OPENING, Poem(), transformers.vocabulary("poet_zh"), small_poets.CONTEXT).signs
    (said,) = [one.value for one in app.caption if "one by one" in one.value]
    assert str(len(signs)) in said


def test_what_attention_gains_is_the_difference_of_the_losses_and_what_it_keeps_grows(beside_a_rival: None) -> None:
    app = visit("transformer", section="rival")
    app.button(key="look_rival_button").click().run()
    (said,) = [one.value for one in app.markdown if "gains" in one.value and "**" in one.value]
    loss = transformers.zoo().cards["poet_zh"].held_out.nats
    assert formats.percent(abs(1 - math.exp(loss - 2.0))) in said and ("lower" in said) == (loss < 2.0)
    read = quatrains.read(OPENING, Poem(), transformers.vocabulary("poet_zh"), small_poets.CONTEXT)
    cache = transformers.cached("poet_zh", "cpu").start(read.ids).cache
    assert formats.size(sum(part.nbytes for part in cache.values())) in said


def test_one_gpu_for_both_is_named_once_and_a_teacher_with_it() -> None:
    plain = replace(transformers.zoo().cards[ZH].training, seconds=90.0, accelerator=None, teacher=None)
    on_gpu = replace(plain, accelerator=Accelerator("a GPU", 1.0))
    taught = replace(on_gpu, teacher=Teacher(parameters=9, epochs=1, seconds=30.0, nats=4.0))
    for both, key in (([on_gpu, taught], "training_gpu"), ([taught, taught], "training_taught")):
        label, *times = rival._training(both)
        assert label in [strings[f"transformer.rival.{key}"].format(gpu="a GPU") for strings in STRINGS.values()]
        assert times == [formats.duration(90.0)] * 2
    label, *times = rival._training([plain, taught])
    assert "a GPU" not in label and "a GPU" in times[1] and "a GPU" not in times[0]


@pytest.mark.parametrize("name", poets.NAMES)
def test_without_a_rival_there_is_no_such_section(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(state, "rival", lambda card: None)
    app = visit("transformer", model=name, section="rival")
    control = app.segmented_control(key="look_section_widget")
    assert STRINGS["en"]["transformer.section.rival"] not in control.options and app.query_params["section"] == "opened"
