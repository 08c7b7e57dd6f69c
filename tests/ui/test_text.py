"""The page on text without a browser, on small networks whose numbers can be worked out."""

import base64
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from glassbox.csv_file import CsvError
from glassbox.input_error import Reason
from glassbox.paths import MODELS
from glassbox.text.neighbours import active_pattern
from glassbox.text.punctuation import full_width
from glassbox.text.reader import TextReader, TextVerdict
from glassbox.text.tokens import LIMIT
from glassbox.ui.base import formats, i18n
from glassbox.ui.components import text_box
from glassbox.ui.frame import texts
from glassbox.ui.pages.text import attribution, own_texts, record, similar, state, substitution
from glassbox.zoo import text_models as text_zoo
from tests import text_checks, text_models
from tests.model_names import english
from tests.text_models import CLASSIFIERS, FAMILIES, WRITERS
from tests.ui.dashboard import component, components, is_said, visit

STRINGS = {language: i18n.strings(language) for language in i18n.LANGUAGES}
EN = STRINGS["en"]
CHINESE = "今天去看电影,真好看。"
ENGLISH = "the film is not very good, it's bad"
NAMES = FAMILIES["text_zh"]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> TextReader:
    folder = tmp_path_factory.mktemp("models")
    for name in (*CLASSIFIERS, *WRITERS):
        text_models.write(folder, name, bidirectional=name == "text_zh_lstm")
    return TextReader(text_zoo.load(folder))


@pytest.fixture(autouse=True)
def small_zoo(reader: TextReader, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(texts, "zoo", lambda: reader.zoo)
    monkeypatch.setattr(texts, "reader", lambda provider: reader)
    yield
    similar.corpus.shared.clear()
    attribution.attribute.shared.clear()


def opened(language: str = "en", **link: str) -> AppTest:
    return visit("text", language, **{"task": "topic", "text": CHINESE, **link})


def written(shares: Sequence[Sequence[float]]) -> list[list[str]]:
    """Probabilities (tokens, labels) as they are shown."""
    return [list(map(formats.percent, row)) for row in shares]


def write(app: AppTest, text: str, task: str | None = None) -> AppTest:
    app.session_state["text_text"] = text
    if task:
        app.session_state["text_task"] = task
    return app.run()


def test_three_readings_are_the_readers(reader: TextReader) -> None:
    app = opened()
    given = components(app, "passage")[0]["passages"]
    found = reader.read(CHINESE, NAMES)
    assert [one["name"] for one in given] == list(NAMES)
    for one in given:
        reading = found[one["name"]]
        assert one["verdict"] == EN[f"text.label.{reading.label}"]
        assert written(one["shares"]) == written(reading.after)
        best = reading.after.argmax(axis=1)
        changes = [0, *(i for i in range(1, len(best)) if best[i] != best[i - 1])]
        labels = reader.zoo.cards[one["name"]].labels
        assert one["marks"] == [[place, EN[f"text.label.{labels[best[place]]}"]] for place in changes]
    assert "".join(before + text for before, text, _ in given[0]["tokens"]) == full_width(CHINESE)


def test_words_keep_their_spaces_and_unknown_ones_are_known_as_such() -> None:
    given = components(opened(task="sentiment", text="the film, like, it's good"), "passage")[0]["passages"][0]
    assert "".join(before + text for before, text, _ in given["tokens"]) == "the film, like, it's good"
    assert [text for _, text, known in given["tokens"] if not known] == ["like"]
    assert not given["signed"]


def test_link_carries_task_text_and_view_and_brings_them_back() -> None:
    app = opened(task="sentiment", text=ENGLISH, view="swap")
    assert component(app, "text_box")["text"] == ENGLISH
    assert app.session_state["text_view"] == "swap"
    write(app, "the film is good")
    assert app.query_params["text"] == "the film is good" and app.query_params["task"] == "sentiment"


@pytest.mark.parametrize("link", [{"task": "x"}, {"text": "好" * (LIMIT + 1)}, {"view": "x"}])
def test_forged_links_show_the_pages_own_beginning(link: dict[str, str]) -> None:
    app = opened(**link)
    assert app.session_state["text_task"] in state.TASKS
    assert 0 < len(component(app, "text_box")["text"]) <= LIMIT


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), (" \n ", "blank"), ("好" * 501, "too_long"), ("今\x07天", "control"), ("龘龘", "unknown_only")],
)
def test_what_cannot_be_read_is_said_and_kept(language: str, text: str, code: str) -> None:
    app = write(opened(language), text)
    (said,) = [error.value for error in app.error]
    assert is_said(f"frame.text_error.{code}", said, language)
    assert component(app, "text_box")["text"] == text


