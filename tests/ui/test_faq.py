"""Questions, programs and terms: whole in both languages, every link leading somewhere, every number from its card."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from glassbox.paths import MODELS, ROOT
from glassbox.ui.base import i18n, placeholders
from glassbox.ui.frame import essay, glossary, places, shell
from glassbox.ui.pages.faq import facts, view
from glassbox.zoo import digit_models
from tests.ui.dashboard import component, visit

STRINGS = {language: i18n.strings(language) for language in i18n.LANGUAGES}
QUESTIONS = {language: essay.sections("faq_questions", language) for language in i18n.LANGUAGES}
PROGRAMS = {language: essay.sections("faq_programs", language) for language in i18n.LANGUAGES}
TERMS = glossary.terms()
PLANNED = {place.key for place in places._LISTED}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def fresh_reader() -> Iterator[None]:
    shell.reader.clear()
    yield
    shell.reader.clear()


def text(section: essay.Section) -> str:
    return "\n".join(section.parts)


# Questions and programs


def test_both_languages_answer_the_same_questions_in_the_same_order() -> None:
    english, chinese = QUESTIONS["en"], QUESTIONS["zh"]
    assert [(one.key, one.pages) for one in english.values()] == [(one.key, one.pages) for one in chinese.values()]
    assert tuple(english)[:5] == view.ARTICLE
    assert len(english) - 5 >= 10


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_questions_are_questions_with_answers_in_their_language(language: str) -> None:
    for one in QUESTIONS[language].values():
        assert "?" in one.title or "？" in one.title
        assert len(text(one)) > 60 and bool(CHINESE.search(text(one))) == (language == "zh")


@pytest.mark.parametrize("key", QUESTIONS["en"])
def test_every_answer_leads_to_pages_that_exist(key: str) -> None:
    pages = QUESTIONS["en"][key].pages
    assert pages and set(pages) <= PLANNED
    assert set(pages) & places.PLACES.keys(), "at least one of them is open to visitors"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("name", ["faq_questions", "faq_programs"])
def test_every_number_comes_from_a_card(name: str, language: str) -> None:
    shipped = digit_models.load()
    found, without = facts.facts(shipped), facts.facts(digit_models.Zoo({}, {}))
    assert found.keys() == without.keys()
    for one in essay.sections(name, language).values():
        assert one.values <= found.keys()
        assert not any(placeholders.names(part) for part in one.filled(found))
        one.filled(without)


def test_numbers_are_the_cards() -> None:
    shipped = digit_models.load()
    found, card = facts.facts(shipped), shipped.cards["mlp"]
    assert found["mlp.accuracy"] == f"{100 * card.accuracy.value:.1f}%"
    assert found["mlp.parameters"] == "101,770"
    assert found["mlp.break_even"] == f"{3 * card.dataset.train * card.training.epochs / 1e6:.2f}\u00a0million"
    assert (found["gpt3.parameters"], found["gpt3.ratio"]) == ("175 billion", "1.72 million")  # of 101,770


def test_links_are_addresses_or_sections_of_the_page() -> None:
    for language in i18n.LANGUAGES:
        for name in ("faq_questions", "faq_programs", "factors_essay"):
            sections = essay.sections(name, language)
            for one in sections.values():
                for address in re.findall(r"\]\(([^)]+)\)", text(one)):
                    inside = address[1:] in sections if address.startswith("#") else False
                    assert inside or re.fullmatch(r"https://[\w.-]+(/[\w./-]*)?", address), address


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_programs_are_compared_step_by_step(language: str) -> None:
    assert tuple(PROGRAMS[language]) == view.PROGRAMS
    for one in PROGRAMS[language].values():
        rows = [line for line in text(one).splitlines() if line.startswith("|")]
        assert len(rows) >= 8 and all(line.count("|") == 4 for line in rows)


def test_program_of_the_answer_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    shutil.copy(MODELS / "cnn" / "1" / "model.onnx", tmp_path / "cnn.onnx")
    monkeypatch.chdir(tmp_path)
    for language in i18n.LANGUAGES:
        (program,) = re.findall(r"```python\n(.+?)```", text(QUESTIONS[language]["own"]), re.DOTALL)
        exec(compile(program, "answer", "exec"), {})
        assert re.fullmatch(r"\d\n", capsys.readouterr().out)


def test_a_heading_without_a_key_is_no_section(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = "## One {#one pages=mlp,cnn}\nA {b.c} {term:token|tokens}\n\n[figure]\n\nbelow\n\n"
    lines += "## plain\nstill one\n\n## 二 {#two}\n第一行，\n第二行\n"
    (tmp_path / "x.zh.md").write_text(lines, encoding="utf-8")
    monkeypatch.setattr(i18n, "CONTENT", tmp_path)
    essay.sections.cache_clear()
    one, two = essay.sections("x", "zh").values()
    essay.sections.cache_clear()
    assert (one.key, one.title, one.pages, one.values) == ("one", "One", ("mlp", "cnn"), {"b.c"})
    assert one.filled({"b.c": "7"}) == [f"A 7 {glossary.link('token', 'tokens')}", "below\n\n## plain\nstill one"]
    assert two.parts == ("第一行，第二行",)
    with pytest.raises(KeyError):
        one.filled({})


# Terms


def test_there_are_sixty_terms_and_more() -> None:
    assert len(TERMS) >= 60


@pytest.mark.parametrize("key", TERMS)
def test_term_is_whole_in_both_languages_and_leads_on(key: str) -> None:
    term = TERMS[key]
    assert re.fullmatch(r"[a-z0-9-]+", key)
    assert not CHINESE.search(term.names["en"] + term.meanings["en"])
    assert CHINESE.search(term.meanings["zh"])
    assert term.meanings["en"].endswith(".") and term.meanings["zh"].endswith("。")
    assert term.page is not None or term.url is not None
    assert term.page is None or term.page in PLANNED
    assert term.url is None or term.url.startswith(("https://", "http://"))
    assert (term.page in places.PLACES) or term.url, "somewhere to go on, today"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_no_term_has_the_name_of_another(language: str) -> None:
    names = [term.names[language].lower() for term in TERMS.values()]
    assert len(set(names)) == len(names)


def test_other_pages_can_link_to_a_term() -> None:
    def written(key: str, words: str | None = None) -> str:
        link, meaning = glossary.link(key, words).removesuffix('")').split(' "')
        assert meaning == TERMS[key].meanings["en"]
        return link

    assert written("feature-map") == "[feature map *特征图*](faq?lang=en&term=feature-map"
    assert written("flop") == "[FLOP *浮点运算*](faq?lang=en&term=flop"
    assert written("parameter", "parameters") == "[parameters *参数*](faq?lang=en&term=parameter"
    assert written("onnx-runtime") == "[ONNX Runtime](faq?lang=en&term=onnx-runtime"
    assert written("transformer") == "[transformer](faq?lang=en&term=transformer"
    assert written("softmax", "a softmax") == "[a softmax](faq?lang=en&term=softmax"
    with pytest.raises(KeyError):
        glossary.link("no-such-term")


@pytest.mark.parametrize("key", sorted(PLANNED - {"faq"}))
def test_every_page_has_terms_of_its_own(key: str) -> None:
    line = glossary.of_page(key)
    assert line.startswith("**Terms seen here:** [") and "](faq?lang=en&term=" in line


def test_questions_have_no_line_of_terms() -> None:
    assert glossary.of_page("faq") == ""


# The page


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in app.markdown)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("key", QUESTIONS["en"])
def test_link_opens_its_question_and_the_answer_leads_on(key: str, language: str) -> None:
    app = visit("faq", language, q=key)
    pieces = re.split(r"\{[^{}]+\}", QUESTIONS[language][key].parts[0])
    assert all(piece in said(app) for piece in pieces) and not placeholders.names(said(app))
    if language == "en":
        assert QUESTIONS[language][key].filled(facts.facts(digit_models.load()))[0] in said(app)
    labels = [link.value for link in app.page_link]
    for page in QUESTIONS[language][key].pages:
        if page in places.PLACES:
            assert STRINGS[language][f"{page}.question"] in labels
    assert component(app, "scroll_to")["container"] == f"gb_q_{key}"
    assert app.query_params["q"] == key


def test_no_answer_is_drawn_before_it_is_asked_for() -> None:
    app = visit("faq")
    assert "placeholders" not in said(app) and component(app, "scroll_to")["container"] is None
    titles = [one.label for one in app.expander]
    assert [one.title for one in QUESTIONS["en"].values()] == titles[: len(QUESTIONS["en"])]


def test_forged_question_and_term_are_passed_over() -> None:
    app = visit("faq", q="../../etc/passwd", term="<script>")
    assert "faq_question_asked" not in app.session_state and "faq_term" not in app.session_state
    assert component(app, "scroll_to")["container"] is None


@pytest.mark.parametrize("name", view.PROGRAMS)
def test_program_shown_is_the_file_itself(name: str) -> None:
    app = visit("faq", q="programs", program=name)
    assert app.code[0].value == (ROOT / "export" / "models" / f"{name}.py").read_text(encoding="utf-8").rstrip()
    card = digit_models.load().cards[name]
    assert f"{card.training.epochs} epochs in batches of {card.training.batch_size}" in said(app)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_terms_are_all_there_with_addresses_in_the_visitors_language(language: str) -> None:
    shown = component(visit("faq", language, term="softmax"), "glossary")
    assert shown["asked"] == "softmax"
    assert {one["key"] for one in shown["terms"]} == TERMS.keys()
    for one in shown["terms"]:
        term = TERMS[one["key"]]
        assert one["name"] == term.names[language] and one["meaning"] == term.meanings[language]
        assert f"lang={language}" in one["self"] and f"term={term.key}" in one["self"]
        if term.page in places.PLACES:
            assert one["href"].startswith(places.address(places.PLACES[term.page]) or ".")


def test_without_networks_the_answers_stand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    load: Any = digit_models.load
    monkeypatch.setattr(digit_models, "load", lambda: load(tmp_path))
    app = visit("faq", q="wrong")
    assert app.warning
    assert "right in – and" in said(app).replace("\n", " ")
