"""What the shipped models are called, for tests that look for it on a page."""

from glassbox.zoo import folder


def english(name: str) -> str:
    display = folder.listings()[name].display
    assert display, f"the card of {name} does not say how it is shown"
    return display.name("en").short
