"""What the page on text says and takes, function by function: shades, tasks, forged messages, our own texts."""

import numpy as np
import pytest

from glassbox.explain.attribution.faithfulness import PerturbationCurve, Scores
from glassbox.text.punctuation import full_width
from glassbox.text.tokens import LIMIT, Token
from glassbox.ui.base import i18n
from glassbox.ui.components import passage, text_box
from glassbox.ui.pages.text import attribution, similar, state, view
from tests.ui.dashboard import is_said

EN = i18n.strings("en")


def test_shades_grow_from_chance_and_are_above_zero_for_the_label_of_the_end() -> None:
    np.testing.assert_allclose(view.shades(np.array([[0.25, 0.75], [1.0, 0.0]])), [-0.5, 1])
    np.testing.assert_allclose(view.shades(np.array([[0.25, 0.75], [0.0, 1.0]])), [0.5, 1])
    many = np.array([[0.25] * 4, [1, 0, 0, 0], [0.1, 0.7, 0.1, 0.1]])
    np.testing.assert_allclose(view.shades(many), [0, -1, 0.6])


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_orange_and_blue_are_said_to_be_above_and_below_zero_wherever_they_are_named(language: str) -> None:
    strings = i18n.strings(language)
    words = {"en": ("orange", "above zero", "below zero"), "zh": ("橙色", "大于零", "小于零")}[language]
    naming = [text.lower() for key, text in strings.items() if key.startswith("text.") and words[0] in text.lower()]
    assert naming and all(word in text for text in naming for word in words)
    labels = {strings[f"text.label.{label}"] for label in ("positive", "negative")}
    assert not any(label in text for text in naming for label in labels)


def test_labels_of_like_texts_are_counted_in_the_words_of_their_task() -> None:
    assert similar.label_counts("topic", ["film", "music", "film"]) == "**By label: film 2; music 1.**"
    assert similar.label_counts("topic", ["film"] * 3) == "**All 3 are about film.**"
    assert similar.label_counts("sentiment", ["positive"] * 10) == "**All 10 are positive reviews.**"
    assert similar.label_counts("scenario", ["alarm"] * 2) == "**All 2 are requests of the kind “alarm”.**"


@pytest.mark.parametrize(
    ("text", "current", "task"),
    [
        ("今天", "sentiment", "topic"),
        ("今天 ok", "scenario", "topic"),
        ("Good", "topic", "sentiment"),
        ("Good", "scenario", "scenario"),
        ("iPhone 多少钱", "topic", "topic"),
        ("12 !", "scenario", "scenario"),
        ("", "topic", "topic"),
    ],
)
def test_task_follows_the_language_of_what_is_typed(text: str, current: str, task: str) -> None:
    assert state.task_for(text, current) == task


@pytest.mark.parametrize(
    "typed", [None, {}, {"text": 1, "count": 1}, {"text": "a", "count": "1"}, {"text": "a", "count": -1}]
)
def test_forged_typing_is_passed_over(typed: object) -> None:
    assert text_box.checked(typed) is None


def test_typing_is_cut_to_what_is_kept() -> None:
    assert text_box.checked({"text": "a" * (text_box.SENT + 5), "count": text_box.SENT + 5}) == (
        "a" * text_box.SENT,
        text_box.SENT + 5,
    )


@pytest.mark.parametrize(
    "picked", [None, [], {"name": "x", "token": 0}, {"name": "one", "token": 2}, {"name": "one", "token": True}]
)
def test_forged_tokens_are_passed_over(picked: object) -> None:
    tokens = (Token("a", 2, True, 0, 1), Token("b", 3, True, 1, 2))
    shown = [passage.Passage("one", "", tokens, np.zeros(2), ["", ""])]
    assert passage.checked(picked, shown) is None
    assert passage.checked({"name": "one", "token": 1}, shown) == ("one", 1)


def test_units_are_named_with_their_side() -> None:
    assert similar.active_units(np.array([0, 1, 0, -1], np.int8)) == "+2, −4"
    assert similar.active_units(np.ones(30, np.int8)).endswith("+24 …")


def test_our_own_texts_are_enough_and_labelled() -> None:
    for task in state.TASKS:
        texts, abouts = zip(*state.collection(task), strict=True)
        assert len(set(texts)) == len(texts) >= 60
        assert all(
            0 < len(text) <= LIMIT and f"text.label.{about}" in EN for text, about in zip(texts, abouts, strict=True)
        )
        assert all(state.task_for(text, task) == task for text in (*texts, *state.examples()[task]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [("好,去哪?!", "好，去哪？！"), ("10:30, ok?", "10:30, ok?"), ("在8:30,好", "在8:30,好"), ("", "")],
)
def test_chinese_punctuation_is_shown_in_full_width(text: str, shown: str) -> None:
    assert full_width(text) == shown


def scores(insertion: float, deletion: float, end: float = 1.0) -> Scores:
    shares = np.array([0.0, 1.0])
    return Scores(
        PerturbationCurve(shares, np.array([2 * deletion - end, end])),
        PerturbationCurve(shares, np.array([2 * insertion - end, end])),
    )


def attributions(of: dict[str, Scores], baseline: Scores) -> attribution.Attributions:
    return attribution.Attributions(maps={}, scores=of, baseline=baseline, completeness_error=0.0)


@pytest.mark.parametrize(
    ("best", "chance", "kind"),
    [(scores(0.9, 0.2), scores(0.5, 0.5), "better"), (scores(0.5, 0.5), scores(0.5, 0.49), "chance")],
)
def test_attributions_are_judged_against_chance(best: Scores, chance: Scores, kind: str) -> None:
    found = attributions({"occlusion": best, "integrated_gradients": scores(0.1, 0.9)}, baseline=chance)
    said = attribution.comparison_with_chance(found, "film")
    assert is_said(f"text.attribution.said_{kind}", said) and EN["frame.method.occlusion"] in said


def test_where_hiding_all_changes_nothing_that_is_said() -> None:
    flat = Scores(*[PerturbationCurve(np.array([0.0, 1.0]), np.array([0.5, 0.52]))] * 2)
    found = attributions({"occlusion": scores(0.9, 0.1)}, baseline=flat)
    assert is_said("text.attribution.said_nothing", attribution.comparison_with_chance(found, "film"))
