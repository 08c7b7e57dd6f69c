"""The privacy page as a visitor meets it, without a browser: what is held, the button, the attacks, damaged records."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from glassbox.digits import images, links
from glassbox.digits.reader import Familiarity, Reader
from glassbox.engine import isolation
from glassbox.paths import MODELS
from glassbox.trust import forgetting, session_contents
from glassbox.trust.attacks import adversarial, membership, robustness, study
from glassbox.ui.base import formats, i18n, placeholders, state
from glassbox.ui.charts.figures import interval
from glassbox.ui.frame import essay, networks, picture, transformers
from glassbox.ui.pages.privacy import memorisation, session
from glassbox.ui.pages.privacy.facts import facts
from glassbox.ui.pages.writing import state as writing
from glassbox.zoo import digit_models, folder
from tests.model_names import english
from tests.ui.dashboard import SEVEN, THREE, component, components, is_said, map_values, png, switch, upload, visit

STRINGS = {language: i18n.strings(language) for language in i18n.LANGUAGES}


SECTIONS = essay.sections("privacy_essay", "en")
ACTS = ("kept", "membership", "protection")


def opened(*parts: str, language: str = "en", **parameters: str) -> AppTest:
    """The page with some of its parts opened."""
    app = visit("privacy", language, **parameters)
    for part in parts:
        app.session_state[f"gb_part_{part}"] = True
    return app.run()


def texts(app: AppTest) -> str:
    return "\n".join(one.value for one in (*app.markdown, *app.html, *app.caption))


def words(key: str, language: str = "en") -> str:
    return STRINGS[language][f"privacy.{key}"]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_essay_has_no_blank_left_and_the_same_sections_in_both_languages(language: str) -> None:
    app = visit("privacy", language)
    assert not app.warning
    assert not placeholders.names(texts(app)) and "[figure]" not in texts(app)
    titles = {key: one.title for key, one in essay.sections("privacy_essay", language).items()}
    assert [one.value for one in app.header] == [titles.pop(act) for act in ACTS]
    assert [one.label for one in app.expander if one.label in titles.values()] == [*titles.values()]
    app = opened(*titles, language=language)
    assert not placeholders.names(texts(app)) and "[figure]" not in texts(app)
    sections = [essay.sections("privacy_essay", one) for one in i18n.LANGUAGES]
    assert [(key, s.values, len(s.parts)) for key, s in sections[0].items()] == [
        (key, s.values, len(s.parts)) for key, s in sections[1].items()
    ]


def test_the_numbers_of_the_essay_are_the_records() -> None:
    record = study.privacy_study()
    assert record is not None
    app = opened("attacks")
    caught = membership.true_positive_rate(*record.games["mlp_overfit"].scores("lira")).correct
    assert f"LiRA\n{caught:,}" in texts(app)
    assert f"{len(record.games['mlp'].losses_nonmembers):,}" in texts(app)


def test_what_is_held_is_what_the_session_holds() -> None:
    app = switch(upload(visit(), **{"seven.png": png(SEVEN), "three.png": png(THREE)}), "privacy")
    app.session_state["gb_part_held"] = True
    app.run()
    (table,) = [one.value for one in app.html if words("held_caption") in one.value]
    held = app.session_state._state.filtered_state
    names = [name for name in held if (entry := state.declared(name)) and entry.kind == state.Kind.FILES]
    assert {"readings", "readings_left_out", "readings_turn"} <= {*names}
    assert words("held_files") in table and f"{sum(session_contents.size(held[name]) for name in names):,}" in table
    assert words("held_strokes") in table and words("held_networks") not in table


def test_what_the_page_says_of_statistics_is_so() -> None:
    assert streamlit.get_option("browser.gatherUsageStats") is False
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"


def test_the_page_finds_the_digit_as_often_as_the_button_does() -> None:
    app = switch(upload(visit(), **{"seven.png": png(SEVEN), "three.png": png(THREE)}), "privacy")
    app.session_state["gb_part_held"] = True
    app.run()
    (said,) = [one.value for one in app.caption if is_said("privacy.held_found", one.value)]
    app.button(key="privacy_erase").click().run()
    assert said == words("held_found").format(count=app.session_state["privacy_erased"].before)


def test_results_of_ones_own_digit_are_counted_and_erased() -> None:
    own = opened("held", "changes", d=links.to_link(images.prepare(png(SEVEN)).digit))
    assert own.session_state["privacy_examples"] and own.session_state["privacy_smallest"]
    (table,) = [one.value for one in own.html if words("held_caption") in one.value]
    assert words("held_results") in table
    own.button(key="privacy_erase").click().run()
    assert "privacy_examples" not in own.session_state, "what is shown now is a sample, and everybody's"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_button_erases_and_proves_it(language: str) -> None:
    digit = images.prepare(png(SEVEN)).digit
    app = switch(upload(visit(language=language), **{"seven.png": png(SEVEN), "three.png": png(SEVEN)}), "privacy")
    link = app.query_params["d"]
    assert np.array_equal(app.session_state["picture"].digit, digit)
    app.button(key="privacy_erase").click().run()
    assert not app.error
    erased = app.session_state["privacy_erased"]
    assert erased.before >= 3 and erased.after == 0
    assert f"{erased.octets:,}" in app.success[0].value
    kept = app.session_state._state.filtered_state
    assert "picture" in kept and sum(session_contents.copies(value, digit, link) for value in kept.values()) == 0
    assert app.query_params["d"] != link and app.query_params["lang"] == language
    assert app.session_state["picture"].origin == "sample"


def test_where_the_digit_is_stands_before_anything_is_opened() -> None:
    app = visit("privacy", d=links.to_link(images.prepare(png(SEVEN)).digit))
    (places,) = [one.value for one in app.html if 'class="gb-places"' in one.value]
    app.button(key="privacy_erase").click().run()
    before = app.session_state["privacy_erased"].before
    assert before >= 1 and f"<b>{before}</b> {words('place_memory').split('{')[0]}" in places
    assert f"<b>1</b> {words('place_address')}" in places and places.count(f"<b>{words('never')}</b>") == 3


@pytest.mark.parametrize("part", ["held", "price", "poison"])
def test_a_part_is_opened_by_the_link_and_brought_into_view(part: str) -> None:
    app = visit("privacy", part=part)
    assert [one.proto.expanded for one in app.expander if one.label == SECTIONS[part].title] == [True]
    assert component(app, "scroll_to")["container"] == f"gb_part_{part}"
    assert component(visit("privacy", part="no_part"), "scroll_to")["container"] is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_says_what_the_last_test_of_forgetting_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    found = {
        "date": "2026-01-02",
        "pages": ["read", "text"],
        "canaries": 12,
        "closed_seconds": 41.4,
        "erased_seconds": 8,
    }
    (tmp_path / "forgotten.json").write_text(json.dumps(found), encoding="utf-8")
    study = forgetting.forgetting_study(tmp_path / "forgotten.json")
    monkeypatch.setattr(session, "forgetting_study", lambda: study)
    monkeypatch.setattr(streamlit, "caption", (said := list[str]()).append)
    monkeypatch.setattr(session, "t", lambda key, **values: i18n.strings(language)[key].format(**values))
    session.last_test()
    (sentence,) = said
    assert all(number in sentence for number in ("2026-01-02", "12", "2", "41", "8"))


def test_without_a_record_of_forgetting_nothing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "forgotten.json").write_text('{"date": "yesterday", "pages": ["read"], "canaries": 1}')
    assert forgetting.forgetting_study(tmp_path / "none.json") is None
    assert forgetting.forgetting_study(tmp_path / "forgotten.json") is None
    monkeypatch.setattr(session, "forgetting_study", lambda: None)
    monkeypatch.setattr(streamlit, "caption", pytest.fail)
    session.last_test()


def test_nothing_is_attacked_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adversarial, "attack_each", lambda *given, **options: pytest.fail("attacked"))
    assert not components(visit("privacy"), "maps")


def test_erasing_ends_the_process_that_knows_the_visitors_model(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    monkeypatch.setattr(isolation.Sandbox, "end", lambda sandbox, session: ended.append(session))
    visit("privacy").button(key="privacy_erase").click().run()
    assert len(ended) == 1 and ended[0]


def test_what_could_not_be_erased_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A digit that stays where the button does not reach is found by the search."""
    app = switch(upload(visit(), **{"seven.png": png(SEVEN)}), "privacy")
    app.session_state["elsewhere"] = app.session_state["picture"].digit
    hidden = state.Entry[object]("elsewhere", state.Kind.INTERNAL, None, stays=True)
    monkeypatch.setitem(state._DECLARED, hidden.key, hidden)
    app.run()
    app.button(key="privacy_erase").click().run()
    assert not app.success and "1" in app.error[0].value


