"""All languages are whole: the same keys, the same values to fill in, nothing visible left in the code."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from glassbox.paths import CONTENT, DATA, ROOT
from glassbox.ui.base import i18n, placeholders
from glassbox.ui.frame import places

PAGES = [ROOT / "dashboard.py", *sorted((ROOT / "pages").glob("*.py"))]
SOURCES = [*PAGES, *sorted((ROOT / "glassbox/ui").rglob("*.py"))]
STRINGS = {language: i18n.strings(language) for language in i18n.LANGUAGES}
KEYS = STRINGS[i18n.FALLBACK].keys()
HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
ALIKE = re.compile(r"frame\.(provider\.|foot\.onnx|app\.name|language)|.*\.short$")
"""What is written alike in both languages: names and units."""
WILD = "*"
"""Stands for the variable parts of a key that is put together: t(f"frame.method.{name}") asks for frame.method.*."""


def parsed(source: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(source.read_text(encoding="utf-8")))


def asked(source: Path) -> Iterator[str]:
    """The first argument of every t(...), a WILD for each part that is a variable."""
    for call in parsed(source):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "t":
            first = call.args[0]
            for key in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                if isinstance(key, ast.JoinedStr):
                    yield "".join(str(part.value) if isinstance(part, ast.Constant) else WILD for part in key.values)
                else:
                    assert isinstance(key, ast.Constant), f"{source.name}:{call.lineno}: a key that cannot be checked"
                    yield str(key.value)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(re.escape(WILD), "(.+)"))


def answers(pattern: str, key: str) -> re.Match[str] | None:
    return compiled(pattern).fullmatch(key)


ASKED = {pattern: source for source in SOURCES for pattern in asked(source)} | {"frame.language": Path(i18n.__file__)}


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_language_has_the_same_keys_and_values(language: str) -> None:
    assert STRINGS[language].keys() == KEYS
    wrong = [
        key
        for key in KEYS
        if placeholders.names(STRINGS[language][key]) != placeholders.names(STRINGS[i18n.FALLBACK][key])
    ]
    assert wrong == []


def test_each_string_is_in_its_language() -> None:
    english = [key for key, text in STRINGS["en"].items() if HAN.search(text) and not ALIKE.match(key)]
    assert english == [], "Chinese in an English string"
    spoken = {key: re.sub(r"\{\w+\}", "", text) for key, text in STRINGS["en"].items() if not ALIKE.match(key)}
    chinese = [
        key for key, text in spoken.items() if re.search("[a-z]{2}", text) and not HAN.search(STRINGS["zh"][key])
    ]
    assert chinese == [], "no Chinese in a Chinese string"


def test_every_key_in_the_code_exists() -> None:
    missing = {pattern: source.name for pattern, source in ASKED.items() if not any(answers(pattern, k) for k in KEYS)}
    assert missing == {}


def test_every_string_is_used() -> None:
    """A key that only patterns ask for is used if the code, a card or a study names what fills the pattern."""
    records = chain((ROOT / "models").glob("*/card.json"), (ROOT / "studies").glob("*.json"), DATA.glob("*.csv"))
    named = set(re.findall(r"\w+", "\n".join(record.read_text(encoding="utf-8") for record in records)))
    for node in chain.from_iterable(map(parsed, [*PAGES, *(ROOT / "glassbox").rglob("*.py")])):
        match node:
            case ast.Constant(value=str(name)) | ast.keyword(arg=str(name)) | ast.FunctionDef(name=name):
                named.add(name)
            case ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                named.add(name)

    def used(key: str) -> bool:
        found = (answers(pattern, key) for pattern in ASKED)
        return any(all(word in named for group in one.groups() for word in group.split(".")) for one in found if one)

    assert [key for key in KEYS if not used(key)] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_visible_words_in_the_code(source: Path) -> None:
    """Widgets and texts get their words from t(): no literal with letters is the first argument of an st.* call."""
    silent = {"query_params", "cache_resource", "component", "get", "setdefault", "container", "get_option", "pop"}
    for call in parsed(source):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args:
            first = call.args[0]
            if ast.unparse(call.func).startswith("st.") and call.func.attr not in silent:
                literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
                assert not literal, f"line {call.lineno}: {ast.unparse(call)[:80]}"


@pytest.mark.parametrize("key", places.PLACES)
def test_every_page_has_its_prose_in_every_language(key: str) -> None:
    texts = {language: (CONTENT / f"{key}.{language}.md").read_text("utf-8") for language in i18n.LANGUAGES}
    formulas = {language: re.findall(r"\$\$.+?\$\$", text, re.DOTALL) for language, text in texts.items()}
    assert formulas["en"] == formulas["zh"] != []
    assert re.search(r"[\u4e00-\u9fff]{10}", texts["zh"]) and not re.search(r"[\u4e00-\u9fff]", texts["en"])


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        i18n.t("no.such.key")


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_what_is_marked_as_bold_is_drawn_bold(language: str) -> None:
    """In Markdown, ** behind a full-width sign and before a character closes nothing: the two stars stay visible."""
    markdown = MarkdownIt("commonmark").enable("table")
    names = [path.name.partition(".")[0] for path in CONTENT.glob(f"*.{language}.md")]
    essays = {name: i18n.prose_in(language, name) for name in names}
    texts = {key: re.sub(r"\{[^{}]*\}", "x", text) for key, text in STRINGS[language].items()} | essays
    assert len(essays) > 5
    drawn = {
        key: [part for block in markdown.parse(text) for part in block.children or ()] for key, text in texts.items()
    }
    assert not [key for key, parts in drawn.items() if any(one.type == "text" and "**" in one.content for one in parts)]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (("One.", "Two."), "One. Two."),
        (("一。", "二？", "三！", "Four."), "一。二？三！Four."),
        (("", "One.", "", "二。"), "One. 二。"),
        ((), ""),
    ],
)
def test_sentences_have_a_space_between_them_where_their_script_has_one(said: tuple[str, ...], text: str) -> None:
    assert i18n.sentences(*said) == text


def test_no_line_break_stands_after_a_chinese_stop_or_between_its_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i18n, "CONTENT", tmp_path)
    text = "一句\n话。\nGPT 是\n一种：\n**粗**\n`码`，\n128 个。\n\n- 一\n- 二：\n\n$$x$$\n1. 三\n```\nx\n```\n"
    (tmp_path / "page.zh.md").write_text(text, encoding="utf-8")
    joined = "一句话。GPT 是一种：**粗**\n`码`，128 个。\n\n- 一\n- 二：\n\n$$x$$\n1. 三\n```\nx\n```\n"
    assert i18n.prose_in("zh", "page") == joined
