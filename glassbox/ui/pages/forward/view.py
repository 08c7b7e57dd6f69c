"""Forward propagation layer by layer: a picture of each, and the formula of the cell that is followed through it."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from glassbox.calibration import calibrated
from glassbox.explain.terms.cells import Index
from glassbox.explain.terms.explain import Explanation, Inside
from glassbox.explain.terms.trace import trace
from glassbox.ui.base import formats, palette, style
from glassbox.ui.base.i18n import t
from glassbox.ui.base.link import linked
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts import stage_pictures
from glassbox.ui.charts.stage_pictures import Drawn
from glassbox.ui.components.stepper import StepPicture, hide_others, stepper
from glassbox.ui.components.temperature import HIGHEST, LOWEST, temperature_slider
from glassbox.ui.frame.networks import inside
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.forward import formulas
from glassbox.zoo.digit_models import Card

LAYERS = {
    "mlp": ("picture", "flatten", "hidden", "logits", "softmax"),
    "cnn": ("picture", "conv", "pool", "flatten", "logits", "softmax"),
    "rnn": ("picture", "rnn/states", "logits", "softmax"),
}
_DRAWN_AS_BARS = ("logits", "softmax")
MODEL = declare("forward_model", Kind.CONTROL, "", parameter="model")
OWN = "own"
"""What the link says for the network's own temperature."""
_TEMPERATURE = declare("forward_temperature", Kind.CONTROL, OWN, parameter="temperature")
PARAMETER = "beat"
"""What the link says of the step, counted from 1; the browser writes it."""
BEAT = "gb_beat"
"""The containers of the steps, BEAT_0 and so on."""
_OUTPUT_INPUTS = {"mlp": "h_j", "cnn": "f_j", "rnn": r"h_{28,\,j}"}
"""The symbol of what the output layer reads."""


@dataclass(frozen=True)
class LayerStep:
    """One layer: its picture, the formula of the cell that is followed, a text, and the explanation of that cell, where
    the layer computes it."""

    layer: str
    picture: StepPicture
    formula: str
    text: str
    explanation: Explanation | None


@dataclass(frozen=True)
class _ForwardPass:
    """The numbers inside `model` reading the digit, and the cells that explain the verdict, from it back to a pixel.

    `probabilities`: with the `temperature` that the visitor chose, at first the card's.
    """

    model: str
    inside: Inside
    trace: list[Explanation]
    card: Card
    probabilities: NDArray[np.float64]
    temperature: float
    dark: bool

    @property
    def label(self) -> int:
        return int(self.probabilities.argmax())

    def cells(self, layer: str) -> list[Index]:
        """Return the cells of the trace in a layer: one, but several where a state was carried through time."""
        if layer == "softmax":
            return [(self.label,)]
        if layer != "flatten":
            return [cell.index for cell in self.trace if cell.tensor == layer]
        block = _flattened(self)
        return [(0, int(np.ravel_multi_index(block.index[1:], self.inside.tensors[block.tensor].shape[1:])))]


def layer_steps(page: Page, model: str) -> list[LayerStep]:
    """Return a step a layer of `model` (of LAYERS) as it reads the visitor's digit."""
    card = page.reader.zoo.cards[model]
    numbers = inside(page.reader, model, page.picture.digit)
    chosen = chosen_temperature()
    temperature = card.calibration.temperature if chosen is None else chosen
    probabilities = calibrated(numbers.tensors["logits"][0], "logits", temperature)
    forward = _ForwardPass(
        model=model,
        inside=numbers,
        trace=trace(numbers, "logits", (0, int(probabilities.argmax()))),
        card=card,
        probabilities=probabilities,
        temperature=temperature,
        dark=style.dark(),
    )
    return [_layer_step(forward, layer) for layer in LAYERS[model]]