def test_the_verdicts_on_ones_own_digit_are_the_attacks() -> None:
    app = opened("verdicts", d=links.to_link(images.prepare(png(SEVEN)).digit))
    record = study.privacy_study()
    assert record is not None
    label = app.session_state["true_label"]
    reader = Reader(digit_models.load())
    session = reader.session("mlp")
    digit = app.session_state["picture"].digit.astype(np.float32)[None] / 255
    scores = session.run({"picture": digit}).outputs["logits"][0]
    error = float(np.square(scores - np.eye(10)[int(label)]).mean())
    found = membership.judge(record.games["mlp"], error)
    said = words(f"membership_{found.verdict}").split("{loss}")[0].format(model="MLP")
    assert said in texts(app)
    guess = words("guess").format(model="MLP", guess=words(f"guess_{found.verdict}"))
    assert guess in texts(visit("privacy", d=app.query_params["d"])), "before anything is opened"


def test_a_larger_change_is_drawn_and_read_anew() -> None:
    app = opened("changes")
    digit = app.session_state["picture"].digit / 255
    for attack in ("fgsm", "pgd"):
        app.segmented_control(key="privacy_attack_widget").set_value(attack).run()
        for size in (0.05, 0.2):
            app.select_slider(key="privacy_epsilon").set_value(size).run()
            tiles = [one["rows"][0]["tiles"] for one in components(app, "maps")][:3]
            for change, made in tiles:
                assert np.abs(map_values(change)).max() <= size + 1e-6
                assert np.allclose(map_values(made) - map_values(change), digit, atol=2e-3)


