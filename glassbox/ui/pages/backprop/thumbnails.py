"""The phases of a training step as a row of thumbnails: activations on the way forward, errors on the way back."""

from collections.abc import Callable
from functools import partial

import numpy as np

from glassbox.explain.backward_pass import Array
from glassbox.ui.base import palette
from glassbox.ui.base.formats import number
from glassbox.ui.base.i18n import language, t
from glassbox.ui.base.results import Results, kept
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.charts import stage_pictures
from glassbox.ui.charts.stage_pictures import Drawn
from glassbox.ui.components.stepper import StepPicture
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.backprop.phases import PHASES
from glassbox.ui.pages.backprop.training_step import TrainingStep

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_KEPT: Entry[Results] = declare("backprop_thumbnails", Kind.RESULTS, {})
SHARED, OWN = 48, 4
"""Rows kept of the samples for all visitors, and of a visitor's own digit in the session, some 10 kB each."""


def kept_thumbnails(page: Page, step: TrainingStep, dark: bool) -> list[StepPicture]:
    """Return the thumbnails of a step on the visitor's picture, drawn once."""
    what = (step.card.sha256, page.reader.provider.name, page.picture.link, step.label, step.rate)
    return _kept.of(page.picture.everybodys)(what, dark, language(), partial(thumbnails, step, dark))


@kept(_KEPT, shared=SHARED, own=OWN)
def _kept(
    what: tuple[object, ...], dark: bool, language: str, _draw: Callable[[], list[StepPicture]]
) -> list[StepPicture]:
    return _draw()


def thumbnails(step: TrainingStep, dark: bool) -> list[StepPicture]:
    """Return a thumbnail a phase, under its title the number that the phase computes, whose cell is framed."""
    backward, before, (feature, label) = step.backward, step.before, step.followed_weight
    feature_cell, label_cell = (0, feature), (label,)
    unit, output = (str(place).translate(_SUBSCRIPTS) for place in (feature + 1, label))
    features, feature_errors = before.tensors[backward.features], before.errors[backward.features]
    score_errors = before.errors[backward.score][0]
    gradients = before.gradients[backward.kernel][:, label]
    changes = (step.update.weights[backward.kernel] - backward.weights[backward.kernel])[:, label]
    bars, column = stage_pictures.bars, stage_pictures.column
    drawn: dict[str, tuple[Drawn, str, float, tuple[int, ...]]] = {
        "forward": (column(features, dark), f"h{unit}", features[feature_cell], feature_cell),
        "loss": (bars(before.probabilities, dark, full=1), "L", before.loss, label_cell),
        "output": (bars(score_errors, dark), f"δ{output}", score_errors[label], label_cell),
        "hidden": (column(feature_errors, dark), f"∂L/∂h{unit}", feature_errors[feature_cell], feature_cell),
        "gradient": (_as_features(gradients, dark), "∂L/∂w", gradients[feature], feature_cell),
        "update": (_as_features(changes, dark), "Δw", changes[feature], feature_cell),
        "result": (bars(step.after.probabilities, dark, full=1), "L'", step.after.loss, label_cell),
    }
    return [_thumbnail(phase, *drawn[phase]) for phase in PHASES]


def _thumbnail(phase: str, drawn: Drawn, symbol: str, value: float, cell: tuple[int, ...]) -> StepPicture:
    height, width, _ = drawn.colours.shape
    title, equation = t(f"backprop.{phase}"), f"{symbol} = {number(float(value))}"
    return StepPicture(
        title=title,
        shape=equation,
        source=palette.png(drawn.colours),
        width=width,
        height=height,
        marked=(drawn.box(cell),),
        alt=t("backprop.alt", title=title, said=equation),
    )


def _as_features(values: Array, dark: bool) -> Drawn:
    """Draw what belongs to the weights of one label, (features,), as the features are drawn."""
    return stage_pictures.column(np.asarray(values)[None], dark)
