"""From the poet to GPT: the parts, the ladder and the table, with the poet and without."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from glassbox.history import language_models, milestones
from glassbox.trust.cost import carbon, footprint
from glassbox.ui.base import formats, i18n, placeholders
from glassbox.ui.frame import essay, places
from glassbox.ui.pages.gpt import facts, strip, view
from glassbox.zoo import transformer_models
from glassbox.zoo.cards import Accelerator, Teacher
from tests.transformer_cards import poet, zoo
from tests.ui.dashboard import visit

STRINGS = {language: i18n.strings(language) for language in i18n.LANGUAGES}
EN = STRINGS["en"]
CARD = poet()


@pytest.fixture(autouse=True)
def poet_is_there(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(transformer_models, "load", lambda: zoo(CARD))
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def html(app: AppTest, kind: str) -> str:
    (found,) = [one.value for one in app.html if f"<{kind}" in one.value]
    return str(found)


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in app.markdown)


# What the page quotes


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_value_of_the_texts_is_found_with_the_poet_and_without(language: str) -> None:
    found, without = facts.facts(CARD), facts.facts(None)
    assert found.keys() == without.keys() and without["times"] == without["poet_width"] == "–"
    for section in essay.sections("gpt_essay", language).values():
        assert section.values <= found.keys()
        assert not any("[figure]" in part for part in section.parts)
    for part in (*strip.PARTS, *strip.MAKING):
        assert placeholders.names(STRINGS[language][f"gpt.part.{part}_says"]) <= found.keys()


def test_both_languages_have_the_same_sections() -> None:
    english, chinese = (essay.sections("gpt_essay", language) for language in ("en", "zh"))
    assert [(s.key, s.pages, len(s.parts)) for s in english.values()] == [
        (s.key, s.pages, len(s.parts)) for s in chinese.values()
    ]


def test_numbers_are_those_of_the_card_and_of_the_tables() -> None:
    found = facts.facts(CARD)
    gpt3 = next(row for row in milestones.milestones() if row.name == facts.GPT3)
    assert found["gpt_parameters"] == "175\u00a0billion" and found["gpt_width"] == "12,288"
    assert found["poet_width"] == "16" and found["poet_vocabulary"] == str(len(CARD.vocabulary))
    assert found["times"] == f"{float(f'{(gpt3.parameters or 0) / CARD.parameters:.3g}'):,.0f}"
    # Ouyang et al. 2022, section 5.1: 4.9 and 60 petaflop/s-days beside the 3,640 of GPT-3
    assert float(found["instruct_share"].rstrip("%")) == pytest.approx(100 * 64.9 / 3640, rel=0.1)
    assert found["poet_energy"] == formats.energy(footprint.training_joules(CARD.training))


def test_a_training_on_a_gpu_beside_a_teacher_is_told_as_what_it_was() -> None:
    training = replace(
        CARD.training,
        seconds=198.9,
        accelerator=Accelerator("NVIDIA H200", 62_000.0),
        teacher=Teacher(parameters=8_774_080, epochs=21, seconds=73.9, nats=4.14),
    )
    found, plain = facts.facts(replace(CARD, training=training)), facts.facts(CARD)
    assert found["poet_time"] == f"{formats.duration(198.9)} on one NVIDIA H200"
    assert found["poet_energy"] == formats.energy(62_000 + footprint.training_joules(CARD.training))
    assert formats.count(8_774_080) in found["poet_taught"] and plain["poet_taught"] == ""
    assert plain["poet_time"] == f"{formats.duration(CARD.training.cpu_seconds)} of processor time"


def test_every_model_on_the_ladder_is_a_row_of_the_table() -> None:
    rows = {row.name: row for row in milestones.milestones()}
    assert set(facts.RUNGS) <= rows.keys()
    assert all(rows[name].domain in ("language", "multimodal") for name in facts.RUNGS)
    for measure in ("parameters", "examples", "compute", "cost"):
        assert len(facts.others(measure)) >= 6
        for name, year, value, source in facts.others(measure):
            assert (year, value, source) == (rows[name].date.year, getattr(rows[name], measure), rows[name].source)
    energies = {one.key: one.joules for one in carbon.published() if one.kind == "training"}
    assert {name: value for name, _, value, _ in facts.others("energy")} == energies


# The ladder


@pytest.mark.parametrize("measure", facts.MEASURES)
def test_rungs_stand_in_order_with_the_poet_among_them(measure: str) -> None:
    rungs = view.rungs(measure, CARD)
    assert [one.value for one in rungs] == sorted(one.value for one in rungs)
    (own,) = [one for one in rungs if not one.source]
    expected = {
        "parameters": CARD.parameters,
        "examples": 90_000 * 30,
        "compute": 3 * 2_000_000 * 90_000 * 30 * 20,
        "energy": footprint.training_joules(CARD.training),
        "cost": language_models.electricity_cost(footprint.training_joules(CARD.training)),
    }
    assert own.value == pytest.approx(expected[measure])
    assert len(view.rungs(measure, None)) == len(rungs) - 1


def test_the_way_to_the_top_is_told_in_powers_of_ten() -> None:
    top = max(facts.others("compute"), key=lambda one: one[2])
    sentence = view.where("compute", CARD)
    decades = round(math.log10(top[2] / language_models.training_compute(CARD)))
    assert top[0] in sentence and f"**{decades} powers of ten**" in sentence


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-4, "less than a cent"), (438.0, "$438"), (2.117e6, "$2.12 million"), (3.9e8, "$390 million")],
)
def test_dollars(value: float, text: str) -> None:
    assert view.dollars(value) == text


# The page


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_strip_tells_of_every_part_whether_it_is_the_same(language: str) -> None:
    words = STRINGS[language]
    shown = html(visit("gpt", language), 'ol class="gb-parts"')
    for part, kind in (strip.PARTS | strip.MAKING).items():
        assert f'<li class="gb-{kind}"><b>{words[f"gpt.part.{part}"]}</b>' in shown
    assert shown.count(words["gpt.kind.same"]) >= 4 and "{" not in shown
    assert "50,257" in shown and "–" not in shown


def test_link_carries_the_measure_and_a_forged_one_is_passed_over() -> None:
    app = visit("gpt", ladder="compute")
    assert EN["gpt.measures.compute"] in html(app, 'div class="gb-ladder"') and app.query_params["ladder"] == "compute"
    assert formats.scientific(3.14e23) in html(app, 'div class="gb-ladder"')
    app = visit("gpt", ladder="<b>")
    assert EN["gpt.measures.parameters"] in html(app, 'div class="gb-ladder"')


def test_table_begins_with_the_poet() -> None:
    table = html(visit("gpt"), "table")
    rows = re.findall(r"<tr.*?</tr>", table)
    assert len(rows) == 2 + len(language_models.architectures())
    assert "this project" in rows[1] and "gb-marked" in rows[1] and "12,288" in table
    assert all(one.source in table for one in language_models.architectures().values())


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_without_the_poet_the_page_says_so_and_stands(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transformer_models, "load", lambda: zoo())
    app = visit("gpt", language)
    assert [one.value for one in app.info] == [STRINGS[language]["gpt.no_poet"]]
    ladder = html(app, 'div class="gb-ladder"')
    assert "GPT-3 175B" in ladder and "this project" not in ladder
    assert '<li class="gb-same">' in html(app, 'ol class="gb-parts"')


def test_questions_and_factors_lead_here() -> None:
    assert "gpt" in essay.sections("faq_questions", "en")["large"].pages
    assert "gpt" in essay.sections("factors_essay", "zh")["data"].pages
    labels = [link.value for link in visit("factors", part="data").page_link]
    assert labels.count(EN["gpt.question"]) == 1 and places.PLACES["gpt"].group == "inside"


def test_what_is_said_of_growth_holds_of_the_table() -> None:
    found = facts.facts(CARD)
    largest = {
        name: max(getattr(one, name) for one in language_models.architectures().values()) for name in facts.SHAPE
    }
    own = language_models.of_card(CARD)
    ratios = sorted(largest[name] / getattr(own, name) for name in facts.SHAPE)
    assert found["grown_least"] == facts.times(ratios[0], 1) and found["grown_most"] == facts.times(ratios[-1], 1)