@pytest.mark.parametrize(("asked", "taken"), [("0.23", 0.23), ("0.5", 0.1), ("x", 0.1)])
def test_the_size_of_the_change_is_in_the_link(asked: str, taken: float) -> None:
    app = opened("changes", epsilon=asked)
    assert app.select_slider(key="privacy_epsilon").value == taken
    app.select_slider(key="privacy_epsilon").set_value(0.2).run()
    assert app.query_params["epsilon"] == "0.20"


def test_what_is_drawn_is_the_worse_of_two_attacks_and_the_page_says_so() -> None:
    record = robustness.robustness_study()
    assert record is not None
    app = opened("changes", attack="pgd")
    app.session_state["privacy_robust_near"] = {"near": True}
    (chart,) = app.run().get("plotly_chart")
    curves = {curve["name"]: curve for curve in json.loads(chart.proto.spec)["data"] if curve["mode"] == "lines"}
    left = sum(rows.correct for one in record.networks.values() for rows in one.pgd[1:])
    fooled = left - sum(rows.correct for one in record.networks.values() for rows in one.worst[1:])
    assert f"{record.steps} steps from each of {record.starts} starts" in texts(app)
    assert f"PGD failed {left:,} times; of these, Square succeeded in {fooled:,}." in texts(app)
    assert f"PGD, {adversarial.STEPS} steps" in app.segmented_control(key="privacy_attack_widget").options
    for name, one in record.networks.items():
        drawn = curves[words("line").format(model=english(name), attack=words("worst"))]
        assert drawn["y"] == [rows.value for rows in one.worst]


def test_another_digit_is_inverted_and_in_the_link() -> None:
    app = opened("inversion")
    before = components(app, "maps")[0]
    app.segmented_control(key="privacy_inverted_widget").set_value("3").run()
    assert components(app, "maps")[0]["rows"][0]["tiles"][1]["values"] != before["rows"][0]["tiles"][1]["values"]
    assert app.query_params["inverted"] == "3"


def test_a_picture_that_is_no_digit_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reader, "familiarity", lambda self, digit: Familiarity(2.0, 1.0, familiar=False))
    app = visit("privacy")
    assert app.info[0].value == words("unlike")


