"""The hand-drawn sample digits as a row of buttons."""

from collections.abc import Callable

from glassbox.digits import strokes
from glassbox.ui.base import payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

_component = register(__file__)


def samples(on_picked: Callable[[int], object], key: str = "samples") -> None:
    """Show every sample; `on_picked` gets the index of the one that was clicked."""

    def picked() -> None:
        index = payload.parse(payload.sent(key, "picked"), payload.Index)
        if index is not None and index < len(strokes.SAMPLES):
            on_picked(index)

    _component(
        key=key,
        data={
            "samples": [
                {"strokes": sample.strokes, "label": t("components.samples.one", number=number, label=sample.label)}
                for number, sample in enumerate(strokes.SAMPLES, 1)
            ],
            "label": t("components.samples.all"),
        },
        on_picked_change=picked,
    )