def test_a_megabyte_is_counted_though_its_beginning_alone_is_sent(reader: TextReader) -> None:
    app = opened()
    beginning = "好" * text_box.SENT
    app.session_state["text_text"] = app.session_state["text_in_box"] = beginning
    app.session_state["text_count"] = (beginning, 1_000_000)
    app.run()
    assert "1,000,000" in app.error[0].value and "500" in app.error[0].value


@pytest.mark.parametrize("cell", text_zoo.CELLS)
def test_states_and_gates_reach_the_browser(reader: TextReader, cell: str) -> None:
    app = opened(view="inside")
    app.session_state["text_cell"] = cell
    app.run()
    data = component(app, "time_film")
    reading = reader.read(CHINESE, [f"text_zh_{cell}"])[f"text_zh_{cell}"]
    (network,) = data["networks"]
    panels = {panel["part"]: panel for panel in network["panels"]}
    assert set(panels) == {"state", *reading.gates}
    for part, values in {"state": reading.states, **reading.gates}.items():
        arrived = np.frombuffer(base64.b64decode(panels[part]["values"]), "<f2").reshape(values.shape)
        np.testing.assert_allclose(arrived, values, rtol=1e-3, atol=1e-4)
    assert "".join(data["labels"]) == full_width(CHINESE)
    assert [share for _, share in network["verdicts"]] == [formats.percent(row.max()) for row in reading.after]


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_curves_end_at_the_confidence_of_the_verdict(reader: TextReader, cell: str) -> None:
    """The temperature of the small zoo is not 1: the plain softmax would end elsewhere."""
    name = f"text_zh_{cell}"
    share = formats.percent(reader.read(CHINESE, [name])[name].confidence)
    deletion, insertion = components(opened(view="decided", cell=cell), "curves")
    assert {formats.percent(curve["values"][0]) for curve in deletion["curves"]} == {share}
    assert {formats.percent(curve["values"][-1]) for curve in insertion["curves"]} == {share}


def test_attributions_come_with_their_scores_and_chance(reader: TextReader) -> None:
    app = opened(view="decided")
    given = components(app, "passage")[1]["passages"]
    assert [one["name"] for one in given] == ["integrated_gradients", "occlusion"]
    for one in given:
        assert max(abs(shade) for shade in one["shades"]) == 1 and one["signed"]
    table = next(one.value for one in app.html if "<table" in one.value)
    assert all(EN[f"frame.method.{name}"] in table for name in ("integrated_gradients", "occlusion", "random"))


def test_another_word_is_read_in_its_place(reader: TextReader) -> None:
    app = opened(task="sentiment", text=ENGLISH, view="swap")
    app.session_state["text_swap"] = (ENGLISH, 5)  # "good"
    app.run()
    assert EN["text.swap_box"].format(token="`good`") in [one.value for one in app.markdown]
    (box,) = app.text_input  # read out by its label as it is written: no Markdown in it
    assert not set(box.label) & set("`*_[]<>$:")
    box.set_value("bad").run()
    _, after = components(app, "passage")[1]["passages"]
    assert "".join(b + word for b, word, _ in after["tokens"]) == ENGLISH.replace("good", "bad")
    best = state.best_card(reader.zoo, "sentiment")
    assert best is not None
    expected = reader.read(ENGLISH.replace("good", "bad"), [best.name])[best.name]
    assert written(after["shares"]) == written(expected.after)
    assert components(app, "passage")[1]["picked"] == {"before": [5], "after": [5]}


def test_change_is_told_in_points(reader: TextReader) -> None:
    name = "text_en_gru"
    one = reader.read(ENGLISH, [name])[name]
    other = replace(one, probabilities=one.probabilities[::-1].copy())
    card = reader.zoo.cards[name]
    *_, change = substitution.comparison_row(card, before=one, after=other)
    points = 100 * float(other.probabilities[one.probabilities.argmax()] - one.confidence)
    assert f"−{abs(points):.1f}" in change
    assert " 0.0 " in substitution.comparison_row(card, before=one, after=one)[-1]


def test_a_text_excites_its_own_units_most(reader: TextReader) -> None:
    texts = ("今天吃饭", "<b>今天</b>去看电影", "去哪里")
    reading = reader.read(texts[1], ["text_zh_gru"])["text_zh_gru"]
    searched = similar.corpus.own("text_zh_gru", "", "digest", reader, texts)
    last = len(reading.tokens) - 1
    matches = searched.nearest(active_pattern(reading.states, last - 2, last, 0.05), 3, 0.05, 3)
    assert searched.rows[matches[0].index] == 1 and matches[0].share == 1
    shown = similar.matches_html(matches, searched, ("a", "b & c", "d"), "#1B8A94")
    assert shown.index("看电影</mark>") < shown.index("</li>") and "&lt;b&gt;" in shown and "b &amp; c" in shown


