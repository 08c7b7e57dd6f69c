"""A language model writes character by character; at each one the visitor can choose another and go on from there."""

from glassbox.ui.frame import shell
from glassbox.ui.pages.writing import controls, record, state, view

with shell.page("writing") as page:
    state.follow_link()
    controls.draw()
    view.sheet(page.reader.provider.name)
    record.draw()
