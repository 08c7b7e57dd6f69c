"""Forward propagation as beats: each layer's numbers, and one thread of cells from a pixel to the verdict."""

import html
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
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts import stage_pictures
from glassbox.ui.charts.stage_pictures import Drawn
from glassbox.ui.components.stepper import StepPicture, stepper
from glassbox.ui.frame.networks import inside
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.forward import formulas

LAYERS = {
    "mlp": ("picture", "flatten", "hidden", "logits", "softmax"),
    "cnn": ("picture", "conv", "pool", "flatten", "logits", "softmax"),
    "rnn": ("picture", "rnn/states", "logits", "softmax"),
}
_BARS = ("logits", "softmax")
MODEL = declare("forward_model", Kind.CONTROL, "", parameter="model")
_STEP = declare("forward_step", Kind.CONTROL, 0, parameter="beat")
READ_BY_OUTPUT = {"mlp": "h_j", "cnn": "f_j", "rnn": r"h_{28,\,j}"}


@dataclass(frozen=True)
class Beat:
    """One layer: its picture, the formula, what is said of it, and where the cell of the formula came from."""

    layer: str
    picture: StepPicture
    formula: str
    text: str
    number: Explanation | None


@dataclass(frozen=True)
class _Reading:
    model: str
    inside: Inside
    thread: list[Explanation]
    probabilities: NDArray[np.float64]
    temperature: float
    dark: bool

    @property
    def label(self) -> int:
        return int(self.probabilities.argmax())

    def cells(self, layer: str) -> list[Index]:
        """The thread's cells in a layer: one, but several where a state was carried through time."""
        if layer == "softmax":
            return [(self.label,)]
        if layer != "flatten":
            return [number.index for number in self.thread if number.tensor == layer]
        block = _flattened(self)
        return [(0, int(np.ravel_multi_index(block.index[1:], self.inside.tensors[block.tensor].shape[1:])))]


def beats(page: Page, model: str) -> list[Beat]:
    """The lesson on `model` (of LAYERS) reading the visitor's digit."""
    card = page.reader.zoo.cards[model]
    found = inside(page.reader, model, page.picture.digit)
    output = found.tensors[card.output.name][0]
    probabilities = calibrated(output, card.output.kind, card.calibration.temperature)
    thread = trace(found, "logits", (0, int(probabilities.argmax())))
    reading = _Reading(model, found, thread, probabilities, card.calibration.temperature, style.dark())
    return [_beat(reading, layer) for layer in LAYERS[model]]


def show(page: Page, model: str) -> None:
    """The row of beats, and the one in front with its formula."""
    all_beats = beats(page, model)
    steps = {str(i + 1): i for i in range(len(all_beats))}
    linked(_STEP, steps.get, lambda i: str(i + 1))
    step = min(_STEP.get(), len(all_beats) - 1)
    with st.container(key="gb_lesson"):
        stepper([beat.picture for beat in all_beats], step=step, on_step=_STEP.set)
    beat = all_beats[step]
    with st.container(key="gb_beat"):
        left, right = st.columns([2, 3], gap="large")
    with left:
        labels = page.reader.zoo.cards[model].labels if beat.layer in _BARS else ()
        st.html(_enlarged(beat.picture, labels))
    with right:
        st.subheader(f"{step + 1}. {beat.picture.title}", anchor=False)
        st.markdown(beat.text)
        st.latex(beat.formula)
        if beat.number is not None and beat.number.kind == "sum" and beat.number.engine is not None:
            difference = formats.number(abs(beat.number.after - beat.number.engine))
            st.caption("✓ " + t("charts.sum.agrees", engine=formats.number(beat.number.engine), difference=difference))


def _beat(reading: _Reading, layer: str) -> Beat:
    kind = layer.rpartition("/")[2]
    values = reading.probabilities[None] if layer == "softmax" else reading.inside.tensors[layer]
    drawn = _drawn(reading, layer, values)
    height, width, _ = drawn.colours.shape
    title = t(f"forward.{kind}")
    shape = " × ".join(str(size) for size in values.shape if size > 1)
    picture = StepPicture(
        title=title,
        shape=shape,
        source=palette.png(drawn.colours),
        width=width,
        height=height,
        marked=tuple(drawn.box(cell) for cell in reading.cells(layer)),
        alt=t("forward.alt", title=title, shape=shape, least=_least(values), most=_most(values)),
    )
    number = next((one for one in reading.thread if one.tensor == layer), None)
    text = t(f"forward.{kind}_text", label=reading.label, share=formats.percent(float(reading.probabilities.max())))
    return Beat(layer, picture, _formula(reading, layer, number), text, number if layer != "picture" else None)


def _formula(reading: _Reading, layer: str, number: Explanation | None) -> str:
    if layer == "softmax":
        values = reading.inside.tensors["logits"][0]
        return formulas.softmax(values, reading.probabilities, reading.temperature)
    if layer == "flatten":
        block = _flattened(reading)
        return formulas.flatten(block.index, reading.inside.tensors[block.tensor].shape, block.after)
    assert number is not None  # the thread passes every layer that computes
    if layer == "logits":
        return formulas.logits(number, READ_BY_OUTPUT[reading.model])
    return formulas.FORMULAS[layer](number)


def _flattened(reading: _Reading) -> Explanation:
    """The thread's cell in the block that the network lays out as a list."""
    block = {"mlp": "picture", "cnn": "pool"}[reading.model]
    return next(number for number in reading.thread if number.tensor == block)


def _drawn(reading: _Reading, layer: str, values: NDArray[np.floating]) -> Drawn:
    if layer == "picture":
        return stage_pictures.digit(values)
    if layer in _BARS:
        return stage_pictures.bars(values[0], reading.dark)
    if layer == "rnn/states":
        return stage_pictures.states(values, reading.dark)
    return (stage_pictures.maps if values.ndim == 4 else stage_pictures.column)(values, reading.dark)


def _enlarged(picture: StepPicture, labels: Sequence[str]) -> str:
    """The picture as HTML, the followed cells framed, `labels` under the bars of a chart."""
    marks = "".join(
        f'<i style="left:{100 * x / picture.width:.3f}%;top:{100 * y / picture.height:.3f}%;'
        f'width:{100 * width / picture.width:.3f}%;height:{100 * height / picture.height:.3f}%"></i>'
        for x, y, width, height in picture.marked
    )
    drawn = f'<div class="gb-stage"><img src="{picture.source}" alt="{html.escape(picture.alt)}">{marks}</div>'
    foot = "".join(f"<span>{html.escape(label)}</span>" for label in labels)
    return f'{drawn}<div class="gb-stage-labels" aria-hidden="true">{foot}</div>' if labels else drawn


def _least(values: NDArray[np.floating]) -> str:
    return formats.number(float(values.min()))


def _most(values: NDArray[np.floating]) -> str:
    return formats.number(float(values.max()))
