"""The plain softmax, which the mathematics of learning works with, beside the calibrated confidence of the verdict."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassbox.calibration import calibrated
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.base.models import model_name
from glassbox.zoo.digit_models import Card


def plain_softmax_note(card: Card, scores: NDArray[np.floating[Any]], label: int) -> str:
    """Return a sentence: the share of `label` by the plain softmax of `scores` (labels,), and by the calibrated one."""
    temperature = card.calibration.temperature
    plain, share = (float(calibrated(scores, "logits", divisor)[label]) for divisor in (1.0, temperature))
    return t(
        "frame.softmax.same" if temperature == 1 else "frame.softmax.divided",
        model=model_name(card.name),
        label=card.labels[label],
        plain=formats.percent(plain),
        share=formats.percent(share),
        temperature=formats.temperature(temperature),
    )