def show(page: Page, model: str) -> None:
    """Draw the layers as a row of pictures, and below it each enlarged beside its formula: the browser shows one of
    them, and goes from one to the next by itself."""
    linked(_TEMPERATURE, _from_link)
    steps = layer_steps(page, model)
    shown = step_in_link(len(steps))
    with st.container(key="gb_lesson"):
        stepper([step.picture for step in steps], step=shown, containers=BEAT, parameter=PARAMETER)
    hide_others(BEAT, shown, len(steps))
    for number, step in enumerate(steps):
        with st.container(key=f"{BEAT}_{number}"):
            _beat(page, model, step, number)


def step_in_link(count: int) -> int:
    """Return the step of the link, counted from 0; the first where it names none of `count`, the last where a longer
    lesson had more."""
    asked = st.query_params.get(PARAMETER, "")
    number = int(asked) if re.fullmatch(r"[1-9]", asked, re.ASCII) else 1
    return min(number, count) - 1


def _beat(page: Page, model: str, step: LayerStep, number: int) -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        labels = page.reader.zoo.cards[model].labels if step.layer in _DRAWN_AS_BARS else ()
        st.html(_enlarged(step.picture, labels))
    with right:
        st.header(f"{number + 1}. {step.picture.title}", anchor=False)
        st.markdown(step.text)
        st.latex(step.formula)
        if step.explanation is not None and step.explanation.kind == "sum" and step.explanation.engine is not None:
            difference = formats.number(abs(step.explanation.after - step.explanation.engine))
            st.caption(
                "✓ " + t("charts.sum.agrees", engine=formats.number(step.explanation.engine), difference=difference)
            )
        if step.layer == "softmax":
            _slider(page, model)


def chosen_temperature() -> float | None:
    """Return the temperature that the visitor chose, None for the network's own."""
    chosen = _TEMPERATURE.get()
    return None if chosen == OWN else float(chosen)


def _from_link(asked: str) -> str | None:
    """Return a temperature of the link, "0.50" or OWN, if the slider has it."""
    if asked == OWN:
        return OWN
    known = re.fullmatch(r"[0-9]\.[0-9]{2}", asked, re.ASCII) and LOWEST <= float(asked) <= HIGHEST
    return asked if known else None


def _slider(page: Page, model: str) -> None:
    """Draw the slider of the temperature, and the shares that come of it."""
    card = page.reader.zoo.cards[model]
    temperature_slider(
        inside(page.reader, model, page.picture.digit).tensors["logits"][0],
        labels=card.labels,
        colour=model_colour(model),
        own=card.calibration.temperature,
        chosen=chosen_temperature(),
        on_chosen=lambda chosen: _TEMPERATURE.set(OWN if chosen is None else f"{chosen:.2f}"),
    )


def _layer_step(forward: _ForwardPass, layer: str) -> LayerStep:
    kind = layer.rpartition("/")[2]
    values = forward.probabilities[None] if layer == "softmax" else forward.inside.tensors[layer]
    drawn = _drawn(forward, layer, values)
    height, width, _ = drawn.colours.shape
    title = t(f"forward.{kind}")
    explanation = next((cell for cell in forward.trace if cell.tensor == layer), None)
    share = _share(layer, explanation)
    shape = " × ".join(str(size) for size in values.shape if size > 1)
    picture = StepPicture(
        title=title,
        shape=shape,
        source=palette.png(drawn.colours),
        width=width,
        height=height,
        marked=tuple(drawn.box(cell) for cell in forward.cells(layer)),
        share=share,
        share_words=t("forward.thread", share=formats.percent(share)) if share and share < 1 else "",
        rows=_rows(forward, drawn) if layer == "flatten" else (),
        row_width=forward.inside.tensors[_flattened(forward).tensor].shape[-1] if layer == "flatten" else 0,
        alt=t(
            "forward.alt",
            title=title,
            shape=shape,
            least=formats.number(float(values.min())),
            most=formats.number(float(values.max())),
        ),
    )
    text = t(f"forward.{kind}_text", **_verdict(forward))
    if layer == "softmax" and forward.temperature != forward.card.calibration.temperature:
        sure, own = formats.percent(float(forward.probabilities.max())), formats.temperature(forward.temperature)
        text += " " + t("forward.softmax_elsewhere", temperature=own, share=sure)
    return LayerStep(
        layer=layer,
        picture=picture,
        formula=_formula(forward, layer, explanation),
        text=text,
        explanation=explanation if layer != "picture" else None,
    )


