"""A language model writes, one character after the other, and at every place another way can be taken."""

from glassbox.ui import writing_desk, writing_view
from glassbox.ui.frame import shell

with shell.page("writing") as page:
    writing_desk.follow_link()
    writing_view.controls()
    writing_view.sheet(page.reader.provider.name)
    if (card := writing_desk.card()) is not None:
        writing_view.size(card)
