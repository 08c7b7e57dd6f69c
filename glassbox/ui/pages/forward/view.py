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
from glassbox.ui.components.stepper import StepPicture, stepper
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
_STEP = declare("forward_step", Kind.CONTROL, 0, parameter="beat")
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
    """Draw the layers as a row of pictures, and the chosen one enlarged beside its formula."""
    linked(_TEMPERATURE, _from_link)
    steps = layer_steps(page, model)
    step_numbers = {str(i + 1): i for i in range(len(steps))}
    linked(_STEP, step_numbers.get, lambda i: str(i + 1))
    shown = min(_STEP.get(), len(steps) - 1)
    with st.container(key="gb_lesson"):
        stepper([step.picture for step in steps], step=shown, on_step=_STEP.set)
    step = steps[shown]
    with st.container(key="gb_beat"):
        left, right = st.columns([2, 3], gap="large")
    with left:
        labels = page.reader.zoo.cards[model].labels if step.layer in _DRAWN_AS_BARS else ()
        st.html(_enlarged(step.picture, labels))
    with right:
        st.header(f"{shown + 1}. {step.picture.title}", anchor=False)
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
    shape = " × ".join(str(size) for size in values.shape if size > 1)
    picture = StepPicture(
        title=title,
        shape=shape,
        source=palette.png(drawn.colours),
        width=width,
        height=height,
        marked=tuple(drawn.box(cell) for cell in forward.cells(layer)),
        alt=t(
            "forward.alt",
            title=title,
            shape=shape,
            least=formats.number(float(values.min())),
            most=formats.number(float(values.max())),
        ),
    )
    explanation = next((cell for cell in forward.trace if cell.tensor == layer), None)
    text = t(f"forward.{kind}_text", **_verdict(forward))
    if layer == "softmax" and forward.temperature != forward.card.calibration.temperature:
        share = formats.percent(float(forward.probabilities.max()))
        text += " " + t("forward.softmax_elsewhere", temperature=f"{forward.temperature:.2f}", share=share)
    return LayerStep(
        layer=layer,
        picture=picture,
        formula=_formula(forward, layer, explanation),
        text=text,
        explanation=explanation if layer != "picture" else None,
    )


def _verdict(forward: _ForwardPass) -> dict[str, str]:
    """Return the words of the verdict, whose confidence is that of the card's temperature."""
    own = forward.card.calibration.temperature
    confidence = float(calibrated(forward.inside.tensors["logits"][0], "logits", own).max())
    return {
        "model": model_name(forward.model),
        "label": str(forward.label),
        "share": formats.percent(confidence),
        "temperature": f"{own:.2f}",
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
