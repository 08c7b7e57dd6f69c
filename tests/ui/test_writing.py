"""The page on writing without a browser: the sheet, its ways and its link, on small networks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from glassbox.text import memorisation
from glassbox.text.sampling import Sampling, WrittenCharacter
from glassbox.text.writer import Writer
from glassbox.ui.base import i18n
from glassbox.ui.components import text_writer
from glassbox.ui.frame import texts, transformers
from glassbox.ui.pages.writing import sheets, state
from glassbox.ui.pages.writing.sheets import Sheet
from glassbox.ui.pages.writing.state import MAX_CHARACTERS, Settings
from glassbox.zoo import text_models as text_zoo
from glassbox.zoo import transformer_models
from glassbox.zoo.transformer_models import TransformerZoo
from tests import play_writers, poets, text_models
from tests.text_models import WRITERS
from tests.ui.dashboard import component, is_said, visit

EN = i18n.strings("en")
KEPT = (
    texts.writer,
    texts.training_index,
    transformers.cached,
    transformers.poet,
    transformers.play_writer,
    transformers.training_index,
    transformers.prosody,
)
PROMPT = "今天"
FIRST = Sampling(temperature=0.8, top_k=20, seed=1)
SAMPLING = Sampling(temperature=0.8, top_k=5, seed=3)
KNOWN = slice(30, 44)
"""The part of what the small Chinese writer writes first that stands in its training text; it lies in one line."""


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> text_zoo.TextZoo:
    folder = tmp_path_factory.mktemp("models")
    for name in WRITERS:
        text_models.write(folder, name)
    alone = text_zoo.load(folder)
    drawn = Writer(alone.model_bytes("char_zh"), alone.writers["char_zh"]).write(PROMPT, 48, FIRST)
    written = "".join(one.character for one in drawn)
    text_models.write_index(folder, "char_zh", [written[KNOWN]], length=6)
    return text_zoo.load(folder)


@pytest.fixture(scope="module")
def transformer_zoo(tmp_path_factory: pytest.TempPathFactory) -> TransformerZoo:
    folder = tmp_path_factory.mktemp("transformers")
    poets.write(folder)
    play_writers.write(folder)
    poets.write_sounds_and_index(folder)
    return transformer_models.load(folder)


@pytest.fixture(scope="module")
def writer(zoo: text_zoo.TextZoo) -> Writer:
    return Writer(zoo.model_bytes("char_zh"), zoo.writers["char_zh"])


@pytest.fixture(autouse=True)
def small_zoo(
    zoo: text_zoo.TextZoo, transformer_zoo: TransformerZoo, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.setattr(texts, "zoo", lambda: zoo)
    monkeypatch.setattr(transformers, "zoo", lambda: transformer_zoo)
    for kept in KEPT:
        kept.clear()
    yield
    for kept in KEPT:
        kept.clear()


def opened(**link: str) -> AppTest:
    return visit("writing", **{"writer": "zh", "prompt": PROMPT, **link})


def text(app: AppTest) -> str:
    return "".join(sign for sign, _, _ in component(app, "text_writer")["characters"])


def settings(**changes: Any) -> Settings:
    given: dict[str, Any] = {"writer": "zh", "prompt": PROMPT, "temperature": 0.8, "top_k": 5, "seed": 3}
    return Settings(**given | changes)


def test_pieces_make_the_text_that_is_written_at_once(writer: Writer) -> None:
    sheet = Sheet(settings(), 1)
    for upto in (1, 7, 8, 30):
        sheets.extend(sheet, writer, upto)
        assert len(sheet.written) == upto
    whole = [one.character for one in writer.write(PROMPT, 30, SAMPLING)]
    found = "".join(one.character for one in sheet.written)
    assert found.translate(str.maketrans("，", ",")) == "".join(whole)
    assert "，" in found or "," not in found


def test_a_way_changes_one_character_and_what_follows_from_it(writer: Writer) -> None:
    plain, other = Sheet(settings(), 1), Sheet(settings(), 2)
    sheets.extend(plain, writer, 20)
    taken = next(sign for sign, _ in plain.written[6].alternatives if sign != plain.written[6].character)
    other.settings = settings(choices=((6, taken),))
    sheets.extend(other, writer, 20)
    assert other.written[:6] == plain.written[:6]
    assert other.written[6].character == taken
    assert other.written[6].alternatives == plain.written[6].alternatives
    assert other.written[6].probability == dict(plain.written[6].alternatives)[taken]
    beginning = PROMPT + "".join(one.character for one in other.written[:7])
    expected = [one.probability for one in writer.write(beginning, 13, SAMPLING)]
    assert [one.probability for one in other.written[7:]] == pytest.approx(expected)


def test_a_way_that_could_not_come_is_passed_over(writer: Writer) -> None:
    plain, forged = Sheet(settings(), 1), Sheet(settings(choices=((4, "龘"),)), 2)
    for sheet in (plain, forged):
        sheets.extend(sheet, writer, 10)
    assert forged.written == plain.written


def test_a_sheet_ends(writer: Writer) -> None:
    sheet = Sheet(settings(), 1)
    sheets.extend(sheet, writer, 10_000)
    assert len(sheet.written) == MAX_CHARACTERS


@pytest.mark.parametrize("ways", [(), ((0, "好"),), ((3, "."), (40, "\n"), (399, "9"))])
def test_ways_come_back_from_the_link(ways: tuple[tuple[int, str], ...]) -> None:
    link = "".join(f"{place}.{sign}" for place, sign in ways)
    assert state.parse_choices(link) == ways


@pytest.mark.parametrize("link", ["x", "3.", "5.a4.b", "5.a5.b", "400.a", "1.a;", "".join(f"{n}.a" for n in range(21))])
def test_forged_ways_are_none(link: str) -> None:
    assert state.parse_choices(link) is None


def test_link_repeats_the_text_with_its_ways() -> None:
    app = opened(seed="7", temperature="1.2", top_k="10")
    characters = component(app, "text_writer")["characters"]
    taken = next(sign for sign, _ in characters[5][2] if sign != characters[5][0])
    app.session_state["writing_ways"] = ((5, taken),)
    app.run()
    link = {name: app.query_params[name] for name in ("writer", "prompt", "temperature", "top_k", "seed", "ways")}
    assert link["ways"] == f"5.{taken}" and link["seed"] == "7" and link["temperature"] == "1.2"
    other = opened(**link)
    assert text(other).startswith(text(app)) and component(other, "text_writer")["taken"] == [5]


@pytest.mark.parametrize(
    "link",
    [{"temperature": "9"}, {"top_k": "4"}, {"seed": "1e3"}, {"prompt": "好" * 101}, {"ways": "1"}, {"writer": "fr"}],
)
def test_forged_links_are_passed_over(link: dict[str, str]) -> None:
    app = opened(**link)
    assert len(component(app, "text_writer")["characters"]) == sheets.FIRST


def test_on_coming_all_stands_there_and_a_new_setting_writes_anew() -> None:
    app = opened()
    first = component(app, "text_writer")
    assert first["start"] == len(first["characters"]) == sheets.FIRST and not first["running"]
    app.select_slider(key="writing_temperature_widget").set_value(0.2).run()
    second = component(app, "text_writer")
    assert second["number"] != first["number"] and second["running"] and second["start"] == 0
    assert app.query_params["temperature"] == "0.2"


def test_taking_a_way_keeps_what_stands_before_it() -> None:
    app = opened()
    before = text(app)
    sign = next(sign for sign, _ in component(app, "text_writer")["characters"][9][2] if sign != before[9])
    writing = app.session_state["writing_sheet"]
    app.session_state["writing_ways"] = (*writing.settings.choices, (9, sign))
    app.run()
    data = component(app, "text_writer")
    assert data["start"] == 10 and data["running"] and text(app)[:10] == before[:9] + sign


def test_another_language_begins_in_its_own_way() -> None:
    app = opened()
    app.session_state["writing_writer"] = "en"
    app.session_state["writing_prompt"] = state.PROMPTS["en"][0]
    app.run()
    assert component(app, "text_writer")["prompt"] == state.PROMPTS["en"][0]


def test_a_prompt_that_cannot_be_read_is_said_and_kept() -> None:
    app = opened()
    app.session_state["writing_prompt"] = "今\x07天"
    app.run()
    assert "U+0007" in app.error[0].value
    assert app.selectbox(key="writing_prompt_widget").value == "今\x07天"


def test_what_stands_in_the_training_text_is_underlined_and_said() -> None:
    app = opened()
    data = component(app, "text_writer")
    assert "\n" not in text(app)[KNOWN] and "，" in text(app)[KNOWN]
    assert data["copied"] == [[KNOWN.start, KNOWN.stop]] and data["run_length"] == 6
    assert any(EN["writing.copied"].format(length=6) == one.value for one in app.caption)
    assert not any("made up" in one.value for one in app.caption)


def test_a_run_may_begin_in_the_prompt_and_is_found_in_full_width(zoo: text_zoo.TextZoo) -> None:
    index = memorisation.index(["今天好,电影?", "b" * 6], 6, bits=30)
    drawn = [WrittenCharacter(sign, 0.5, ()) for sign in "好，电影？\nbbbbbb"]
    sheet = Sheet(settings(prompt="哪里\n ａ今天"), 1, drawn)
    assert sheets.copied(sheet, index) == ((0, 5), (6, 12))
    assert sheets.copied(Sheet(settings(prompt=""), 1, drawn[:3]), index) == ()


def test_without_an_index_nothing_is_underlined_and_the_page_says_so() -> None:
    app = visit("writing", writer="en")
    assert component(app, "text_writer")["copied"] is None
    assert EN["writing.no_index"] in [one.value for one in app.caption]
    assert not app.exception and not any(is_said("writing.memorised", one.value) for one in app.markdown)


def test_the_share_that_was_measured_is_said_beside_that_of_unseen_sentences() -> None:
    (said,) = [one.value for one in opened().markdown if is_said("writing.memorised", one.value)]
    assert "**28.0%**" in said and "**25.0%**" in said and "40,000" in said


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_legend_never_says_that_what_is_written_is_made_up(language: str) -> None:
    strings = i18n.strings(language)
    said = [text for key, text in strings.items() if key.startswith("writing.")]
    assert not [text for text in said if "made up" in text or "都是编" in text]


WRITTEN = (WrittenCharacter("a", 0.5, (("a", 0.5), ("b", 0.25))),)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"number": 1, "kind": "more", "place": 1}, ("more", 1, "")),
        ({"number": 1, "kind": "take", "place": 0, "sign": "b"}, ("take", 0, "b")),
        ({"number": 1, "kind": "again"}, ("again", 0, "")),
        ({"number": 2, "kind": "more", "place": 1}, ("", 0, "")),
        ({"number": 1, "kind": "more", "place": 2}, ("", 0, "")),
        ({"number": 1, "kind": "more", "place": True}, ("", 0, "")),
        ({"number": 1, "kind": "take", "place": 0, "sign": "c"}, ("", 0, "")),
        ({"number": 1, "kind": "take", "place": 1, "sign": "a"}, ("", 0, "")),
        ({"number": 1, "kind": "x", "place": 0}, ("", 0, "")),
        (None, ("", 0, "")),
    ],
)
def test_only_what_is_possible_is_done(asked: object, wanted: tuple[str, int, str]) -> None:
    assert text_writer.checked(asked, 1, WRITTEN) == wanted


def test_perplexity_is_said_with_the_baselines(zoo: text_zoo.TextZoo) -> None:
    app, card = opened(), zoo.writers["char_zh"]
    (said,) = [one.value for one in app.markdown if "parameters**" in one.value]
    assert f"**{card.parameters} parameters**" in said
    assert f"{card.perplexity_per_character:.3g} equally likely characters" in said
    assert f"{card.baseline.perplexity_per_character:.3g}" in said


def test_without_models_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in WRITERS:
        text_models.write(tmp_path, name)
        (tmp_path / name / "1" / "model.onnx").unlink()
    empty = text_zoo.load(tmp_path)
    monkeypatch.setattr(texts, "zoo", lambda: empty)
    app = visit("writing")
    assert len(app.warning) == len(WRITERS)
