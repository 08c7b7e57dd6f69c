"""One probability for one verdict: every page that speaks of a network's verdict on the same digit says the same."""

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from glassbox.calibration import calibrated
from glassbox.digits import images, strokes
from glassbox.digits.reader import Reader, Verdict
from glassbox.digits.tensors import rescaled
from glassbox.explain.attribution.methods import Network
from glassbox.ui.base import formats
from glassbox.ui.base.models import model_name
from glassbox.ui.frame.picture import FIRST_SAMPLE
from glassbox.ui.frame.places import PLACES
from glassbox.zoo import digit_models
from tests.ui.dashboard import component, visit

ZOO = digit_models.load()


def first_digit() -> np.ndarray:
    """The digit that a visit begins with, on which the networks are not sure."""
    paper = 255 - strokes.draw(strokes.SAMPLES[FIRST_SAMPLE].strokes)
    return images.prepare_pixels(np.dstack([paper] * 3 + [np.full_like(paper, 255)])).digit


DIGIT = first_digit()
VERDICTS = Reader(ZOO).read(DIGIT, tuple(ZOO.cards))


def plain(name: str) -> float:
    """The share of a network's verdict by the plain softmax."""
    network = Network(ZOO.model_bytes(name))
    return float(calibrated(network.scores(rescaled(DIGIT)[None]), "logits", 1.0)[0, int(VERDICTS[name].label)])


def texts(app: AppTest) -> list[str]:
    """What the page says outside its components, with LaTeX."""
    shown = [*app.markdown, *app.caption, *app.html, *app.latex, *app.info, *app.warning]
    return [str(one.value) for one in shown if not str(one.value).startswith("<style")]


def on_read(name: str) -> Iterator[str]:
    (card,) = [one for one in component(visit("read"), "cards")["cards"] if one["name"] == name]
    yield card["sure"].removesuffix(" sure")
    yield card["values"][int(card["label"])]


def on_forward(name: str) -> Iterator[str]:
    app = visit("forward", model=name, beat=str({"mlp": 5, "cnn": 6, "rnn": 4}[name]))
    (said,) = [text for text in texts(app) if "With its own T" in text]
    yield re.search(r"[\d.]+%", said)[0]


def on_mlp(name: str) -> Iterator[str]:
    if name == "mlp":
        yield component(visit("mlp"), "mlp_diagram")["now_words"][int(VERDICTS[name].label)]


def on_cnn(name: str) -> Iterator[str]:
    if name.startswith("cnn"):
        (said,) = [text for text in texts(visit("cnn", model=name)) if "first screen" in text]
        yield re.findall(r"[\d.]+%", said)[-1]


def on_rnn(name: str) -> Iterator[str]:
    if name == "rnn":
        app = visit("rnn")
        (network,) = [one for one in component(app, "time_film")["networks"] if one["name"] == name]
        yield network["verdicts"][-1][1]
        yield re.findall(r"[\d.]+%", network["said"])[-1]


def on_backprop(name: str) -> Iterator[str]:
    app = visit("backprop", model=name, label=VERDICTS[name].label)
    (said,) = [text for text in texts(app) if "first screen" in text and "softmax" in text]
    yield re.findall(r"[\d.]+%", said)[-1]
    yield component(app, "lesson_film")["frames"][0]["said"]


def on_explain(name: str) -> Iterator[str]:
    app = visit("explain", networks=name, label=VERDICTS[name].label)
    deletion, insertion = component(app, "erasing")["ways"]
    yield from (deletion["said"][0], insertion["said"][-1])
    for line in deletion["lines"]:
        yield formats.percent(line["values"][0])
    for line in insertion["lines"]:
        yield formats.percent(line["values"][-1])
    (said,) = [text for text in texts(app) if "first screen" in text]
    yield re.findall(r"[\d.]+%", said)[-1]


def on_privacy(name: str) -> Iterator[str]:
    (said,) = [text for text in texts(visit("privacy", part="changes")) if text.startswith(f"**{model_name(name)}** ")]
    yield re.search(r"[\d.]+%", said)[0]


def on_explainability(name: str) -> Iterator[str]:
    (said,) = [text for text in texts(visit("explainability", part="disagreement")) if "Your digit: " in text]
    yield re.search(rf"\b{model_name(name)} \(([\d.]+%)\)", said)[1]


SAYS: dict[str, Callable[[str], Iterator[str]]] = {
    "read": on_read,
    "forward": on_forward,
    "mlp": on_mlp,
    "cnn": on_cnn,
    "rnn": on_rnn,
    "backprop": on_backprop,
    "explain": on_explain,
    "privacy": on_privacy,
    "explainability": on_explainability,
}


def written(verdict: Verdict) -> set[str]:
    """A confidence as pages write it: in per cent, or with three digits beside nine others."""
    return {formats.percent(verdict.confidence), formats.probability(verdict.confidence)}


@pytest.mark.parametrize("page", SAYS)
@pytest.mark.parametrize("name", digit_models.article())
def test_a_page_says_the_confidence_of_the_first_screen(page: str, name: str) -> None:
    said = list(SAYS[page](name))
    assert set(said) <= written(VERDICTS[name])
    assert said or page in ("mlp", "cnn", "rnn")


@pytest.mark.parametrize("page", PLACES)
def test_the_plain_softmax_is_called_so_wherever_it_stands(page: str) -> None:
    """On the pages with a collector above and on all others."""
    share = formats.percent(plain("mlp"))
    assert share != formats.percent(VERDICTS["mlp"].confidence)
    app = visit(page)
    said = [
        text for text in [*texts(app), *(str(one.proto.json) for one in app.get("bidi_component"))] if share in text
    ]
    assert all("plain softmax" in text for text in said)
