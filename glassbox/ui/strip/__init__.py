"""What the networks see: the steps from a picture to 28x28, the last one large, with the value of each pixel."""

from collections.abc import Sequence

from glassbox.images import Step
from glassbox.ui.component import register
from glassbox.ui.i18n import t
from glassbox.ui.pixels import data_uri

# Not in a shadow root: its captions belong to the page's text.
_component = register(__file__, isolate_styles=False)


def strip(steps: Sequence[Step], key: str = "strip") -> None:
    """Draw `steps` in their order; the last is the digit, uint8 (28, 28)."""
    *before, last = steps
    _component(
        key=key,
        data={
            "steps": [
                _words(step, number) | {"source": data_uri(step.pixels)} for number, step in enumerate(before, 1)
            ],
            "digit": _words(last, len(steps)) | {"values": last.pixels.tolist()},
            "words": {"pixel": t("strip.pixel"), "explore": t("strip.explore")},
        },
    )


def _words(step: Step, number: int) -> dict[str, object]:
    return {"name": f"{number} {t(f'step.{step.name}')}", "done": t(f"step.{step.name}_help"), "kind": step.name}
