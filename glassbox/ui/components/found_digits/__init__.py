"""The digits found on a picture as a row to choose from, by touch, mouse or the arrow keys."""

from collections.abc import Callable, Sequence

from glassbox.ui.base import payload
from glassbox.ui.base.i18n import t
from glassbox.ui.components.register import register

# Not in a shadow root: the digits belong to the page's text.
_component = register(__file__, isolate_styles=False)


def found_digits(
    labels: Sequence[str], chosen: int, legend: str, on_chosen: Callable[[int], None], key: str = "found_digits"
) -> None:
    """Show the digits by their `labels`, that with the index `chosen` marked; `on_chosen` gets the index of another."""
    count = len(labels)

    def picked() -> None:
        index = payload.parse(payload.sent(key, "chosen"), payload.Index)
        if index is not None and index < count:
            on_chosen(index)

    _component(
        key=key,
        data={
            "legend": legend,
            "chosen": chosen,
            "digits": [
                {
                    "label": label,
                    "name": t("components.found_digits.one", number=number, count=count, label=label),
                }
                for number, label in enumerate(labels, 1)
            ],
        },
        on_chosen_change=picked,
    )
