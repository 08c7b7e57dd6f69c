"""A language model writes character by character; at each one the visitor can choose another and go on from there."""

from glassbox.ui.frame import shell
from glassbox.ui.pages.writing import state, view

with shell.page("writing") as page:
    state.follow_link()
    view.controls()
    view.sheet(page.reader.provider.name)
    if (card := state.card()) is not None:
        view.size(card)
