"""No figure of ours stands in a text by hand: what a text says in numbers is filled in from a record, or listed here.

A number here is a percentage, one with a decimal or one with a comma for thousands.
"""

import json
import re
import tomllib
from collections.abc import Iterator

import pytest

from glassbox.paths import CONTENT, LOCALE, MODELS, ROOT

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?[\s\u00a0]?%|\d{1,3}(?:,\d{3})+|\d+\.\d+|\d+\s?万")
NOT_WORDS = re.compile(r"\{[^}]*\}|\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|\]\([^)]*\)|https?://\S+", re.DOTALL)

DEFINITIONS = {
    "80%": "the example of what a confidence of 80 % means",
    "95%": "the level of every interval",
    "0.5": "the area under the curve of guessing, and the score of a method no better than chance",
    "0.1%": "the rate at which attacks are compared, membership.FALSE_POSITIVE_RATE",
    "99%": "the example of a confident mistake",
}
SETTINGS = {
    "0.01": "a learning rate of the playground, and the smallest change in points that is shown",
    "0.02": "the first step of the search for the smallest change, adversarial.py",
    "0.03": "a learning rate of the playground",
    "0.3": "the largest change of the search, adversarial.py",
    "0.9": "the momentum of the playground",
    "1,000": "the limit on the points of own data",
    "2%": "the noise of the check of steadiness",
    "2,000": "how often the bootstrap draws",
    "10,000": "the test digits of MNIST, and the limit on own texts",
    "70,000": "the digits of MNIST",
}
QUOTED = {
    "1,500": "citations of a milestone, by Epoch AI's rule",
    "1.1": "a data centre's PUE, as published",
    "1.54": "the mean PUE, Uptime Institute",
    "10%": "cooling of a data centre, and codecarbon's width of an interval",
    "2.0": "Cottier et al., the lower end",
    "2.4": "Cottier et al.",
    "2.9": "Cottier et al., the upper end",
    "24.7": "tonnes of CO2, BLOOM",
    "50.5": "tonnes of CO2, BLOOM",
    "3.1": "the name of a model, Llama 3.1",
    "30%": "Epoch AI, for each dollar",
    "38%": "a utilisation, as published",
    "43%": "a utilisation, as published",
    "4.0": "the name of a licence, CC BY 4.0",
    "50%": "Epoch AI, for each watt",
    "6.5": "kilowatts of a server, as published",
    "8.5": "kilowatts of a server, as published",
    "60%": "cooling of a data centre",
    "90%": "the level of Cottier et al.'s interval",
}


def strings(table: dict[str, object], key: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from strings(value, f"{key}{name}.")
        else:
            yield key + name, str(value)


def texts() -> Iterator[tuple[str, str]]:
    for file in (*LOCALE.glob("*/*.toml"), CONTENT / "glossary.toml"):
        for key, text in strings(tomllib.loads(file.read_text(encoding="utf-8"))):
            yield f"{file.parent.name}/{file.name} {key}", text
    for file in CONTENT.glob("*.md"):
        yield file.name, file.read_text(encoding="utf-8")


def test_no_figure_of_ours_is_written_by_hand() -> None:
    allowed = DEFINITIONS | SETTINGS | QUOTED
    found: dict[str, list[str]] = {}
    for place, text in texts():
        for number in NUMBER.findall(NOT_WORDS.sub(" ", text)):
            found.setdefault(re.sub(r"[\s\u00a0]", "", number), []).append(place)
    assert {number: places for number, places in found.items() if number not in allowed} == {}
    assert allowed.keys() == found.keys(), "numbers that no text says any longer"


@pytest.mark.parametrize(
    ("file", "on_processor", "on_gpu"),
    [
        ("README.md", r"([\d.]+) hours of a\s+processor", r"took a GPU (\d+) minutes"),
        ("README.zh.md", r"([\d.]+) 小时处理器时间", r"在显卡上共用 (\d+) 分钟"),
    ],
)
def test_what_all_trainings_take_is_what_the_cards_have_recorded(file: str, on_processor: str, on_gpu: str) -> None:
    cards = [json.loads(path.read_text(encoding="utf-8")) for path in MODELS.glob("*/card.json")]
    trainings = [card["training"] for card in cards if "cpu_seconds" in card.get("training", {})]
    text = (ROOT / file).read_text(encoding="utf-8")
    seconds = sum(one["cpu_seconds"] for one in trainings if "accelerator" not in one)
    assert re.findall(on_processor, text) == [f"{seconds / 3600:.1f}"]
    of_gpu = [one for one in trainings if "accelerator" in one]
    teachers = {json.dumps(one["teacher"]): one["teacher"]["seconds"] for one in of_gpu}  # one, that both learned from
    own = sum(one["seconds"] - one["teacher"]["seconds"] for one in of_gpu)
    assert re.findall(on_gpu, text) == [f"{(own + sum(teachers.values())) / 60:.0f}"]
