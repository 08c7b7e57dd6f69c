"""One step of back-propagation on the visitor's picture, a beat at a time: maps, formulas and sentences."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.digits.reader import Reader
from glassbox.digits.tensors import rescaled
from glassbox.explain.backward_pass import Array, Backward, Pass, through_time
from glassbox.training.teacher import Lesson, Teacher
from glassbox.ui.base.formats import number, probability
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.charts.tensor_layout import flat
from glassbox.ui.components.curves import Axis, Curve, curves
from glassbox.ui.components.maps import Row, Tile, symmetric
from glassbox.ui.frame import networks
from glassbox.ui.frame.shell import Page

BEATS = ("forward", "loss", "output", "hidden", "gradient", "update", "again")
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
MODEL = declare("backprop_model", Kind.CONTROL, "", parameter="model")
BEAT = declare("backprop_beat", Kind.CONTROL, 0, parameter="beat")
RATE = declare("backprop_rate", Kind.CONTROL, 0.03, parameter="rate")
"""The learning rate: at first the loss falls visibly in one step, and rarely overshoots."""
ALIKE = 1.25
"""Up to this ratio an error has kept its size."""
WIDE = 340
"""Pixels across of what is wider than it is high."""


@dataclass(frozen=True)
class Student:
    """A network prepared for lessons, once for all visitors."""

    backward: Backward
    teacher: Teacher


@dataclass(frozen=True)
class Step:
    """One step of learning: before, the update, and after. `label` is the true one."""

    model: str
    label: int
    rate: float
    digit: NDArray[np.uint8]
    student: Student
    before: Pass
    lesson: Lesson
    after: Pass

    @property
    def cell(self) -> tuple[int, int]:
        """The weight that the beats follow, (feature, label): of the true label, the one with the largest gradient."""
        gradient = self.before.gradients[self.student.backward.kernel]
        return int(np.abs(gradient[:, self.label]).argmax()), self.label


def student(reader: Reader, model: str) -> Student:
    """The network `model`, ready to be taught."""
    return Student(networks.backward_pass(reader, model), networks.teacher(reader, model))


def step(page: Page, model: str, label: int, rate: float) -> Step:
    """Make one step on the visitor's picture, with the network's own weights."""
    taught, picture = student(page.reader, model), picture_of(page)
    before = taught.backward.run(picture, label)
    lesson = taught.teacher.teach(picture, label, 1, rate)
    after = taught.backward.run(picture, label, lesson.weights)
    return Step(model, label, rate, page.picture.digit, taught, before, lesson, after)


def picture_of(page: Page) -> Array:
    """The visitor's digit as networks take it, float32 (28, 28) in [0, 1]."""
    return rescaled(page.picture.digit)


def rows(made: Step, beat: str) -> list[Row]:
    """The maps of a beat: activations on the way forward, errors on the way back, then weights."""
    return [Row(tuple(_TILES[beat](made)))]


def words(made: Step, beat: str) -> str:
    """What happens in the beat, in a sentence or two."""
    values = {
        "label": str(made.label),
        "model": model_name(made.model),
        "p": number(float(made.before.probabilities[made.label])),
        "p_after": number(float(made.after.probabilities[made.label])),
        "loss": number(made.before.loss),
        "loss_after": number(made.after.loss),
        "rate": number(made.rate),
        "count": f"{sum(cells.size for cells in made.student.backward.weights.values()):,}",
    }
    return t(f"backprop.{beat}_words", **values)


def outcome(made: Step) -> str:
    """How the loss changed: it falls, unless the step was too long."""
    if made.lesson.stopped:
        return t("backprop.teach.stopped", rate=number(made.rate), step=made.lesson.stopped.step)
    before, after = number(made.before.loss), number(made.after.loss)
    if made.after.loss < made.before.loss:
        return t("backprop.fell", before=before, after=after)
    return t("backprop.rose", before=before, after=after, rate=number(made.rate))


def errors_through_time(page: Page, models: Sequence[str], label: int) -> dict[str, NDArray[np.float64]]:
    """How large the error of the state is after each row, (28,), for each recurrent network."""
    lengths = {}
    for name in models:
        found = networks.backward_pass(page.reader, name)
        if found.states:
            lengths[name] = through_time(found.run(picture_of(page), label).errors[found.states])
    return lengths


def draw_through_time(lengths: Mapping[str, NDArray[np.float64]]) -> None:
    """The size of each state's error by the row after which the state stands, a curve a network, logarithmic."""
    curves(
        np.arange(1, len(next(iter(lengths.values()))) + 1),
        [Curve(model_name(name), values, model_colour(name)) for name, values in lengths.items()],
        across=Axis(t("backprop.time.row_axis")),
        up=Axis(t("backprop.time.error_axis"), "log"),
        alt=t("backprop.time.alt", said=forgetting(lengths)),
        key="through_time",
        height=360,
    )


