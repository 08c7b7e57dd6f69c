"""The steps from a picture to the digit that the networks read, 28x28 pixels, with the value of each pixel."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from glassbox.ui.base.i18n import t
from glassbox.ui.charts.pixels import Shown
from glassbox.ui.components.register import register

# Not in a shadow root: its captions belong to the page's text.
_component = register(__file__, isolate_styles=False)


def preparation(digit: NDArray[np.uint8], steps: Sequence[Shown], key: str = "strip") -> None:
    """Draw the pictures `steps` in their order, and after them the `digit`, uint8 (28, 28)."""
    _component(
        key=key,
        data={
            "steps": [
                _words(step.name, f"{number} ") | {"source": step.source} for number, step in enumerate(steps, 1)
            ],
            "digit": _words("digit", f"{len(steps) + 1} " if steps else "") | {"values": digit.tolist()},
            "words": {"pixel": t("components.preparation.pixel"), "explore": t("components.preparation.explore")},
        },
    )


def _words(name: str, number: str) -> dict[str, object]:
    return {
        "name": f"{number}{t(f'components.preparation.step.{name}')}",
        "done": t(f"components.preparation.step.{name}_help"),
        "kind": name,
    }
