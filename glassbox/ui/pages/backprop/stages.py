"""The beats of a step of back-propagation as a row of small pictures: numbers on their way there, and errors back."""

import numpy as np

from glassbox.explain.backward_pass import Array
from glassbox.ui.base import palette
from glassbox.ui.base.formats import number
from glassbox.ui.base.i18n import t
from glassbox.ui.charts import stage_pictures
from glassbox.ui.charts.stage_pictures import Drawn
from glassbox.ui.components.stepper import StepPicture
from glassbox.ui.pages.backprop.view import BEATS, Step

_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def stages(made: Step, dark: bool) -> list[StepPicture]:
    """A picture a beat, with the number that the beat is about under its name and the followed cell framed."""
    backward, before, (feature, label) = made.student.backward, made.before, made.cell
    spot: tuple[int, ...] = (0, feature)
    unit = str(feature + 1).translate(_BELOW)
    features, error = before.tensors[backward.features], before.errors[backward.features]
    z = before.errors[backward.score][0]
    change = made.lesson.weights[backward.kernel] - backward.weights[backward.kernel]
    drawn: dict[str, tuple[Drawn, str, tuple[int, ...]]] = {
        "forward": (stage_pictures.column(features, dark), f"h{unit} = {_text(features[spot])}", spot),
        "loss": (stage_pictures.bars(before.probabilities, dark), f"L = {number(before.loss)}", (label,)),
        "output": (stage_pictures.bars(z, dark), f"δ{str(label).translate(_BELOW)} = {_text(z[label])}", (label,)),
        "hidden": (stage_pictures.column(error, dark), f"∂L/∂h{unit} = {_text(error[spot])}", spot),
        "gradient": (
            _unit(before.gradients[backward.kernel][:, label], dark),
            f"∂L/∂w = {_text(before.gradients[backward.kernel][feature, label])}",
            spot,
        ),
        "update": (_unit(change[:, label], dark), f"Δw = {_text(change[feature, label])}", spot),
        "again": (stage_pictures.bars(made.after.probabilities, dark), f"L' = {number(made.after.loss)}", (label,)),
    }
    return [_stage(beat, *drawn[beat]) for beat in BEATS]


def _stage(beat: str, drawn: Drawn, said: str, spot: tuple[int, ...]) -> StepPicture:
    height, width, _ = drawn.colours.shape
    title = t(f"backprop.{beat}")
    source = palette.png(drawn.colours)
    return StepPicture(
        title, said, source, width, height, (drawn.box(spot),), t("backprop.alt", title=title, said=said)
    )


def _unit(values: Array, dark: bool) -> Drawn:
    """What belongs to the weights of one label, (features,), laid out as the features are."""
    return stage_pictures.column(np.asarray(values)[None], dark)


def _text(value: np.floating) -> str:
    return number(float(value))