def forgetting(lengths: Mapping[str, NDArray[np.float64]]) -> str:
    """What becomes of the error on its way from the last row back to the first, network by network."""
    said = []
    for name, values in lengths.items():
        first, last = float(values[0]), float(values[-1])
        share = first / max(last, float(np.finfo(np.float32).tiny))
        kind = "fades" if share < 1 / ALIKE else "grows" if share > ALIKE else "holds"
        percent = f"{100 * share:.2g}" if share < 0.1 else f"{100 * share:,.0f}"
        words = {
            "model": model_name(name),
            "first": number(first),
            "last": number(last),
            "share": f"{percent} %",
        }
        said.append(t(f"backprop.time.{kind}", **words))
    return t("backprop.time.comma").join(said)


def bars(title: str, probabilities: NDArray[np.floating[Any]], label: int, colour: str, low: float = 0.0) -> Tile:
    """Ten numbers, one a label, as a row of cells."""
    values = np.asarray(probabilities, np.float64).reshape(1, -1)
    ends = symmetric(values) if low < 0 else (0.0, 1.0)
    value = float(values[0, label])
    said = probability(value) if low == 0 and 0 < value < 1 else number(value)
    note = t("backprop.ten", label=label, value=said)
    return Tile(values, title, *ends, note=note, colour=colour, width=WIDE)


def _forward(made: Step) -> list[Tile]:
    colour, backward = model_colour(made.model), made.student.backward
    tiles = [Tile(rescaled(made.digit), t("backprop.picture"), 0.0, 1.0, colour=colour)]
    for name in backward.hidden:
        tiles.append(_tensor(name, made.before.tensors[name], colour))
    scores = made.before.tensors[backward.score]
    tiles.append(_tensor(f"z ({backward.score})", scores, colour))
    tiles.append(bars("p = softmax(z)", made.before.probabilities, made.label, colour))
    return tiles


def _loss(made: Step) -> list[Tile]:
    colour, truth = model_colour(made.model), np.eye(len(made.before.probabilities))[made.label]
    return [
        bars("p", made.before.probabilities, made.label, colour),
        bars(t("frame.questions.truth_map"), truth, made.label, colour),
    ]


def _output(made: Step) -> list[Tile]:
    error = made.before.errors[made.student.backward.score]
    return [*_loss(made), bars("δ = p − y", error, made.label, model_colour(made.model), low=-1.0)]


def _hidden(made: Step) -> list[Tile]:
    colour = model_colour(made.model)
    names = reversed(made.student.backward.hidden)
    return [
        bars("δ = p − y", made.before.errors[made.student.backward.score], made.label, colour, low=-1.0),
        *(_tensor(f"∂L/∂ {name}", made.before.errors[name], colour, sign=True) for name in names),
    ]


def _gradient(made: Step) -> list[Tile]:
    colour, backward = model_colour(made.model), made.student.backward
    tiles = []
    for name, gradient in reversed(made.before.gradients.items()):
        shown, what = _of_weight(name, gradient, made)
        tiles.append(_tensor(f"∂L/∂ {what}", shown, colour, sign=True))
    return tiles if backward.hidden else tiles[:2]


def _update(made: Step) -> list[Tile]:
    colour, backward = model_colour(made.model), made.student.backward
    name = backward.kernel
    shown = [
        (t("backprop.weights_before"), backward.weights[name]),
        (t("backprop.change"), made.lesson.weights[name] - backward.weights[name]),
        (t("backprop.weights_after"), made.lesson.weights[name]),
    ]
    return [_tensor(title, _of_weight(name, values, made)[0], colour, sign=True) for title, values in shown]


def _again(made: Step) -> list[Tile]:
    colour = model_colour(made.model)
    return [
        bars(t("backprop.p_before"), made.before.probabilities, made.label, colour),
        bars(t("backprop.p_after"), made.after.probabilities, made.label, colour),
    ]


_TILES: Mapping[str, Callable[[Step], list[Tile]]] = {
    "forward": _forward,
    "loss": _loss,
    "output": _output,
    "hidden": _hidden,
    "gradient": _gradient,
    "update": _update,
    "again": _again,
}


def _of_weight(name: str, values: Array, made: Step) -> tuple[Array, str]:
    """What is shown of a weight: all of it, or of a large matrix the part that belongs to one unit; and its name."""
    if values.ndim != 2 or values.shape[0] < 512:
        return (values.T if name == made.student.backward.kernel else values), name
    unit = int(np.abs(made.before.gradients[name]).sum(0).argmax())
    if name == made.student.backward.kernel:
        unit = made.label
        shape = made.before.tensors[made.student.backward.hidden[-1]].shape[1:]
        return values[:, unit].reshape(shape), f"{name} → {unit}"
    return values[:, unit].reshape(28, 28), f"{name} → {unit + 1}"


def _tensor(title: str, values: Array, colour: str, sign: bool = False) -> Tile:
    shown = flat(values)
    low, high = symmetric(shown) if sign or shown.min() < 0 else (0.0, float(shown.max()))
    sizes = " × ".join(str(size) for size in values.shape if size != 1)
    width = WIDE if shown.shape[1] > 1.6 * shown.shape[0] or shown.size > 2000 else 200
    return Tile(shown, title, low, high, note=sizes, colour=colour, width=width)
