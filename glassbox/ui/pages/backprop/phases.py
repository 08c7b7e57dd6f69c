"""The seven phases of a training step, forward, backward and forward again: the maps and the sentences of each."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from glassbox.digits.tensors import rescaled
from glassbox.explain.backward_pass import Array
from glassbox.ui.base.formats import number, probability
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts.tensor_layout import flat
from glassbox.ui.components.maps import Row, Tile, symmetric
from glassbox.ui.frame.plain_softmax import plain_softmax_note
from glassbox.ui.pages.backprop.training_step import TrainingStep

PHASES = ("forward", "loss", "output", "hidden", "gradient", "update", "result")
PHASE = declare("backprop_beat", Kind.CONTROL, 0, parameter="beat")
"""The place in PHASES of the one that is shown."""
_WIDE, _NARROW = 340, 200
"""Pixels across of a map: wide where it is wider than high, or large."""
_LARGE_MATRIX = 512
"""Rows from which on a weight matrix is shown by the column of one unit."""


def phase_maps(step: TrainingStep, phase: str) -> list[Row]:
    """Return the maps of a phase: activations on the way forward, errors on the way back, then weights."""
    return [Row(tuple(_TILES[phase](step)))]


def phase_text(step: TrainingStep, phase: str) -> str:
    """Return what happens in a phase, in a sentence or two."""
    values = {
        "label": str(step.label),
        "model": model_name(step.model),
        "p": number(float(step.before.probabilities[step.label])),
        "p_after": number(float(step.after.probabilities[step.label])),
        "confidence": plain_softmax_note(step.card, step.before.tensors[step.backward.score][0], step.label),
        "loss": number(step.before.loss),
        "loss_after": number(step.after.loss),
        "rate": number(step.rate),
        "count": f"{sum(weight.size for weight in step.backward.weights.values()):,}",
    }
    return t(f"backprop.{phase}_words", **values)


def loss_change(step: TrainingStep) -> str:
    """Return how the loss changed, as a sentence: it falls, unless the step was too long or had nothing to teach."""
    if step.update.stopped:
        return t("backprop.teach.stopped", rate=number(step.rate), step=step.update.stopped.step)
    before, after = number(step.before.loss), number(step.after.loss)
    if before == after:
        return t("backprop.level", before=before)
    if step.after.loss < step.before.loss:
        return t("backprop.fell", before=before, after=after)
    return t("backprop.rose", before=before, after=after, rate=number(step.rate))


def label_map(
    title: str,
    values: NDArray[np.floating],
    *,
    label: int,
    colour: str,
    signed: bool = False,
) -> Tile:
    """Return `values`, one a label, as a row of cells, that of `label` written out: probabilities unless `signed`."""
    cells = np.asarray(values, np.float64).reshape(1, -1)
    low, high = symmetric(cells) if signed else (0.0, 1.0)
    value = float(cells[0, label])
    text = probability(value) if not signed and 0 < value < 1 else number(value)
    note = t("backprop.ten", label=label, value=text)
    return Tile(cells, title, low=low, high=high, note=note, colour=colour, width=_WIDE)


def _forward(step: TrainingStep) -> list[Tile]:
    colour, backward = model_colour(step.model), step.backward
    tiles = [Tile(rescaled(step.digit), t("backprop.picture"), low=0.0, high=1.0, colour=colour)]
    for name in backward.hidden:
        tiles.append(_tensor_map(name, step.before.tensors[name], colour))
    scores = step.before.tensors[backward.score]
    tiles.append(_tensor_map(t("backprop.scores"), scores, colour))
    tiles.append(label_map("p = softmax(z)", step.before.probabilities, label=step.label, colour=colour))
    return tiles


def _loss(step: TrainingStep) -> list[Tile]:
    colour, truth = model_colour(step.model), np.eye(len(step.before.probabilities))[step.label]
    return [
        label_map("p", step.before.probabilities, label=step.label, colour=colour),
        label_map(t("frame.questions.truth_map"), truth, label=step.label, colour=colour),
    ]


def _output(step: TrainingStep) -> list[Tile]:
    error = step.before.errors[step.backward.score]
    return [*_loss(step), label_map("δ = p − y", error, label=step.label, colour=model_colour(step.model), signed=True)]


def _hidden(step: TrainingStep) -> list[Tile]:
    colour = model_colour(step.model)
    names = reversed(step.backward.hidden)
    return [
        label_map("δ = p − y", step.before.errors[step.backward.score], label=step.label, colour=colour, signed=True),
        *(_tensor_map(f"∂L/∂ {name}", step.before.errors[name], colour, signed=True) for name in names),
    ]


def _gradient(step: TrainingStep) -> list[Tile]:
    colour, backward = model_colour(step.model), step.backward
    tiles = []
    for name, gradient in reversed(step.before.gradients.items()):
        shown, shown_name = _shown_part(name, gradient, step)
        tiles.append(_tensor_map(f"∂L/∂ {shown_name}", shown, colour, signed=True))
    return tiles if backward.hidden else tiles[:2]


def _update(step: TrainingStep) -> list[Tile]:
    colour, backward = model_colour(step.model), step.backward
    name = backward.kernel
    titled = [
        (t("backprop.weights_before"), backward.weights[name]),
        (t("backprop.change"), step.update.weights[name] - backward.weights[name]),
        (t("backprop.weights_after"), step.update.weights[name]),
    ]
    return [_tensor_map(title, _shown_part(name, values, step)[0], colour, signed=True) for title, values in titled]


def _result(step: TrainingStep) -> list[Tile]:
    colour = model_colour(step.model)
    return [
        label_map(t("backprop.p_before"), step.before.probabilities, label=step.label, colour=colour),
        label_map(t("backprop.p_after"), step.after.probabilities, label=step.label, colour=colour),
    ]


_TILES: Mapping[str, Callable[[TrainingStep], list[Tile]]] = {
    "forward": _forward,
    "loss": _loss,
    "output": _output,
    "hidden": _hidden,
    "gradient": _gradient,
    "update": _update,
    "result": _result,
}


def _shown_part(name: str, values: Array, step: TrainingStep) -> tuple[Array, str]:
    """Return what is shown of `values`, a number for each cell of the weight `name`, and how that is called.

    All of them; of a large matrix those of one unit, the true label's or the one with the largest gradients, laid out
    as what the unit reads.
    """
    if values.ndim != 2 or values.shape[0] < _LARGE_MATRIX:
        return (values.T if name == step.backward.kernel else values), name
    unit = int(np.abs(step.before.gradients[name]).sum(0).argmax())
    if name == step.backward.kernel:
        unit = step.label
        shape = step.before.tensors[step.backward.hidden[-1]].shape[1:]
        return values[:, unit].reshape(shape), f"{name} → {unit}"
    return values[:, unit].reshape(28, 28), f"{name} → {unit + 1}"


def _tensor_map(title: str, values: Array, colour: str, *, signed: bool = False) -> Tile:
    shown = flat(values)
    low, high = symmetric(shown) if signed or shown.min() < 0 else (0.0, float(shown.max()))
    sizes = " × ".join(str(size) for size in values.shape if size != 1)
    width = _WIDE if shown.shape[1] > 1.6 * shown.shape[0] or shown.size > 2000 else _NARROW
    return Tile(shown, title, low=low, high=high, note=sizes, colour=colour, width=width)
