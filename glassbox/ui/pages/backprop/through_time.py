"""Back-propagation through time: how large the error of a recurrent network's state is after each row."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from glassbox.explain.backward_pass import through_time
from glassbox.ui.base import formats
from glassbox.ui.base.formats import number
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_colour, model_name
from glassbox.ui.components.curves import Axis, Curve, curves
from glassbox.ui.frame import networks
from glassbox.ui.frame.shell import Page
from glassbox.ui.pages.backprop.training_step import network_input

UNCHANGED = 1.25
"""Up to this ratio of the first to the last, an error counts as neither vanishing nor exploding."""


def error_norms(page: Page, models: Sequence[str], label: int) -> dict[str, NDArray[np.float64]]:
    """Return the length of the state's error after each row, (28,), for each of `models` that is recurrent."""
    norms = {}
    for name in models:
        backward = networks.backward_pass(page.reader, name)
        if backward.states:
            norms[name] = through_time(backward.run(network_input(page), label).errors[backward.states])
    return norms


def draw_error_norms(norms: Mapping[str, NDArray[np.float64]]) -> None:
    """Draw the length of the state's error by row, a curve a network, on a logarithmic axis."""
    curves(
        np.arange(1, len(next(iter(norms.values()))) + 1),
        [Curve(model_name(name), values, model_colour(name)) for name, values in norms.items()],
        across=Axis(t("backprop.time.row_axis")),
        up=Axis(t("backprop.time.error_axis"), "log"),
        alt=t("backprop.time.alt", said=summary(norms)),
        key="through_time",
        height=360,
    )


def summary(norms: Mapping[str, NDArray[np.float64]]) -> str:
    """Return, network by network, whether the error vanishes, explodes or lasts from the last row back to the first."""
    sentences = []
    for name, values in norms.items():
        first, last = float(values[0]), float(values[-1])
        ratio = first / max(last, float(np.finfo(np.float32).tiny))
        kind = "fades" if ratio < 1 / UNCHANGED else "grows" if ratio > UNCHANGED else "holds"
        values_by_name = {
            "model": model_name(name),
            "first": number(first),
            "last": number(last),
            "share": formats.rough(ratio),
        }
        sentences.append(t(f"backprop.time.{kind}", **values_by_name))
    return t("backprop.time.comma").join(sentences)