@pytest.mark.parametrize("missing", ["privacy", "robustness"])
def test_without_a_record_the_first_section_stays(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setattr(study if missing == "privacy" else robustness, f"{missing}_study", lambda: None)
    app = visit("privacy")
    assert [one.value for one in app.warning] == [words("missing")]
    assert len(app.header) == 1 and app.button(key="privacy_erase")


def test_a_model_that_is_refused_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    for name in study.TARGETS:
        shutil.copytree(MODELS / name, folder / name)
    model = folder / "mlp_private" / "1" / "model.onnx"
    model.write_bytes(model.read_bytes() + b"\0")
    read = study.target_models
    monkeypatch.setattr(study, "target_models", lambda: read(folder))
    networks.target_models.clear()
    app = visit("privacy")
    networks.target_models.clear()
    name, reason = english("mlp_private"), STRINGS["en"]["frame.refused.sha256"]
    assert STRINGS["en"]["frame.refused.model"].format(model=name, reason=reason) in [one.value for one in app.warning]


def test_every_blank_has_its_fact() -> None:
    record, robust, language = study.privacy_study(), robustness.robustness_study(), "en"
    assert record is not None and robust is not None
    wanted = set().union(*(one.values for one in essay.sections("privacy_essay", language).values()))
    page = type("Page", (), {"reader": Reader(digit_models.load()), "picture": picture})
    assert wanted <= facts(page, record, robust).keys()  # type: ignore[arg-type]


def test_what_the_essay_says_of_reciting_is_in_the_cards() -> None:
    """That the writers recite no more than unseen sentences do, and when the English one does: the words, not only the
    numbers, which are filled in."""
    measured = memorisation.measured()
    assert {*measured} == {*memorisation.WRITERS}
    for one in measured.values():
        quoted = one.at(*memorisation.QUOTED)
        assert quoted is not None and quoted.low <= one.held_out.high and quoted.longest < one.held_out.longest
    coldest = min(measured["char_en"].sampled, key=lambda one: one.temperature)
    assert coldest.share > 0.9 and coldest.low > measured["char_en"].held_out.high


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_what_the_writers_recite_is_shown_and_linked(language: str) -> None:
    app = opened("recited", language=language)
    (table,) = [one.value for one in app.html if words("copied_caption", language) in one.value]
    poets = memorisation.measured_of_transformers()
    assert {*poets} == {name for name, card in transformers.zoo().cards.items() if card.memorisation}
    for name, one in (memorisation.measured() | poets).items():
        display = folder.listings()[name].display
        assert display
        head = words("copied_of", language).format(model=display.name(language).short, length=one.index.least)
        assert head in table
        for copied in (one.held_out, *one.sampled):
            assert formats.measured(copied.share) in table and formats.measured(copied.high) in table
    links = {(one.proto.page, one.proto.label) for one in app.get("page_link")}
    assert ("writing", words("writing", language)) in links


def test_without_what_was_measured_the_section_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memorisation, "measured", dict)
    app = visit("privacy")
    titles = [one.label for one in app.expander]
    assert essay.sections("privacy_essay", "en")["recited"].title not in titles and len(titles) > 3


def test_the_essay_quotes_the_settings_that_the_page_on_writing_opens_with() -> None:
    assert (writing.TEMPERATURE.default, writing.TOP_K.default) == memorisation.QUOTED


def test_curves_carry_their_intervals_and_the_place_to_look_at() -> None:
    record = study.privacy_study()
    assert record is not None
    app = opened("attacks", "changes")
    assert not app.get("plotly_chart")  # each waits until the visitor comes near
    for key in ("privacy_roc", "privacy_price", "privacy_robust"):
        app.session_state[f"{key}_near"] = {"near": True}
    app.select_slider(key="privacy_epsilon").set_value(0.15).run()
    roc, price, robust = (json.loads(chart.proto.spec) for chart in app.get("plotly_chart"))
    assert roc["layout"]["shapes"][0]["x0"] == 0.001
    assert roc["layout"]["xaxis"]["type"] == roc["layout"]["yaxis"]["type"] == "log"
    assert [curve["name"] for curve in roc["data"]].count(words("guessing")) == 1
    kept = [one for one in record.private if one.guarantee]
    band, curve = price["data"][:2]
    assert band["fill"] == "toself" and curve["x"] == [one.guarantee.epsilon for one in kept if one.guarantee]
    assert curve["text"] == [interval(one.accuracy) for one in kept]
    curves = [curve for curve in robust["data"] if curve["mode"] == "lines"]
    assert robust["layout"]["shapes"][0]["x0"] == 0.15 and len(curves) == 6
    for band, curve in zip((one for one in robust["data"] if one.get("fill")), curves, strict=True):
        count = len(curve["y"])
        low, high = band["y"][:count], band["y"][: count - 1 : -1]
        assert all(a <= y <= b for a, y, b in zip(low, curve["y"], high, strict=True))


def test_curves_are_tables_too() -> None:
    app = opened("attacks", "changes")
    for key in ("privacy_roc", "privacy_price", "privacy_robust"):
        app.session_state[f"{key}_numbers"] = True
    app.run()
    shown = [one.value for one in app.html if f">{words('guessing')}<" in one.value]
    assert len(shown) == 1 and shown[0].count("<tr>") == 121
    assert any(f">{words('clipped')}<" in one.value for one in app.html)
    assert not app.get("plotly_chart")