def test_like_texts_are_found_on_the_page() -> None:
    app = opened(view="alike")
    (found,) = [one.value for one in app.html if "<ol class" in one.value]
    assert found.count("<li>") == similar.SHOWN
    assert any("units" in one.value for one in app.markdown)


TABLE = "编号,内容\r\n1,今天去看电影\r\n2,\r\n3,去哪里吃饭\r\n".encode("gb18030")


def upload(app: AppTest, data: bytes) -> AppTest:
    app.file_uploader[0].upload("texts.csv", data)
    return app.run()


def test_a_column_of_texts_gives_a_column_of_verdicts(reader: TextReader) -> None:
    app = upload(opened(view="table"), TABLE)
    assert not app.error
    assert app.selectbox(key="text_own_column").value == "内容"
    best = state.best_card(reader.zoo, "topic")
    assert best is not None
    expected = list(reader.verdicts(best.name, ["今天去看电影", "", "去哪里吃饭"]))
    result = app.session_state["text_sheet_result"]
    lines = list(csv.DictReader(io.StringIO(result.file.decode("utf-8-sig"))))
    for line, verdict in zip(lines, expected, strict=True):
        if isinstance(verdict, Reason):
            assert line["problem"] == EN["text.batch.problem_empty"] and line["verdict"] == ""
        else:
            assert line["verdict"] == EN[f"text.label.{verdict.label}"]
            assert float(line["confidence"]) == pytest.approx(verdict.confidence, abs=1e-5)
    assert (
        sum(isinstance(one, TextVerdict) for one in expected) == sum(result.counts.values()) == 2 and result.unread == 1
    )


def test_like_texts_are_found_in_ones_own_file() -> None:
    app = opened(view="alike")
    app.session_state["text_source"] = "own"
    app.run()
    app = upload(app, TABLE)
    (found,) = [one.value for one in app.html if "<ol class" in one.value]
    assert (
        found.count("<li>") == 2 and EN["text.similar.row"].format(row=4) in found
    )  # as a spreadsheet counts, heading first
    assert EN["text.similar.left_out"].format(count=1) in [one.value for one in app.caption]


def test_another_column_and_another_task_are_read_anew() -> None:
    app = upload(opened(view="table"), TABLE)
    first = app.session_state["text_sheet_result"]
    app.selectbox(key="text_own_column").set_value("编号").run()
    assert app.session_state["text_sheet_result"].unread == 3
    app.session_state["text_task"] = "sentiment"
    app.run()
    assert app.session_state["text_sheet_result"].made_for[0] != first.made_for[0]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"\xff\xff\xff\xff", "encoding"), (b"", "empty"), (b"text\r\n", "empty"), (b"a,text\r\n1,2,3\r\n", "broken")],
)
def test_a_file_that_cannot_be_used_is_said_and_the_last_one_kept(data: bytes, code: str) -> None:
    app = upload(upload(opened(view="table"), TABLE), data)
    assert is_said(f"text.table_error.{code}", app.error[0].value)
    assert app.session_state["text_own"].column == "内容"


def test_files_are_taken_up_to_the_pages_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CsvError) as large:
        own_texts.read(b"x" * (own_texts.MAX_MEGABYTES * 1_000_000 + 1))
    assert large.value.code == "too_large" and "5.00\u00a0MB" in own_texts.error_message(large.value.reason)
    monkeypatch.setattr(own_texts, "MAX_ROWS", 2)
    with pytest.raises(CsvError) as many:
        own_texts.read(b"text\na\nb\nc\n")
    assert many.value.code == "many"
    assert "`" in own_texts.error_message(CsvError("column", "", column="a`b", columns=("c",)).reason)


def test_record_compares_with_the_baseline(reader: TextReader) -> None:
    card = reader.zoo.cards["text_en_gru"]
    half = (card.accuracy.high - card.accuracy.low) / 2
    for points, kind in ((1.1 * half, "ahead"), (0.9 * half, "level"), (-0.9 * half, "level"), (-1.1 * half, "behind")):
        baseline = replace(card.baseline, macro_accuracy=card.macro_accuracy - points)
        said = record.comparison_with_baseline(replace(card, baseline=baseline))
        assert is_said(f"text.judged_{kind}", said) and f"{card.macro_accuracy:.1%}".rstrip("%") in said
    app = opened(view="record")
    assert sum("<table" in one.value for one in app.html) == 2  # the record and the confusion matrix


