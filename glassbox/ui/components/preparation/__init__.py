"""The steps from a picture to the digit that the networks read, 28x28 pixels, with the value of each pixel."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from glassbox.ui.base import payload
from glassbox.ui.base.i18n import t
from glassbox.ui.charts.pixels import Shown
from glassbox.ui.components.register import register

# Not in a shadow root: its captions belong to the page's text.
_component = register(__file__, isolate_styles=False)


Box = tuple[float, float, float, float]
"""Left, top, right and bottom as shares of the picture."""


def preparation(
    digit: NDArray[np.uint8],
    steps: Sequence[Shown],
    boxes: Sequence[Box] = (),
    chosen: int = 0,
    on_chosen: Callable[[int], None] = lambda index: None,
    key: str = "strip",
) -> None:
    """Draw the pictures `steps` in their order, and after them the `digit`, uint8 (28, 28).

    `boxes` are drawn on the first, that with the index `chosen` marked; `on_chosen` gets the index of one clicked. They
    can be chosen with the pointer alone: beside them belongs a control that needs none.
    """

    def picked() -> None:
        index = payload.parse(payload.sent(key, "chosen"), payload.Index)
        if index is not None and index < len(boxes):
            on_chosen(index)

    _component(
        key=key,
        data={
            "boxes": list(boxes),
            "chosen": chosen,
            "steps": [
                _words(step.name, f"{number} ") | {"source": step.source} for number, step in enumerate(steps, 1)
            ],
            "digit": _words("digit", f"{len(steps) + 1} " if steps else "") | {"values": digit.tolist()},
            "words": {"pixel": t("components.preparation.pixel"), "explore": t("components.preparation.explore")},
        },
        on_chosen_change=picked,
    )


def _words(name: str, number: str) -> dict[str, object]:
    return {
        "name": f"{number}{t(f'components.preparation.step.{name}')}",
        "done": t(f"components.preparation.step.{name}_help"),
        "kind": name,
    }
