"""What is filled in looks alike in strings, prose and the words of JavaScript."""

import re

import pytest

from glassbox.paths import CONTENT, ROOT
from glassbox.ui.base import i18n, placeholders

OTHER = re.compile(r"\[\[|\]\]|%\(|%\{|\$\{|%[A-Za-z]+%|[{}]")
"""Every other way of marking a blank: wiki, printf, Plotly and Ruby, shell and JavaScript, batch; and stray braces."""


def test_values_and_terms_are_filled() -> None:
    text = "The MLP has {mlp.parameters} {term:parameter|parameters} and a {term:bias}."
    filled = placeholders.fill(text, {"mlp.parameters": 940}, lambda term, words: f"<{term}:{words}>")
    assert filled == "The MLP has 940 <parameter:parameters> and a <bias:None>."
    assert placeholders.names(text) == {"mlp.parameters"}
    assert placeholders.terms(text) == {"parameter", "bias"}


@pytest.mark.parametrize("formula", [r"$\mathbf{x} = y_{t}$", "$$\n\\frac{a}{b}\n$$", "$x_{t}$"])
def test_braces_of_a_formula_are_its_own(formula: str) -> None:
    assert placeholders.fill(f"{formula} is {{a}}.", {"a": 1}) == f"{formula} is 1."
    assert placeholders.names(formula) == set()


@pytest.mark.parametrize("text", ["${a}", "${a} million", "${a} and ${a}", "from ${a}–${a}"])
def test_a_dollar_alone_is_money(text: str) -> None:
    assert placeholders.fill(text, {"a": 5}) == text.replace("{a}", "5")


def test_a_value_that_nobody_gives_is_an_error() -> None:
    with pytest.raises(KeyError, match="b"):
        placeholders.fill("{a} {b}", {"a": 1})


def test_what_is_filled_in_is_not_filled_again() -> None:
    assert placeholders.fill("{a}{b}", {"a": "{b}", "b": "$x$"}) == "{b}$x$"


def rest(text: str) -> str:
    """`text` without placeholders, formulas, headings' keys and programs."""
    text = re.sub(r"^```.+?^```$|(?<=\S )\{#[^{}]+\}$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = placeholders.fill(text, dict.fromkeys(placeholders.names(text), ""), lambda term, words: "")
    return re.sub(placeholders.FORMULA, "", text, flags=re.DOTALL)


def test_no_text_has_another_syntax() -> None:
    texts = {f"{language} {key}": text for language in i18n.LANGUAGES for key, text in i18n.strings(language).items()}
    texts |= {path.name: path.read_text("utf-8") for path in CONTENT.glob("*.md")}
    assert len(texts) > 1000
    found = {name: wrong[0] for name, text in texts.items() if (wrong := OTHER.search(rest(text)))}
    assert found == {}


def test_javascript_has_no_other_syntax() -> None:
    scripts = {path.name: path.read_text("utf-8") for path in (ROOT / "glassbox" / "ui").rglob("*.js")}
    assert len(scripts) > 20
    assert {name for name, text in scripts.items() if re.search(r"%[A-Z]+%|\[\[\w+\]\]|%\{", text)} == set()


@pytest.mark.parametrize(
    ("text", "value", "filled"),
    [
        ("{x}说得最清楚", "积分梯度 integrated gradients", "积分梯度 integrated gradients 说得最清楚"),
        ("最好的是{x}（", "Grad-CAM", "最好的是 Grad-CAM（"),
        ("把{x}读作 1", "白纸", "把白纸读作 1"),
        ("有 {x} 个", "3", "有 3 个"),
        ("“{x}”说", "RISE", "“RISE”说"),
        ("At {x}s", "5", "At 5s"),
    ],
)
def test_latin_letters_stand_apart_from_chinese(text: str, value: str, filled: str) -> None:
    assert placeholders.fill(text, {"x": value}) == filled