def _share(layer: str, explanation: Explanation | None) -> float | None:
    """Return how much of the followed cell came from the one followed in the layer before: its part of the sum of all
    sizes, all of it where the number is handed on or wins; None for what the network is given."""
    if layer == "picture":
        return None
    if explanation is None or explanation.kind != "sum":
        return 1.0
    sizes = np.abs(explanation.terms.products)
    return float(sizes.max() / (sizes.sum() or 1.0))


def _rows(forward: _ForwardPass, flat: Drawn) -> tuple[tuple[float, float, float, float], ...]:
    """Return where each row of the block lies in its picture, and where in the list that `flat` shows: x, y, x, y."""
    block = _flattened(forward)
    values = forward.inside.tensors[block.tensor]
    drawn = _drawn(forward, block.tensor, values)
    places = range(0, values.size, values.shape[-1])
    cells = [(0, *map(int, np.unravel_index(place, values.shape[1:]))) for place in places]
    pairs = [(drawn.box(cell), flat.box((0, place))) for cell, place in zip(cells, places, strict=True)]
    return tuple((float(a[0]), float(a[1]), float(b[0]), float(b[1])) for a, b in pairs)


def _verdict(forward: _ForwardPass) -> dict[str, str]:
    """Return the words of the verdict, whose confidence is that of the card's temperature."""
    own = forward.card.calibration.temperature
    confidence = float(calibrated(forward.inside.tensors["logits"][0], "logits", own).max())
    return {
        "model": model_name(forward.model),
        "label": str(forward.label),
        "share": formats.percent(confidence),
        "temperature": formats.temperature(own),
    }


def _formula(forward: _ForwardPass, layer: str, explanation: Explanation | None) -> str:
    if layer == "softmax":
        values = forward.inside.tensors["logits"][0]
        return formulas.softmax(values, forward.probabilities, forward.temperature)
    if layer == "flatten":
        block = _flattened(forward)
        return formulas.flatten(block.index, forward.inside.tensors[block.tensor].shape, block.after)
    assert explanation is not None  # the trace passes every layer that computes
    if layer == "logits":
        return formulas.logits(explanation, _OUTPUT_INPUTS[forward.model])
    return formulas.FORMULAS[layer](explanation)


def _flattened(forward: _ForwardPass) -> Explanation:
    """Return the cell of the trace in the block of numbers that is flattened."""
    block = {"mlp": "picture", "cnn": "pool"}[forward.model]
    return next(cell for cell in forward.trace if cell.tensor == block)


def _drawn(forward: _ForwardPass, layer: str, values: NDArray[np.floating]) -> Drawn:
    if layer == "picture":
        return stage_pictures.digit(values)
    if layer in _DRAWN_AS_BARS:
        return stage_pictures.bars(values[0], forward.dark, full=1 if layer == "softmax" else None)
    if layer == "rnn/states":
        return stage_pictures.states(values, forward.dark)
    return (stage_pictures.maps if values.ndim == 4 else stage_pictures.column)(values, forward.dark)


def _enlarged(picture: StepPicture, labels: Sequence[str]) -> str:
    """Return the picture as HTML, the followed cells framed, `labels` under the bars of a chart."""
    marks = "".join(
        f'<i style="left:{100 * x / picture.width:.3f}%;top:{100 * y / picture.height:.3f}%;'
        f'width:{100 * width / picture.width:.3f}%;height:{100 * height / picture.height:.3f}%"></i>'
        for x, y, width, height in picture.marked
    )
    drawn = f'<div class="gb-stage"><img src="{picture.source}" alt="{html.escape(picture.alt)}">{marks}</div>'
    foot = "".join(f"<span>{html.escape(label)}</span>" for label in labels)
    return f'{drawn}<div class="gb-stage-labels" aria-hidden="true">{foot}</div>' if labels else drawn
