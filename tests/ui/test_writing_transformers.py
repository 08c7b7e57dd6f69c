"""The page on writing with transformers: poems as they are asked for, their marks, what can't be read, their record."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from glassbox.text.memorisation import Run
from glassbox.text.poet import Poet, Request
from glassbox.text.quatrains import END, LINES, Asked
from glassbox.text.sampling import Sampling, WrittenCharacter
from glassbox.text.tokens import TextError
from glassbox.text.transformer import CachedTransformer
from glassbox.ui.base import i18n
from glassbox.ui.components import text_writer
from glassbox.ui.frame import transformers
from glassbox.ui.pages.writing import poem, sheets, state, writers
from glassbox.ui.pages.writing.sheets import Sheet
from glassbox.ui.pages.writing.state import Settings, Wanted
from glassbox.zoo import transformer_models
from glassbox.zoo.transformer_models import TransformerZoo
from tests import play_writers, poets
from tests.poets import CHARACTERS, LENGTH, SOUNDS
from tests.ui.dashboard import component, components, is_said, visit

EN = i18n.strings("en")
KEPT = (
    transformers.cached,
    transformers.poet,
    transformers.play_writer,
    transformers.training_index,
    transformers.prosody,
)
WANTED = Wanted("wujue", "tang", "regulated")


def shares(kind: str, form: str, rule: str = "", regulated: float = 0.5) -> dict[str, Any]:
    same = {"right_form": 0.99, "rhyme": 0.875, "copied_lines": 0.01, "copied_runs": 0.02}
    return same | {
        "kind": kind, "form": form, "rule": rule, "count": 30, "regulated": regulated, "longest_run": 9
    }  # fmt: skip


RECORD = {
    "temperature": 0.8,
    "top_k": 40,
    "run": 8,
    "shares": [
        shares("sampled", "wujue", "regulated", 0.93),
        shares("sampled", "wujue", "free", 0.21),
        shares("real", "wujue", regulated=0.51),
        shares("characters", "wujue", regulated=0.03),
    ],
}


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> TransformerZoo:
    folder: Path = tmp_path_factory.mktemp("transformers")
    poets.write(folder, poems=RECORD)
    poets.write_sounds_and_index(folder)
    poets.write(folder, "another", seed=1)
    poets.write(folder, "rival", architecture="gru")
    play_writers.write(folder)
    return transformer_models.load(folder)


@pytest.fixture(scope="module")
def poet(zoo: TransformerZoo) -> Poet:
    return Poet(CachedTransformer(zoo.model_bytes("poet_zh"), zoo.cards["poet_zh"].context), zoo.cards["poet_zh"])


@pytest.fixture(autouse=True)
def small_zoo(zoo: TransformerZoo, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(transformers, "zoo", lambda: zoo)
    for kept in KEPT:
        kept.clear()
    yield
    for kept in KEPT:
        kept.clear()


def opened(language: str = "en", **link: str) -> AppTest:
    return visit("writing", language, **{"writer": "poet_zh", "form": "wujue", "top_k": "10", **link})


def text(app: AppTest) -> str:
    return "".join(sign for sign, _, _ in component(app, "text_writer")["characters"])


def settings(choices: tuple[tuple[int, str], ...] = (), **changes: str) -> Settings:
    wanted = Wanted(**{"form": "wujue", "dynasty": "song", "rule": "free"} | changes)
    return Settings("poet_zh", "", 0.8, 10, 3, choices, 0.9, wanted)


# --- Which networks ---------------------------------------------------------------------------------------------------


def test_transformers_are_offered_by_what_their_cards_say_they_write() -> None:
    offered = writers.offered()
    assert list(offered)[-2:] == ["zh", "en"] and set(offered) == {"zh", "en", "another", "poet_en", "poet_zh"}
    assert {one.task for one in offered.values()} == {"sentences", "plays", "quatrains"}
    names = opened().button_group(key="writing_writer_widget").options
    assert len(names) == len(offered)


@pytest.mark.parametrize(
    ("language", "link", "writer"),
    [
        ("zh", {}, "another"),
        ("en", {}, "poet_en"),
        ("zh", {"writer": "zh"}, "zh"),
        ("en", {"writer": "poet_zh"}, "poet_zh"),
        ("zh", {"writer": "none such"}, "another"),
        ("en", {"prompt": "the film "}, "en"),
        ("zh", {"prompt": "我想"}, "zh"),
    ],
)
def test_a_poet_of_the_pages_language_is_the_first_thing_seen(language: str, link: dict[str, str], writer: str) -> None:
    assert visit("writing", language, **link).query_params["writer"] == writer


def test_plays_are_written_on_from_a_prompt_with_the_same_controls() -> None:
    app = visit("writing", writer="poet_en", prompt="to be", top_p="0.8")
    data = component(app, "text_writer")
    assert data["prompt"] == "to be" and len(data["characters"]) == sheets.FIRST and data["poem"] is None
    zoo = transformers.zoo()
    writer = transformers.PlayWriter(
        CachedTransformer(zoo.model_bytes("poet_en"), zoo.cards["poet_en"].context), zoo.cards["poet_en"]
    )
    wanted = writer.write("to be", sheets.FIRST, Sampling(0.8, 20, 0.8, 1))
    assert text(app) == "".join(one.character for one in wanted)
    assert any(is_said("writing.size_plays", one.value) for one in app.markdown)
    assert "form" not in app.query_params and app.query_params["prompt"] == "to be"


@pytest.mark.parametrize("prompt", ["春", "to\x07be", "to " * 200])
def test_a_prompt_that_plays_do_not_go_on_from_is_said_and_kept(prompt: str) -> None:
    app = visit("writing", writer="poet_en", prompt="to be", state={"writing_prompt": prompt})
    app.session_state["writing_prompt"] = prompt
    app.run()
    assert len(app.error) == 1 and app.selectbox(key="writing_prompt_widget").value == prompt


# --- A poem as it is asked for ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "words", "request_"),
    [
        ("nothing", "春江", Request(Asked("wujue"))),
        ("lines", "", Request(Asked("wujue"))),
        ("lines", "春江花月夜，风雪/山水", Request(Asked("wujue"), ("春江花月夜", "风雪", "山水"))),
        ("acrostic", "春江花", Request(Asked("wujue"), ("春", "江", "花"))),
        ("theme", "春江", Request(Asked("wujue", theme="春江"))),
    ],
)
def test_what_is_given_is_what_the_network_is_asked_for(given: str, words: str, request_: Request) -> None:
    assert sheets.request(Wanted("wujue", "tang", "regulated", given, words)) == request_


def test_the_page_writes_what_the_network_writes() -> None:
    app = opened(dynasty="song", rule="free", given="acrostic", words="春江花月", top_p="0.9", seed="3")
    zoo = transformers.zoo()
    writer = Poet(CachedTransformer(zoo.model_bytes("poet_zh"), zoo.cards["poet_zh"].context), zoo.cards["poet_zh"])
    wanted = list(writer.write(Request(Asked("wujue", "song", "free"), tuple("春江花月")), Sampling(0.8, 10, 0.9, 3)))
    data = component(app, "text_writer")
    assert text(app) == "".join(one.character for one in wanted)
    assert [line[:1] for line in text(app).split(END)] == [*"春江花月", ""]
    assert data["given"] == [place * (LENGTH + 1) for place in range(LINES)]
    assert data["limit"] == data["start"] == len(data["characters"]) == LINES * (LENGTH + 1)


def test_link_repeats_the_poem_with_its_ways_and_its_layout() -> None:
    app = opened(seed="7", given="theme", words="春江", layout="horizontal")
    before = component(app, "text_writer")
    taken = next(sign for sign, _ in before["characters"][7][2] if sign not in (before["characters"][7][0], END))
    app.session_state["writing_ways"] = ((7, taken),)
    app.run()
    data = component(app, "text_writer")
    assert data["running"] and data["start"] == 8 and data["taken"] == [7]
    assert text(app)[7] == taken and not data["poem"]["vertical"]
    names = ("writer", "form", "dynasty", "rule", "given", "words", "layout", "temperature", "top_k", "top_p", "seed")
    link = {name: app.query_params[name] for name in (*names, "ways")}
    assert "prompt" not in app.query_params
    assert text(visit("writing", **link)) == text(app)


def test_a_way_that_could_not_come_ends_the_ways(poet: Poet) -> None:
    plain, forged = Sheet(settings(), 1), Sheet(settings(choices=((4, "<any>"), (400, "春"))), 2)
    sheets.extend(plain, poet, 0)
    sheets.extend(forged, poet, 0)
    assert forged.written == plain.written
    never = next(sign for sign in CHARACTERS if sign not in dict(plain.written[5].alternatives))
    narrow = Sheet(settings(choices=((5, never), (6, "春"))), 3)
    sheets.extend(narrow, poet, 0)
    assert narrow.written == plain.written and sheets.taken(narrow) == []


@pytest.mark.parametrize(
    "link",
    [
        {"form": "sonnet"},
        {"dynasty": "ming"},
        {"rule": "<tang>"},
        {"given": "all"},
        {"words": "春" * 65},
        {"layout": "round"},
        {"top_p": "0"},
        {"top_p": "nan"},
        {"ways": "3.<"},
        {"ways": "399.春"},
    ],
)
def test_forged_links_are_passed_over(link: dict[str, str]) -> None:
    assert component(opened(**link), "text_writer")["characters"]


def test_a_poem_begun_again_is_written_from_its_beginning() -> None:
    app = opened()
    first = component(app, "text_writer")
    app.session_state["writing_sheet"] = Sheet(app.session_state["writing_sheet"].settings, 9, running=True)
    app.run()
    again = component(app, "text_writer")
    assert again["characters"] == first["characters"] and again["running"] and again["start"] == 0


# --- What can't be read -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "words", "said"),
    [
        ("acrostic", "春江花月夜", EN["writing.too_long_acrostic"].format(count=5, limit=4)),
        ("acrostic", "春" * 10_000, EN["writing.too_long_acrostic"].format(count="10,000", limit=4)),
        ("theme", "春江花", EN["writing.too_long_theme"].format(count=3, limit=2)),
        ("theme", "春", EN["frame.text_error.theme"].format(count=1, length=2)),
        ("lines", "春江花月夜风", EN["writing.too_long_lines"].format(count=6, limit=5)),
        ("lines", "春，" * 5, EN["writing.too_long_lines"].format(count=5, limit=20)),
        ("lines", "。，", EN["frame.text_error.blank"]),
        ("lines", "春龘", "龘"),
        ("acrostic", "春\x07", "U+0007"),
    ],
)
def test_what_a_poem_cannot_begin_with_is_said_and_kept(given: str, words: str, said: str) -> None:
    app = opened(given=given)
    app.session_state["writing_words"] = words
    app.run()
    assert said in app.error[0].value and app.text_input(key="writing_words_box").value == words
    assert not components(app, "text_writer")


def test_nothing_given_is_said_and_a_poem_written() -> None:
    app = opened(given="acrostic")
    assert any(EN["writing.nothing_given"][:30] in one.value for one in app.html)
    assert component(app, "text_writer")["characters"]


def test_words_that_are_too_long_for_a_link_are_kept_without_it() -> None:
    app = opened(given="lines")
    app.session_state["writing_words"] = "春" * 500
    app.run()
    assert app.query_params["words"] == "" and app.run().session_state["writing_words"] == "春" * 500


# --- Its marks --------------------------------------------------------------------------------------------------------

POEM = "春江花月夜\n风雪山水云\n天地人心日\n年一不来去\n"


def test_marks_are_the_tones_the_rule_and_the_rhyme() -> None:
    found = poem.marked(POEM, SOUNDS, True, ["said"])
    assert found.vertical and found.said == ["said"]
    names = ("level", "oblique", "either")
    tones = [names[CHARACTERS.index(sign) % 3] if sign != END else "" for sign in POEM]
    assert found.tones == tones
    assert found.ruled == [1, 3, 7, 9, 13, 15, 19, 21]
    for one, other in found.broken:
        assert tones[one] == tones[other] != "either" and one in found.ruled and other in found.ruled
    alike = [pair for pair in ((1, 3), (1, 7), (3, 9), (7, 9), (13, 15), (13, 19), (15, 21), (19, 21))]
    assert sorted(found.broken) == [p for p in alike if tones[p[0]] == tones[p[1]] != "either"]
    assert found.rhymed == []  # 云 and 去 are of different classes
    rhyming = POEM[:-2] + next(sign for sign in CHARACTERS if SOUNDS.rhymes[sign] == SOUNDS.rhymes["云"]) + END
    assert poem.marked(rhyming, SOUNDS, False, []).rhymed == [10, 22]
    assert poem.marked(POEM, None, False, []) == text_writer.Poem(False, [])


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_verdict_is_said(language: str) -> None:
    said = component(opened(language), "text_writer")["poem"]["said"]
    assert len(said) == 4
    rhyme = ("rhymes", "no_rhyme", "repeated_rhyme")
    for sentence, keys in zip(
        said, (("has_form",), ("rule_kept", "rule_broken"), rhyme, ("nothing_copied", "poem_copied")), strict=True
    ):
        assert any(is_said(f"writing.{key}", sentence, language) for key in keys)


def test_a_character_does_not_rhyme_with_itself() -> None:
    sounds = transformers.prosody("poet_zh")
    assert sounds is not None
    of_rhyme = next(iter(sounds.rhymes))
    text = "\n".join(["去一花月夜", f"春江花不{of_rhyme}", "去一花月夜", f"月夜江花{of_rhyme}", ""])
    said = poem.verdict(text, WANTED, sounds)[-1]
    assert any(is_said("writing.repeated_rhyme", said, language) for language in ("en", "zh"))
    assert poem.marked(text, sounds, False, []).rhymed == []


def test_a_poem_that_lost_its_form_is_said_to_have() -> None:
    app = opened(form="qijue")  # the small network writes lines of five alone
    (said, _) = component(app, "text_writer")["poem"]["said"]
    assert said == EN["writing.no_form"].format(lengths="5, 5, 5, 5")


def test_what_stands_in_a_poem_that_was_read_is_underlined_across_lines() -> None:
    index = transformers.training_index("poet_zh")
    assert index is not None
    drawn = [WrittenCharacter(sign, 0.5, ()) for sign in "去一花月夜\n春江花不来\n"]
    sheet = Sheet(settings(), 1, drawn)
    found = sheets.copied(sheet, index, 5)
    assert found == (Run(2, 9),)
    said = poem.repeated("去一花月夜\n春江花不来\n", found, 5)
    assert "花月夜春江花" in said and "6" in said
    assert sheets.copied(Sheet(settings(), 1, drawn[:6]), index, 5) == ()


# --- Its record -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_record_is_the_cards(language: str) -> None:
    app = opened(language)
    (said,) = [one.value for one in app.markdown if is_said("writing.record_said", one.value, language)]
    for share in ("93.0%", "21.0%", "51.0%", "3.0%", "99.0%", "87.5%"):
        assert share in said
    (table,) = [one.value for one in app.html if "<table" in one.value and "93.0%" in one.value]
    assert table.count("<tr") == 1 + len(RECORD["shares"])
    (memorised,) = [one.value for one in app.markdown if is_said("writing.memorised_quatrains", one.value, language)]
    assert "**22.0%**" in memorised and "**25.0%**" in memorised
    assert i18n.strings(language)["transformer.question"] in [
        one.proto.label for one in app.get("page_link") if one.proto.page.endswith("transformer")
    ]


def test_without_sounds_index_and_record_the_page_says_so() -> None:
    app = opened(writer="another")
    data = component(app, "text_writer")
    assert data["copied"] is None and data["poem"]["tones"] == []
    assert EN["writing.no_prosody"] in data["poem"]["said"] and EN["writing.no_index"] in data["poem"]["said"]
    assert not any(is_said("writing.record_said", one.value) for one in app.markdown)


@pytest.mark.parametrize(
    ("kind", "wanted"), [("all", "all"), ("vertical", "vertical"), ("horizontal", "horizontal"), ("round", "")]
)
def test_the_rest_and_the_layout_are_asked_for(kind: str, wanted: str) -> None:
    assert text_writer.checked({"number": 4, "kind": kind, "place": 0}, 4, ()) == (wanted, 0, "")


def test_an_error_names_lines_that_are_too_many() -> None:
    with pytest.raises(TextError) as caught:
        sheets.request(Wanted("qijue", "tang", "free", "lines", "春 江 花 月 夜"))
    assert caught.value.code == "too_long" and caught.value.reason.details["limit"] == 28
    assert state.TOP_PS[-1] == 1