@pytest.mark.parametrize("view", ["inside", "decided", "swap", "alike", "table", "record"])
def test_without_models_the_page_says_so(view: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        text_models.write(tmp_path, name)
        (tmp_path / name / "1" / "model.onnx").unlink()
    empty = TextReader(text_zoo.load(tmp_path))
    monkeypatch.setattr(texts, "zoo", lambda: empty.zoo)
    monkeypatch.setattr(texts, "reader", lambda provider: empty)
    app = opened(view=view)
    assert [warning.value for warning in app.warning] == [
        EN["frame.refused.model"].format(model=english(name), reason=EN["frame.refused.missing"]) for name in NAMES
    ]


@pytest.fixture
def with_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The small networks for topics, and a check that knows two texts."""
    for name in NAMES:
        text_models.write(tmp_path, name)
    text_checks.write(tmp_path, [CHINESE, "今天去看电影"])
    checked = TextReader(text_zoo.load(tmp_path))
    monkeypatch.setattr(texts, "zoo", lambda: checked.zoo)
    monkeypatch.setattr(texts, "reader", lambda provider: checked)


@pytest.mark.usefixtures("with_check")
def test_a_text_of_few_runs_is_not_called_like_those_learned_from() -> None:
    app = opened("en", view="record")
    write(app, "今天")
    said = STRINGS["en"]["text.familiarity.short"]
    assert said in [one.value for one in app.caption]
    assert not any(is_said("text.familiarity.like", one.value, "en") for one in app.caption)


@pytest.mark.usefixtures("with_check")
@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_text_unlike_those_learned_from_is_said_to_be_so_beside_the_verdicts(language: str) -> None:
    app = opened(language, view="record")
    assert not [one for one in app.html if 'class="gb-notice"' in one.value]
    assert any(is_said("text.familiarity.like", one.value, language) for one in app.caption)
    kinds = [one.value for one in app.html if STRINGS[language]["text.familiarity.kind_code"] in one.value]
    assert len(kinds) == 1 and formats.percent(0.97) in kinds[0]
    write(app, "哪里吃饭哪里吃饭哪里")
    (notice,) = [one.value for one in app.html if 'class="gb-notice"' in one.value]
    said = notice.removeprefix('<p class="gb-notice">').removesuffix("</p>")
    assert is_said("text.familiarity.unlike", said, language)
    assert "11" in notice and "80" in notice  # its runs, all of them new, and the training texts
    assert STRINGS[language]["text.familiarity.unlike"][:8] in components(app, "passage")[0]["words"]["summary"]


@pytest.mark.usefixtures("with_check")
def test_a_change_that_makes_a_text_strange_is_said() -> None:
    app = opened(view="swap", text="今天去看电影")
    assert not [one for one in app.html if 'class="gb-notice"' in one.value]
    (box,) = app.text_input
    box.set_value("哪里吃饭哪里吃饭哪里").run()
    assert [one for one in app.html if 'class="gb-notice"' in one.value]


@pytest.mark.usefixtures("with_check")
def test_a_file_of_texts_says_which_are_strange() -> None:
    app = upload(opened(view="table"), "text\r\n今天去看电影\r\n哪里吃饭哪里吃饭哪里\r\n".encode())
    result = app.session_state["text_sheet_result"]
    lines = list(csv.DictReader(io.StringIO(result.file.decode("utf-8-sig"))))
    assert [line["familiar"] for line in lines] == ["true", "false"]
    assert result.strange == 1 and [row[-1] for row in result.first] == ["yes", "no"]
    assert any(is_said("text.batch.strange", one.value) for one in app.warning)


SHIPPED = (MODELS / "text_zh_familiarity" / "card.json").exists()


@pytest.mark.skipif(not SHIPPED, reason="the checks are not here: python -m export makes them")
@pytest.mark.parametrize(
    ("task", "text", "strange"),
    [
        ("topic", "今天股市大跌", True),
        ("sentiment", '<div class="row"><p>Hello</p></div>', True),
        ("topic", "这部电影的导演是谁?", False),
    ],
)
def test_the_shipped_networks_are_shown_with_their_check(
    task: str, text: str, strange: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = TextReader(text_zoo.load(MODELS))
    monkeypatch.setattr(texts, "zoo", lambda: shipped.zoo)
    monkeypatch.setattr(texts, "reader", lambda provider: shipped)
    app = opened(task=task, text=text)
    assert bool([one for one in app.html if 'class="gb-notice"' in one.value]) is strange
