"""What each model is called and which colour it has, as its card says."""

from functools import cache
from pathlib import Path

from glassbox import paths
from glassbox.ui.base import palette
from glassbox.ui.base.i18n import language
from glassbox.zoo import folder
from glassbox.zoo.cards import Display


def displays() -> dict[str, Display]:
    """Return how each model whose card says so is shown, by its name, in the zoo's order."""
    return _displays(paths.MODELS)


def model_name(name: str) -> str:
    """Return what the model `name` is called in the visitor's language; its folder's name if its card does not say."""
    display = displays().get(name)
    return display.name(language()).short if display else name


def long_model_name(name: str) -> str:
    """Return the model's name without abbreviations, "" if its card has none."""
    display = displays().get(name)
    return display.name(language()).long if display else ""


def model_colour(name: str) -> str:
    """Return the model's colour as #RRGGBB, a grey if its card has none.

    The shipped ones are at least 3.5 : 1 against the paper of both themes (WCAG 1.4.11 asks 3 : 1), in hues that
    colour-blind eyes keep apart (after Okabe and Ito, https://jfly.uni-koeln.de/color/). A name always stands beside
    the colour.
    """
    display = displays().get(name)
    return display.colour if display and display.colour else palette.GREY


@cache  # read once: the models themselves are loaded once too
def _displays(models: Path) -> dict[str, Display]:
    return {name: listing.display for name, listing in folder.listings(models).items() if listing.display}
