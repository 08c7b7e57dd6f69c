"""A language model writes, one character after the other, and at every place another way can be taken."""

from glassbox.ui.frame import shell
from glassbox.ui.pages.writing import state, view

with shell.page("writing") as page:
    state.follow_link()
    view.controls()
    view.sheet(page.reader.provider.name)
    if (card := state.card()) is not None:
        view.size(card)
