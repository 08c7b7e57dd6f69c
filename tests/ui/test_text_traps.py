"""The traps of the page on text, read by the shipped networks."""

import html

import pytest

from glassbox.text.reader import TextReader
from glassbox.ui.base import formats, i18n
from glassbox.ui.pages.text import state, traps
from glassbox.zoo import text_models
from tests.ui.dashboard import visit


@pytest.mark.parametrize("task", state.TASKS)
def test_at_least_one_network_falls_for_each_trap(task: str) -> None:
    reader = TextReader(text_models.load())
    names = state.names(task)
    for trap in traps.traps()[task]:
        readings = reader.read(trap.text, names)
        assert trap.token in trap.text and trap.label in reader.zoo.cards[names[0]].labels
        assert any(one.label != trap.label for one in readings.values()), trap.text


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_trap_is_put_into_the_box_and_explained(language: str) -> None:
    strings = i18n.strings(language)
    app = visit("text", language, task="sentiment")
    assert not [one.value for one in app.html if strings["text.trap.irony_why"] in one.value]
    chips = app.pills(key="text_trap")
    assert chips.options == [strings[f"text.trap.{one.kind}"] for one in traps.traps()["sentiment"]]
    (trap,) = [one for one in traps.traps()["sentiment"] if one.kind == "irony"]
    if language == "en":  # AppTest finds a chip by its words, which outside a visit are English
        chips.set_value(trap.text).run()
    else:
        app = visit("text", language, task="sentiment", text=trap.text)
    (said,) = [html.unescape(one.value) for one in app.html if strings["text.trap.irony_why"] in one.value]
    reading = TextReader(text_models.load()).read(trap.text, ["text_en_gru"])["text_en_gru"]
    label = strings[f"text.label.{reading.label}"]
    says = strings["text.trap.says"].format(model="GRU", label=label, share=formats.percent(reading.confidence))
    assert says in said and trap.token in said and strings["text.trap.wrong"].split("{")[0] in said
    assert app.query_params["text"] == trap.text


def test_why_chinese_is_not_read_for_sentiment_is_said_where_chinese_is_read() -> None:
    words = i18n.strings("en")["text.only_topics"]
    assert words in [one.value for one in visit("text", task="topic").caption]
    assert words not in [one.value for one in visit("text", task="sentiment").caption]
