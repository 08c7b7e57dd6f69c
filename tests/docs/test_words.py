"""Words that learners stumbled over stay out of what they read: literal translations, aphorisms, terms of our own."""

import pytest

from glassbox.paths import CONTENT
from glassbox.ui.base import i18n

AVOIDED = {
    "en": (
        "of that mind",
        "keeps to itself",
        "which this network has not",
        "sums, bends",
        "by heart",
        "in private",
        "Like texts",
        "hesitates",
        "takes the end away",
        "tells another story",
        "not yet doing",
        "what the moon is",
        "nobody sent a bill",
        "quote one another",
        "one too many, and no average",
        "beyond all numbers",
        "comes to its number",
        "keep to themselves",
        "rightly",
        "a kilowatt-hour (",
    ),
    "zh": (
        "硅片",
        "一道弯",
        "保密的网络",
        "外人",
        "截短",
        "死记硬背",
        "孪生网络",
        "下毒",
        "名副其实",
        "对数几率",
        "一拍一层",
        "寄账单",
        "失去了终点",
        "月亮是什么",
        "的 logit",
        "瞎猜",
        "中招",
        "正确率",
        "游乐场",
        "零件",
    ),
}


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_what_learners_stumbled_over_is_not_written(language: str) -> None:
    texts = {**i18n.strings(language)}
    texts |= {file.name: file.read_text(encoding="utf-8") for file in CONTENT.glob(f"*.{language}.md")}
    found = {
        name: word
        for name, text in texts.items()
        if not name.startswith("circuit.zh")  # the foot, where the term stands beside its formula
        for word in AVOIDED[language]
        if word in text
    }
    assert not found
