"""Both languages are whole: the same keys, the same blanks to fill in, nothing visible left in the code."""

import ast
import re
import string
from pathlib import Path

import pytest

from glassbox.paths import ROOT
from glassbox.ui.base import i18n
from glassbox.ui.frame import places

SOURCES = [ROOT / "dashboard.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "glassbox/ui").rglob("*.py"))]
STRINGS = {language: i18n.strings(language) for language in i18n.LANGUAGES}
# What says itself: names and units that are written alike in both languages.
ALIKE = re.compile(r"model\.(mlp|cnn|rnn|lstm|gru)$|provider\.|foot\.onnx|app\.name$")


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text.replace("%{", "{")) if name}


def calls(source: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]


def keys_in(source: Path) -> set[str]:
    """The first argument of every t(...): a key, or a pattern where a part of the key is a variable."""
    found = set()
    for call in calls(source):
        if isinstance(call.func, ast.Name) and call.func.id == "t":
            arguments = (
                [call.args[0].body, call.args[0].orelse] if isinstance(call.args[0], ast.IfExp) else [call.args[0]]
            )
            for argument in arguments:
                if isinstance(argument, ast.JoinedStr):
                    parts = [p.value if isinstance(p, ast.Constant) else ".+" for p in argument.values]
                    found.add("".join(part if part == ".+" else re.escape(str(part)) for part in parts))
                else:
                    assert isinstance(argument, ast.Constant), f"{source.name}: t() of something that cannot be checked"
                    found.add(re.escape(str(argument.value)))
    return found


USED = {pattern: source for source in SOURCES for pattern in keys_in(source)} | {r"frame\.language": ROOT}


def test_both_languages_have_the_same_keys() -> None:
    assert STRINGS["en"].keys() == STRINGS["zh"].keys()


@pytest.mark.parametrize("key", STRINGS["en"])
def test_both_languages_fill_in_the_same_values(key: str) -> None:
    assert blanks(STRINGS["en"][key]) == blanks(STRINGS["zh"][key])


@pytest.mark.parametrize("key", STRINGS["en"])
def test_each_string_is_in_its_language(key: str) -> None:
    assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", STRINGS["en"][key]), "Chinese in the English string"
    if re.search(r"[a-z]{2}", re.sub(r"%?\{\w+\}", "", STRINGS["en"][key])) and not ALIKE.search(key):
        assert re.search(r"[\u3000-\u9fff]", STRINGS["zh"][key]), "no Chinese in the Chinese string"


@pytest.mark.parametrize("pattern", sorted(USED))
def test_every_key_in_the_code_exists(pattern: str) -> None:
    assert any(re.fullmatch(pattern, key) for key in STRINGS["en"]), f"{USED[pattern].name} asks for {pattern}"


@pytest.mark.parametrize("key", STRINGS["en"])
def test_every_string_is_used(key: str) -> None:
    assert any(re.fullmatch(pattern, key) for pattern in USED)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_visible_words_in_the_code(source: Path) -> None:
    """Widgets and texts get their words from t(): no literal with letters is the first argument of an st.* call."""
    silent = {"query_params", "cache_resource", "component", "get", "setdefault", "container", "get_option", "pop"}
    for call in calls(source):
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func).startswith("st.") and call.args:
            first = call.args[0]
            if call.func.attr not in silent and isinstance(first, ast.Constant) and isinstance(first.value, str):
                pytest.fail(f"line {call.lineno}: {ast.unparse(call)[:80]}")


@pytest.mark.parametrize("place", places.PLACES.values(), ids=lambda place: place.key)
def test_every_page_has_its_prose_in_both_languages(place: places.Place) -> None:
    texts = {
        language: (ROOT / "content" / f"{place.key}.{language}.md").read_text("utf-8") for language in i18n.LANGUAGES
    }
    formulas = {language: re.findall(r"\$\$.+?\$\$", text, re.DOTALL) for language, text in texts.items()}
    assert formulas["en"] == formulas["zh"] != []
    assert re.search(r"[\u4e00-\u9fff]{10}", texts["zh"]) and not re.search(r"[\u4e00-\u9fff]", texts["en"])


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        i18n.t("no.such.key")
