"""A tiny transformer learns to sort three letters as the visitor watches: its attention forms while the loss falls."""

from glassbox.ui.frame import shell
from glassbox.ui.pages.sorting import state
from glassbox.ui.pages.sorting.board import board
from glassbox.ui.pages.sorting.controls import control_bar, what_to_see

with shell.page("sorting") as page:
    state.follow_link()
    control_bar()
    what_to_see()
    board()
    state.write_link()
